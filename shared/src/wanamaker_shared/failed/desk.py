"""Sending failed events in again: checked, appended durably, and then noted on `failed-events`, in that order.

Doing it twice changes nothing: the same bytes get the same revision and so are the same record, which consumers count as a
duplicate. Other bytes get a higher revision, which counts instead. Somebody who dies between the record and the note repeats it.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import heapq
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from ..contracts import failed_events
from ..contracts.failed_events import EventFailed, EventReplayed
from ..contracts.record import Personal, canonical, encode
from ..eventlog.port import EventLog, NewRecord, TopicPartition
from ..eventlog.spool import SpooledLog
from ..service.keys import Keyring
from ..service.metrics import REPLAYED
from .index import Entry, FailedIndex, Filter, Replay, read_value
from .kept import kept
from .ways import CannotReplay, Way, identity_in, way_of

_BYTES_AT_ONCE = 2 << 20


@dataclass(frozen=True, slots=True)
class Done:
    """One event's outcome. `failed`: tried, and fails as before; `skipped`: not tried. Both have their reason."""

    failed_id: str
    status: Literal["replayed", "failed", "skipped"]
    reason: str = ""
    replay: Replay | None = None


class Cursor(NamedTuple):
    """Up to which place of the log a filter was worked off."""

    partition: int
    offset: int


