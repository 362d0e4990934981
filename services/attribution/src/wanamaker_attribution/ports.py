"""What the routes of `serve` reach the world through: the log, the live database, the clock. Wired once, in app.py."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import Connection

from wanamaker_shared.contracts.record import Record, encode
from wanamaker_shared.eventlog.port import EventLog, LogUnavailable, NewRecord
from wanamaker_shared.service.database import Database
from wanamaker_shared.service.generations import Generations
from wanamaker_shared.service.keys import Keyring

from .repository.links import LinkDirectory
from .repository.reading import CONSUMED, AsOf, read_as_of

T = TypeVar("T")


def now() -> int:
    """Microseconds since 1970, UTC."""
    return time.time_ns() // 1000


@dataclass(slots=True)
class Ports:
    log: EventLog
    database: Database
    generations: Generations
    keyring: Keyring
    partitions: int
    """How many a topic gets that does not exist yet."""
    links: LinkDirectory
    collector_url: str | None = None
    """The collector's public address, without a slash at its end; short links begin with it."""
    clock: Callable[[], int] = now
    exporting: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))
    """By workspace: exports of ad platforms are taken one after the other."""
    _counts: Mapping[str, int] | None = field(default=None)
    _last: int = field(default=0)

    def stamp(self) -> int:
        """The time of a request; later requests of this process get later ones, so that "later replaces" has no tie."""
        self._last = max(self.clock(), self._last + 1)
        return self._last

    async def append(self, topic: str, records: Sequence[tuple[str, Record]]) -> None:
        """Append (key, record) pairs; return when they are durable. Raises LogUnavailable."""
        await self.log.append(await asyncio.to_thread(_encoded, topic, records))

    async def read(self, work: Callable[[Connection], T]) -> tuple[T, AsOf]:
        """What `work` reads, and the positions that it reflects: one snapshot."""
        counts = await self._partition_counts()
        return await self.database.read(lambda connection: (work(connection), read_as_of(connection, counts)))

    async def _partition_counts(self) -> Mapping[str, int]:
        """How many partitions each consumed topic has. It never changes, so the log is asked once."""
        if self._counts is None:
            try:
                ends = await self.log.end_positions(CONSUMED)
            except LogUnavailable:  # reports are answered without it; ask again next time
                return dict.fromkeys(CONSUMED, self.partitions)
            found = Counter(topic for topic, _ in ends)
            self._counts = {topic: found[topic] or self.partitions for topic in CONSUMED}
        return self._counts


def _encoded(topic: str, records: Sequence[tuple[str, Record]]) -> list[NewRecord]:
    return [NewRecord(topic, key, encode(record)) for key, record in records]
