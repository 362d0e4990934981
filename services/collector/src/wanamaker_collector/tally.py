"""Counts what the front door said yes to, and writes it to `tallies` every five minutes with events in them, and at the end.

Counted after the log has the events: so what is tallied is in the log, whenever the process dies.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from wanamaker_shared.contracts import tallies
from wanamaker_shared.contracts.record import encode
from wanamaker_shared.contracts.tallies import FrontDoorTallied
from wanamaker_shared.eventlog.port import EventLog, LogUnavailable, NewRecord
from wanamaker_shared.eventlog.spool import SpooledLog
from wanamaker_shared.service.metrics import ACCEPTED, COLLECTED

EVERY_SECONDS = 300.0

_stored = COLLECTED.labels("stored")
_declined = COLLECTED.labels("declined")
_failed = COLLECTED.labels("failed")


@dataclass(slots=True)
class _Counts:
    accepted: int = 0
    stored: int = 0
    declined: int = 0
    failed: int = 0
    replayed: int = 0


@dataclass(slots=True)
class Tally:
    """One for each collector. `clock` gives microseconds."""

    clock: Callable[[], int]
    _counts: dict[str, _Counts] = field(default_factory=dict)
    _unshown: _Counts = field(default_factory=_Counts)
    _unsaid: list[NewRecord] = field(default_factory=list)

    def collected(self, workspace: str, *, events: int, stored: int, failed: int, declined: int = 0) -> None:
        """A request of so many events was answered yes; what became of them."""
        for counts in (self._of(workspace), self._unshown):
            counts.accepted += events
            counts.stored += stored
            counts.declined += declined
            counts.failed += failed

    def show(self) -> None:
        """Bring the metrics up to date, which show the same of all workspaces. Not at each request: that would cost 4 µs."""
        counts, self._unshown = self._unshown, _Counts()
        ACCEPTED.inc(counts.accepted)
        _stored.inc(counts.stored)
        _declined.inc(counts.declined)
        _failed.inc(counts.failed)

    def replayed(self, workspace: str, events: int) -> None:
        self._of(workspace).replayed += events

    async def say(self, log: EventLog | SpooledLog) -> None:
        """Append what was counted since the last time. Raises LogUnavailable, and says the same records next time."""
        counted, self._counts = self._counts, {}
        self._unsaid += [self._record(workspace, counts) for workspace, counts in sorted(counted.items())]
        if self._unsaid:
            saying = list(self._unsaid)
            await log.append(saying)
            del self._unsaid[: len(saying)]

    @asynccontextmanager
    async def kept(self, log: EventLog | SpooledLog) -> AsyncIterator[None]:
        """Say it now and then, and once more at the end."""
        saying = asyncio.ensure_future(self._now_and_then(log))
        try:
            yield
        finally:
            saying.cancel()
            await asyncio.gather(saying, return_exceptions=True)
            await self._try_to_say(log)

    async def _now_and_then(self, log: EventLog | SpooledLog) -> None:
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            await self._try_to_say(log)

    async def _try_to_say(self, log: EventLog | SpooledLog) -> None:
        try:
            await self.say(log)
        except LogUnavailable:
            return  # it is said next time; a collector that ends without its log takes these counts along

    def _of(self, workspace: str) -> _Counts:
        counts = self._counts.get(workspace)
        if counts is None:
            counts = self._counts[workspace] = _Counts()
        return counts

    def _record(self, workspace: str, counts: _Counts) -> NewRecord:
        now = self.clock()
        record = FrontDoorTallied(
            workspace=workspace,
            source="collector",
            event_id=secrets.token_hex(16),
            occurred_at=now,
            received_at=now,
            accepted=counts.accepted,
            stored=counts.stored,
            declined=counts.declined,
            failed=counts.failed,
            replayed=counts.replayed,
        )
        return NewRecord(tallies.TOPIC, tallies.key(workspace), encode(record))