@dataclass(slots=True)
class Desk:
    """What the routes work with. `service` is the one whose `ways` these are; `clock` gives microseconds."""

    service: str
    log: EventLog | SpooledLog
    keyring: Keyring
    ways: tuple[Way, ...]
    clock: Callable[[], int]
    count: Callable[[str, int], None] = lambda _workspace, _records: None
    """Told of the records that were appended, by workspace."""
    index: FailedIndex = field(default_factory=FailedIndex)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _begun: dict[str, Replay] = field(default_factory=dict)
    """What was appended, or perhaps was, and the log does not tell of yet: its revision is not given twice."""

    async def look(self) -> FailedIndex:
        """The index as the log is now. Raises LogUnavailable."""
        await self.index.refresh(self.log)
        return self.index

    async def replay(self, entry: Entry, edited: bytes | None, *, by: str) -> Done:
        """Send one event in again, as it was kept or edited; `by` is the id of the key that asks. Raises LogUnavailable."""
        async with self._turn:
            await self.look()
            value = await read_value(self.log, entry)
            if value is None:
                done = Done(entry.failed_id, "skipped", "it is older than the log keeps failed events")
            else:
                (done,) = await self._append([(failed_events.adapter.validate_json(value), edited)], by)
        return done

    async def replay_all(
        self, workspace: str, wanted: Filter, after: Cursor | None, most: int, *, by: str
    ) -> tuple[list[Done], Cursor | None]:
        """Send in at most `most` that fit, in the order of the log, beginning after `after`. Answers where to go on, or None.

        Raises LogUnavailable; what was done until then is done.
        """
        async with self._turn:
            now, more = await self.index.ask(self.log, lambda: self._next(workspace, wanted, after, most))
            done: list[Done] = []

            async def work(events: list[EventFailed]) -> None:
                done.extend(await self._append([(event, None) for event in events], by))

            await self._read_many(now, work)
            seen = {each.failed_id for each in done}
            done += [
                Done(entry.failed_id, "skipped", "the log has forgotten it")
                for entry in now
                if entry.failed_id not in seen
            ]
        return done, _place(now[-1]) if more else None

    def _next(self, workspace: str, wanted: Filter, after: Cursor | None, most: int) -> tuple[list[Entry], bool]:
        """The first `most` in the order of the log that lie behind `after`, and whether there are more."""
        behind = (e for e in self.index.matching(workspace, wanted) if after is None or _place(e) > after)
        found = heapq.nsmallest(most + 1, behind, key=_place)
        return found[:most], len(found) > most

    async def _read_many(self, entries: Sequence[Entry], work: Callable[[list[EventFailed]], Awaitable[None]]) -> None:
        """Read them in one pass over each partition, and work on a few megabytes at a time."""
        for partition in sorted({entry.partition for entry in entries}):
            wanted = {entry.offset for entry in entries if entry.partition == partition}
            at = TopicPartition(failed_events.TOPIC, partition)
            waiting: list[EventFailed] = []
            size = 0
            async for batch in self.log.read(*at, min(wanted), max(wanted) + 1, max_records=500):
                for stored in batch.records:
                    if stored.offset in wanted:
                        waiting.append(failed_events.adapter.validate_json(stored.value))
                        size += len(stored.value)
                if size >= _BYTES_AT_ONCE:
                    await work(waiting)
                    waiting, size = [], 0
            await work(waiting)

    async def _append(self, events: Sequence[tuple[EventFailed, bytes | None]], by: str) -> list[Done]:
        """All of one workspace, as the index was refreshed for them."""
        self._begun = {name: replay for name, replay in self._begun.items() if not self._is_told(name, replay)}
        done: list[Done] = []
        records: list[NewRecord] = []
        notes: dict[str, NewRecord] = {}
        for failed, edited in events:
            try:
                record, replay, note = self._again(failed, edited, by)
            except CannotReplay as refusal:
                done.append(Done(failed.event_id, "failed" if refusal.again else "skipped", str(refusal)))
                continue
            records.append(record)
            if note is not None:
                notes[failed.event_id] = note
                self._begun[failed.event_id] = replay
            done.append(Done(failed.event_id, "replayed", replay=replay))
        if records:
            await self.log.append(records)
            self.count(events[0][0].workspace, len(records))
        if notes:
            await self.log.append(list(notes.values()))
        for each in done:
            REPLAYED.labels(each.status).inc()
        return done

    def _again(self, failed: EventFailed, edited: bytes | None, by: str) -> tuple[NewRecord, Replay, NewRecord | None]:
        """The record to append, which replay it is, and the note to append after it, unless the log has that already.

        Raises CannotReplay.
        """
        way = way_of(self.ways, failed.origin, failed.where)
        if way is None:
            raise CannotReplay(f"it did not come by way of the {self.service}, which cannot send it in again")
        was = kept(failed)
        if edited is None and not was.whole:
            raise CannotReplay(
                f"only the first {len(was.raw):,} of its {was.size:,} bytes were kept; send all of it as an edit"
            )
        raw = was.raw if edited is None else edited
        sha256 = hashlib.sha256(raw).hexdigest()
        last = self._last(failed.event_id)
        if last is None:
            revision = way.first_revision(failed, edited=raw != was.raw)
        else:
            revision = last.revision if last.sha256 == sha256 else last.revision + 1
        record = way.again(failed, raw, revision=revision)
        source, sender, event_id = identity_in(record)
        if last is not None and (source, sender, event_id) != (last.source, last.sender, last.event_id):
            raise CannotReplay(
                "it was sent in already as another visitor's or under another messageId, and would count twice; "
                "leave anonymousId, userId and messageId as they are there"
            )
        if last is not None and last.sha256 == sha256 and failed.event_id not in self._begun:
            return record, last, None
        told = EventReplayed(
            workspace=failed.workspace,
            source=by,
            event_id=hashlib.sha256(canonical([failed.event_id, revision, sha256])).hexdigest()[:32],
            occurred_at=(now := self.clock()),
            received_at=now,
            origin=failed.origin,
            retry_of=failed.event_id,
            topic=record.topic,
            as_source=source,
            as_sender=sender,
            as_event_id=event_id,
            as_revision=revision,
            sha256=sha256,
            personal=None if raw == was.raw else _personal(sender or failed.personal.key, raw),
        )
        replay = Replay(now, by, record.topic, source, sender, event_id, revision, sha256, raw != was.raw, -1, -1)
        return (
            record,
            replay,
            NewRecord(failed_events.TOPIC, failed_events.key(failed.workspace, failed.origin), encode(told)),
        )

    def _last(self, failed_id: str) -> Replay | None:
        """The replay that counts, or was about to."""
        if (begun := self._begun.get(failed_id)) is not None:
            return begun
        known = self.index.replays(failed_id)
        return known[-1] if known else None

    def _is_told(self, failed_id: str, replay: Replay) -> bool:
        known = self.index.replays(failed_id)
        return any((each.revision, each.sha256) == (replay.revision, replay.sha256) for each in known)


def _personal(whose: str, raw: bytes) -> Personal:
    return Personal(key=whose, v={"raw": base64.b64encode(raw).decode()})


def _place(entry: Entry) -> Cursor:
    return Cursor(entry.partition, entry.offset)
