"""A log in memory that fails on command, and the spool before it with everything quick."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from pathlib import Path

from tests.eventlog.following import PATIENCE
from wanamaker_shared.eventlog.port import Batch, LogUnavailable, NewRecord, Positions, TopicPartition
from wanamaker_shared.eventlog.spool import SpooledLog
from wanamaker_shared.eventlog.spool.spool import Spool

LIMIT = 50 << 20


class FailingLog:
    """`taken` are the records it acknowledged, or took without saying so, in order."""

    def __init__(self) -> None:
        self.taken: list[NewRecord] = []
        self.asked = 0
        self.looks = 0
        self.down = False
        self.ambiguous = False
        """Takes the records and says that it did not."""
        self.going_on = asyncio.Event()
        """While it is not set, the log hangs."""
        self.going_on.set()
        self.closed = False

    async def append(self, records: Sequence[NewRecord]) -> None:
        self.asked += 1
        await self._answer()
        self.taken += records
        if self.ambiguous:
            raise LogUnavailable("the acknowledgement was lost")

    async def end_positions(self, topics: Collection[str]) -> dict[TopicPartition, int]:
        self.looks += 1
        await self._answer()
        return {}

    async def close(self) -> None:
        self.closed = True

    def subscribe(
        self, topics: Collection[str], group: str, positions: Positions, *, max_records: int = 1000
    ) -> AsyncIterator[Batch]:
        raise NotImplementedError

    def read(
        self, topic: str, partition: int, start: int, end: int, *, max_records: int = 1000
    ) -> AsyncIterator[Batch]:
        raise NotImplementedError

    @property
    def values(self) -> list[bytes]:
        return [record.value for record in self.taken]

    async def _answer(self) -> None:
        if self.down:
            raise LogUnavailable("the log is down")
        await self.going_on.wait()


async def spooled(
    directory: Path, log: FailingLog, *, limit: int = LIMIT, deadline: float = PATIENCE, look_every: float = 60.0
) -> SpooledLog:
    """Started. `behind` is the same log."""
    spool = Spool(directory, "collector-serve", limit=limit, deadline=5.0, queue_bytes=LIMIT)
    both = SpooledLog(log, log, spool, topics=["topic"], deadline=deadline, look_every=look_every, longest_pause=0.01)
    await both.start()
    return both


async def until(look: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not look():  # noqa: ASYNC110 - what it looks at has no event
            await asyncio.sleep(0.001)


async def drained(log: SpooledLog) -> None:
    """Until the log behind has everything and takes new records itself."""
    await until(lambda: log.outage is None and log.waiting["records"] == 0)
