"""A small topic read whole, from its first record on, by a process that keeps what it says in memory.

For what must be known at once and by every process alike, without a consumer's tables in between: the links.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from .port import EventLog, StoredRecord, TopicPartition
from .spool import SpooledLog


class WholeTopic:
    """`take` is given every record once, those of a partition in order. `log` is asked for at each look."""

    def __init__(
        self, log: Callable[[], EventLog | SpooledLog], topic: str, take: Callable[[StoredRecord], None]
    ) -> None:
        self._log = log
        self._topic = topic
        self._take = take
        self._at: dict[TopicPartition, int] = {}
        self._lock = asyncio.Lock()
        self._begun = 0
        self._done = 0

    async def catch_up(self) -> None:
        """Return when all that was in the log at the time of the call is taken. Raises LogUnavailable, LogCorrupt.

        Callers that wait at the same time share one look.
        """
        wanted = self._begun + 1  # a look that has begun already may have missed what was appended since
        async with self._lock:
            if self._done >= wanted:
                return
            self._begun += 1
            await self._look()
            self._done = self._begun

    async def _look(self) -> None:
        log = self._log()
        for place, end in sorted((await log.end_positions([self._topic])).items()):
            start = self._at.get(place, 0)
            if start >= end:
                continue
            async for batch in log.read(place.topic, place.partition, start, end):
                for record in batch.records:
                    self._take(record)
                self._at[place] = batch.next
