"""A projection on a database of its own: feed it records in any order and cut, look at what it made of them."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Self

from sqlalchemy import Connection, Engine, create_engine, delete, select
from sqlalchemy.pool import StaticPool

from wanamaker_identity.projection import IdentityProjection
from wanamaker_identity.tables import metadata, outbox
from wanamaker_shared.contracts import identity_updates
from wanamaker_shared.contracts.identity_updates import CookieLinked
from wanamaker_shared.contracts.record import Record, encode
from wanamaker_shared.eventlog.compare import lines
from wanamaker_shared.eventlog.port import Batch, StoredRecord
from wanamaker_shared.eventlog.projection import Counts
from wanamaker_shared.service.keys import Keyring, WorkspaceKeys
from wanamaker_shared.service.planning import create_tables

Entry = tuple[str, Record, bytes]
"""(topic, record, its bytes), as the oracle takes them."""


def keyring(keys: Mapping[str, bytes]) -> Keyring:
    return Keyring(
        WorkspaceKeys(
            workspace=workspace,
            write_key=f"{workspace}-write",
            secret_key=f"{workspace}-secret",
            analyst_key=f"{workspace}-analyst",
            admin_key=f"{workspace}-admin",
            workspace_key=key.hex(),
            webhooks={},
        )
        for workspace, key in keys.items()
    )


class Kept:
    """An identity database in memory (or on `engine`), and the projection that fills it.

    As a context it leaves its database, emptied, to the next: to make one and compile its statements takes longer than most
    of what is drawn.
    """

    _left: ClassVar[list[Engine]] = []

    def __init__(self, keys: Mapping[str, bytes], engine: Engine | None = None, *, generation: int = 1) -> None:
        self.projection = IdentityProjection(keyring(keys), generation)
        if engine is None and self._left:
            self.engine = self._left.pop()
            return
        self.engine = engine or create_engine("sqlite://", poolclass=StaticPool)
        with self.engine.begin() as connection:
            create_tables(connection, metadata)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self.engine.begin() as connection:
            for table in metadata.sorted_tables:
                connection.execute(delete(table))
        self._left.append(self.engine)

    def take(self, entries: Iterable[Entry], cuts: Sequence[int] = ()) -> Counts:
        """Take the records in, in this order: neighbours of one topic as one batch, but never across a cut."""
        total = [0, 0, 0]
        for topic, records in _batches(list(entries), set(cuts)):
            batch = Batch(topic, 0, 0, len(records), tuple(records))
            with self.engine.begin() as connection:
                counts = self.projection.apply(connection, batch)
            assert counts.facts + counts.duplicates + counts.skipped == len(records)
            total = [a + b for a, b in zip(total, (counts.facts, counts.duplicates, counts.skipped), strict=True)]
        return Counts(*total)

    def lines(self) -> list[bytes]:
        """All derived tables, as verify compares them."""
        with self.engine.connect() as connection:
            return [line.encode() for line in lines(connection, metadata)]

    def rows(self, table: str) -> list[dict[str, Any]]:
        with self.engine.connect() as connection:
            return [line.row for line in lines(connection, metadata) if line.table == table]

    def updates(self) -> list[dict[str, Any]]:
        """Everything emitted so far, in order."""
        with self.engine.connect() as connection:
            return [json.loads(value) for value in _values(connection)]

    def latest(self) -> dict[tuple[str, str], Any]:
        """(workspace, identifier) → the value that holds, as attribution would see it; what says nothing is left out."""
        newest: dict[tuple[str, str], tuple[int, Any]] = {}
        with self.engine.connect() as connection:
            for value in _values(connection):
                update = identity_updates.adapter.validate_json(value)
                assert encode(update) == value, "all fields of the contract, as it encodes them"
                if isinstance(update, CookieLinked):
                    said: Any = [each.model_dump() for each in update.links]
                else:
                    said = (update.profile, update.since, update.via) if update.profile else None
                at = update.workspace, update.identifier
                assert update.version == newest.get(at, (0, None))[0] + 1, "versions count up by one"
                newest[at] = update.version, said
        return {at: said for at, (_, said) in newest.items() if said}


def _values(connection: Connection) -> list[bytes]:
    return list(connection.scalars(select(outbox.c.value).order_by(outbox.c.id)))


def _batches(entries: list[Entry], cuts: set[int]) -> Iterable[tuple[str, list[StoredRecord]]]:
    places = itertools.accumulate((place in cuts for place in range(len(entries))), initial=0)
    numbered = zip(places, entries, strict=False)
    for (_, topic), group in itertools.groupby(numbered, key=lambda each: (each[0], each[1][0])):
        yield topic, [StoredRecord(n, "", value) for n, (_, (_, _, value)) in enumerate(group)]
