"""The whole loop in one process without waiting: a log, identity and attribution on their own databases, and their relays.

Whoever schedules it decides which service takes which batch when, at which statement it dies, and which old batch a zombie
hands in again. The runner's step, the projections, the positions and the outbox are the product's.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, ClassVar

from sqlalchemy import Connection, Engine, StaticPool, create_engine, delete, event, select

from tests.oracle.story import KEYS
from wanamaker_attribution.projection import AttributionProjection
from wanamaker_identity.projection import IdentityProjection
from wanamaker_shared.eventlog import step
from wanamaker_shared.eventlog.outbox import outbox_table
from wanamaker_shared.eventlog.partitions import partition_for
from wanamaker_shared.eventlog.port import Batch, StoredRecord, TopicPartition
from wanamaker_shared.eventlog.positions import LostOwnership, position_table, read_progress
from wanamaker_shared.eventlog.projection import Projection
from wanamaker_shared.service.keys import Keyring, WorkspaceKeys

PARTITIONS = 2
KEYRING = Keyring(
    WorkspaceKeys(name, f"w-{name}", f"s-{name}", f"r-{name}", f"a-{name}", key.hex(), {}) for name, key in KEYS.items()
)


class Crash(Exception):
    """The process died here."""


class Log:
    def __init__(self) -> None:
        self.partitions: defaultdict[TopicPartition, list[StoredRecord]] = defaultdict(list)

    def append(self, records: Iterable[tuple[str, str, bytes]]) -> None:
        for topic, key, value in records:
            partition = self.partitions[TopicPartition(topic, partition_for(key, PARTITIONS))]
            partition.append(StoredRecord(len(partition), key, value))

    def batch(self, at: TopicPartition, start: int, end: int) -> Batch:
        return Batch(*at, start, end, tuple(self.partitions[at][start:end]))


class Service:
    """A consuming service: its projection and its database, which outlives its crashes."""

    def __init__(self, projection: Projection) -> None:
        self.projection = projection
        self.engine = _memory()
        self._dies_in: int | None = None
        position_table(projection.metadata)
        self.outbox = outbox_table(projection.metadata)
        projection.metadata.create_all(self.engine)
        self._empty = sqlite3.connect(":memory:")
        self._raw().backup(self._empty)
        event.listen(self.engine, "before_cursor_execute", self._count_down)
        event.listen(self.engine, "commit", self._count_down)

    def forget_everything(self) -> None:
        self._empty.backup(self._raw())

    def _raw(self) -> sqlite3.Connection:
        driver = self.engine.raw_connection().driver_connection
        assert isinstance(driver, sqlite3.Connection)
        return driver

    def waiting(self, log: Log) -> dict[TopicPartition, tuple[int, int]]:
        """The partitions with records not taken in yet: (position, end)."""
        with self.engine.begin() as connection:
            positions = {at: row.position for at, row in read_progress(connection, self._positions).items()}
        ends = {at: len(records) for at, records in log.partitions.items() if at.topic in self.projection.topics}
        return {at: (positions.get(at, 0), end) for at, end in sorted(ends.items()) if end > positions.get(at, 0)}

    def take(self, batch: Batch, *, dies_in: int | None = None) -> bool:
        """One step; gives whether it was committed. `dies_in`: at which statement from now the process dies."""
        with self._dying(dies_in):
            try:
                with self.engine.begin() as connection:
                    step._apply(connection, self.projection, batch)
            except (Crash, LostOwnership):
                return False
        return True

    def relay(self, log: Log, *, dies_in: int | None = None) -> None:
        """Append the outbox to the log, then delete it; a crash between the two leaves it to be relayed again."""
        self.relay_in_order(log, dies_in, delete_first=False)

    def relay_in_order(self, log: Log, dies_in: int | None, *, delete_first: bool) -> None:
        """`delete_first` is the mistake that a mutant makes."""
        with self._dying(dies_in), suppress(Crash):
            with self.engine.begin() as connection:
                rows = connection.execute(select(self.outbox).order_by(self.outbox.c.id).limit(5)).all()
            steps = [partial(self._append, log, rows), partial(self._delete, rows)]
            for each in reversed(steps) if delete_first else steps:
                each()

    def _append(self, log: Log, rows: Sequence[Any]) -> None:
        self._count_down()
        log.append((row.topic, row.key, row.value) for row in rows)

    def _delete(self, rows: Sequence[Any]) -> None:
        with self.engine.begin() as connection:
            connection.execute(delete(self.outbox).where(self.outbox.c.id.in_([row.id for row in rows])))

    def has_outbox(self) -> bool:
        with self.engine.begin() as connection:
            return connection.execute(select(self.outbox.c.id).limit(1)).first() is not None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self.engine.begin() as connection:
            yield connection

    def counters_add_up(self, log: Log) -> bool:
        """Each position is the number of records taken in, all of them and each once (facts + duplicates + skipped)."""
        with self.engine.begin() as connection:
            progress = read_progress(connection, self._positions)
        return all(
            row.position == row.records == row.facts + row.duplicates + row.skipped == len(log.partitions[at])
            for at, row in progress.items()
        )

    @property
    def _positions(self):  # type: ignore[no-untyped-def]
        return position_table(self.projection.metadata)

    @contextmanager
    def _dying(self, dies_in: int | None) -> Iterator[None]:
        self._dies_in = dies_in
        try:
            yield
        finally:
            self._dies_in = None

    def _count_down(self, *_: object) -> None:
        if self._dies_in is not None:
            self._dies_in -= 1
            if self._dies_in < 0:
                raise Crash


class World:
    """Its services are those of a world that was closed, emptied: making them took half of a short life."""

    _closed: ClassVar[list[tuple[Service, Service]]] = []

    def __init__(self) -> None:
        self.log = Log()
        self.services = self._closed.pop() if self._closed else _new_services()
        self.identity, self.attribution = self.services

    def settle(self) -> None:
        """Let everything be taken in and relayed until nothing is left."""
        busy = True
        while busy:
            busy = False
            for service in self.services:
                for at, (start, end) in service.waiting(self.log).items():
                    assert service.take(self.log.batch(at, start, end))
                    busy = True
                while service.has_outbox():
                    service.relay(self.log)
                    busy = True

    def close(self) -> None:
        for service in self.services:
            service.forget_everything()
        self._closed.append(self.services)


def _new_services() -> tuple[Service, Service]:
    return Service(IdentityProjection(KEYRING)), Service(AttributionProjection(KEYRING))


def _memory() -> Engine:
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})

    @event.listens_for(engine, "connect")
    def own_transactions(raw, _):  # type: ignore[no-untyped-def]
        raw.isolation_level = None

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
