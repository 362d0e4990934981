"""Following topics: batches in turn from every partition that has some, and a cheap sleep when none has."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

from ..port import Batch, LogCorrupt, Positions, TopicPartition
from .bell import Bell
from .reader import FileReader
from .threads import Reading

POLL = 0.005
"""Seconds between two looks at the bells (a memory access each)."""

RECHECK = 0.25
"""Seconds between two looks at the files themselves, whatever the bells say."""


class Follower:
    """One subscription. Ends when `closing` says so."""

    def __init__(
        self, readers: Sequence[FileReader], reading: Reading, positions: Positions, closing: Callable[[], bool]
    ) -> None:
        self._readers = readers
        self._reading = reading
        self._positions = positions
        self._closing = closing
        self._bells: list[Bell] = []
        self._heard = [-1] * len(readers)
        self._at: dict[TopicPartition, int] = {}
        self._ends: dict[TopicPartition, int] = {}
        self._reader_of: dict[TopicPartition, FileReader] = {}

    async def batches(self, max_records: int) -> AsyncIterator[Batch]:
        self._bells = [Bell(reader.file.bell) for reader in self._readers]
        try:
            while not self._closing():
                await self._look()
                found = False
                for place, end in list(self._ends.items()):
                    if self._at[place] < end and not self._closing():
                        found = True
                        batch = await self._batch(place, end, max_records)
                        yield batch
                        self._at[place] = batch.next
                if not found:
                    await self._sleep()
        finally:
            for bell in self._bells:
                bell.close()

    async def _batch(self, place: TopicPartition, end: int, max_records: int) -> Batch:
        start = self._at[place]
        records = await self._reading.run(self._reader_of[place].read, place.partition, start, end, max_records)
        if not records:
            raise LogCorrupt(f"{self._reader_of[place].file.path} partition {place.partition} offset {start}: missing")
        return Batch(place.topic, place.partition, start, records[-1].offset + 1, tuple(records))

    async def _look(self) -> None:
        """Renew the ends of the files whose bell has rung since the last look."""
        for index, reader in enumerate(self._readers):
            rung = self._bells[index].count()  # before the look: what is appended after it rings again
            if rung == self._heard[index]:
                continue
            ends = await self._reading.run(reader.ends)
            self._heard[index] = rung
            found = {TopicPartition(reader.file.topic, partition): end for partition, end in ends.items()}
            fresh = [place for place in found if place not in self._at]
            if fresh and reader.exists:
                answered = await self._positions(fresh)
                for place in fresh:
                    self._at[place] = answered.get(place, 0)
                    self._reader_of[place] = reader
            if reader.exists:
                self._ends.update(found)
                self._refuse_future(found)

    def _refuse_future(self, ends: dict[TopicPartition, int]) -> None:
        for place, end in ends.items():
            if self._at[place] > end:
                raise LogCorrupt(
                    f"{self._reader_of[place].file.path} partition {place.partition} ends at {end}, but"
                    f" {self._at[place]} was read before: this log is older than the database; restore one of them"
                )

    async def _sleep(self) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + RECHECK
        while loop.time() < until and not self._closing():
            if any(bell.count() != heard for bell, heard in zip(self._bells, self._heard, strict=True)):
                return
            await asyncio.sleep(POLL)
        self._heard = [-1] * len(self._heard)
