"""Whether the log's `identity-updates` say what identity concludes: the latest of each key against a replay's.

Versions and causes may differ (they tell of batches), what is said of a key may not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, select

from wanamaker_shared.contracts import identity_updates
from wanamaker_shared.contracts.identity_updates import CookieLinked, IdentifierResolved
from wanamaker_shared.contracts.record import canonical
from wanamaker_shared.eventlog.outbox import outbox_table
from wanamaker_shared.eventlog.port import EventLog, TopicPartition
from wanamaker_shared.eventlog.projection import Projection

Said = dict[str, tuple[tuple[int, int], bytes]]
"""Topic key → (generation, version) and what it says. Keys of which nothing is said any more are in it as b""."""


async def said_in_log(log: EventLog, ends: Mapping[TopicPartition, int]) -> Said:
    said: Said = {}
    for at, end in ends.items():
        async for batch in log.read(*at, 0, end):
            for record in batch.records:
                _hear(said, record.value)
    return said


def said_by_replay(connection: Connection, projection: Projection) -> Said:
    """A replay's outbox is never relayed, so it still holds everything that was said."""
    outbox = outbox_table(projection.metadata)
    said: Said = {}
    values = select(outbox.c.value).where(outbox.c.topic == identity_updates.TOPIC)
    for value in connection.execute(values.execution_options(yield_per=5000)).scalars():
        _hear(said, value)
    return said


def contradictions(log: Said, replay: Said) -> Iterator[str]:
    """One line for each key of which they say different things."""
    nothing = ((0, 0), b"")
    for key in sorted(log.keys() | replay.keys()):
        heard, concluded = log.get(key, nothing)[1], replay.get(key, nothing)[1]
        if heard != concluded:
            yield f"identity-updates [{key}]: the log says {_show(heard)}, its sources give {_show(concluded)}"


def _hear(said: Said, value: bytes) -> None:
    update = identity_updates.adapter.validate_json(value)
    key = identity_updates.key(update.workspace, update.identifier)
    rank = (update.generation, update.version)
    if key not in said or rank > said[key][0]:
        said[key] = rank, _content(update)


def _content(update: CookieLinked | IdentifierResolved) -> bytes:
    what: Any = (
        [link.model_dump() for link in update.links]
        if isinstance(update, CookieLinked)
        else {"profile": update.profile, "since": update.since, "via": update.via}
    )
    return canonical(what) if what else b""


def _show(content: bytes) -> str:
    return content.decode() or "nothing"
