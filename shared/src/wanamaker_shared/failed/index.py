"""Which failed events there are and what was sent in again, in memory without their bytes; read ahead from the log when asked.

Bounded: of each partition the newest `most` records are known, whatever an attacker makes fail.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeVar

import orjson

from ..contracts import failed_events
from ..contracts.failed_events import EventFailed, EventReplayed
from ..eventlog.port import Batch, EventLog, TopicPartition
from ..eventlog.spool import SpooledLog
from .kept import replayed_by

T = TypeVar("T")

MOST = 100_000
_AT_ONCE = 500
"""Records parsed before the loop's other work has its turn."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A failed event without its bytes, and its place in the log."""

    failed_id: str
    workspace: str
    origin: str
    source: str
    where: str
    reason: str
    received_at: int
    partition: int
    offset: int

    @property
    def replayed_by(self) -> str | None:
        return replayed_by(self.origin, self.where)

    @property
    def newest_first(self) -> tuple[int, str]:
        return self.received_at, self.failed_id


@dataclass(frozen=True, slots=True)
class Replay:
    """What was said of one replay (`EventReplayed`), and its place in the log. Times in microseconds."""

    at: int
    by: str
    topic: str
    source: str
    sender: str
    event_id: str
    revision: int
    sha256: str
    edited: bool
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class Filter:
    """Which failed events are meant; what is not given matches all. Times in microseconds, ends included."""

    reason: str = ""
    """A part of the reason, upper and lower case alike."""
    origin: str = ""
    where: str = ""
    """How the place begins."""
    since: int | None = None
    until: int | None = None
    status: Literal["open", "replayed"] | None = None

    def fits(self, entry: Entry, *, replayed: bool) -> bool:
        return (
            (self.status is None or replayed == (self.status == "replayed"))
            and (not self.origin or entry.origin == self.origin)
            and entry.where.startswith(self.where)
            and (self.since is None or entry.received_at >= self.since)
            and (self.until is None or entry.received_at <= self.until)
            and self.reason.casefold() in entry.reason.casefold()
        )


class FailedIndex:
    """One event loop uses one instance. `refresh` before asking; questions to all entries go through `ask`."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._next: dict[TopicPartition, int] = {}
        self._entries: dict[TopicPartition, dict[str, Entry]] = {}
        self._replays: dict[str, list[Replay]] = {}
        self._turn = asyncio.Lock()

    async def refresh(self, log: EventLog | SpooledLog) -> None:
        """Read what came since the last time. Raises LogUnavailable."""
        async with self._turn:
            for at, end in sorted((await log.end_positions([failed_events.TOPIC])).items()):
                start = max(self._next.get(at, 0), end - self._most)
                if start >= end:
                    continue  # on Kafka a reader of its own would find nothing
                async for batch in log.read(*at, start, end, max_records=_AT_ONCE):
                    self._take(at, batch)
                    await asyncio.sleep(0)
                self._next[at] = end

    async def ask(self, log: EventLog | SpooledLog, question: Callable[[], T]) -> T:
        """Refresh, then look at the entries in a thread, so that the front door goes on; nothing changes them meanwhile.

        Raises LogUnavailable.
        """
        await self.refresh(log)
        async with self._turn:
            return await asyncio.to_thread(question)

    def find(self, workspace: str, failed_id: str) -> Entry | None:
        found = (entries.get(failed_id) for entries in self._entries.values())
        return next((entry for entry in found if entry is not None and entry.workspace == workspace), None)

    def replays(self, failed_id: str) -> list[Replay]:
        """Of one event, in the order of their revisions: the last is the one that counts."""
        return sorted(self._replays.get(failed_id, ()), key=lambda replay: (replay.revision, replay.at, replay.sha256))

    def matching(self, workspace: str | None, wanted: Filter) -> Iterator[Entry]:
        """The workspace's own, in no order that means anything; None = of all workspaces, for who owns the installation."""
        for entries in self._entries.values():
            for entry in entries.values():
                if workspace in (None, entry.workspace) and wanted.fits(
                    entry, replayed=entry.failed_id in self._replays
                ):
                    yield entry

    def _take(self, at: TopicPartition, batch: Batch) -> None:
        entries = self._entries.setdefault(at, {})
        for stored in batch.records:
            match orjson.loads(stored.value).get("type"):
                case "event.failed":
                    event = failed_events.adapter.validate_json(stored.value)
                    # the relay may bring one twice
                    entries.setdefault(event.event_id, _entry(event, at.partition, stored.offset))
                case "event.replayed":
                    told = failed_events.replayed_adapter.validate_json(stored.value)
                    replay = _replay(told, at.partition, stored.offset)
                    known = self._replays.setdefault(told.retry_of, [])
                    if not any((each.revision, each.sha256) == (replay.revision, replay.sha256) for each in known):
                        known.append(replay)
        for failed_id in list(entries)[: max(0, len(entries) - self._most)]:
            del entries[failed_id]
            self._replays.pop(failed_id, None)


async def read_value(log: EventLog | SpooledLog, entry: Entry | Replay) -> bytes | None:
    """The record's bytes; None if the log has forgotten it. Raises LogUnavailable."""
    found: bytes | None = None
    async for batch in log.read(failed_events.TOPIC, entry.partition, entry.offset, entry.offset + 1):
        found = batch.records[0].value
    return found


def _entry(event: EventFailed, partition: int, offset: int) -> Entry:
    """Texts that many events share are kept once."""
    return Entry(
        failed_id=event.event_id,
        workspace=sys.intern(event.workspace),
        origin=sys.intern(event.origin),
        source=sys.intern(event.source),
        where=sys.intern(event.where),
        reason=sys.intern(event.reason),
        received_at=event.received_at,
        partition=partition,
        offset=offset,
    )


def _replay(told: EventReplayed, partition: int, offset: int) -> Replay:
    return Replay(
        at=told.received_at,
        by=told.source,
        topic=told.topic,
        source=told.as_source,
        sender=told.as_sender,
        event_id=told.as_event_id,
        revision=told.as_revision,
        sha256=told.sha256,
        edited=told.personal is not None,
        partition=partition,
        offset=offset,
    )
