"""A log with a spool in front: durable here within the deadline, whatever becomes of the log behind it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from enum import Enum

from ..port import Batch, EventLog, LogUnavailable, NewRecord, Positions, TopicPartition
from .circuit import Circuit
from .drainer import Drainer
from .spool import Spool


class Kept(Enum):
    """Where records are that are durable, but not in the log yet."""

    SPOOLED = "spooled"


class SpooledLog:
    """An `EventLog` whose `append` also says where the records are.

    `log` takes new records; its own deadline is how long an answer waits for its acknowledgement. `behind` is the same log
    for what is sent on, and may be more patient. From the first failure until the spool is empty records go straight
    to the spool, so nobody waits for a log that is known to be gone. `topics` are asked about when nothing is sent.
    One event loop uses one instance, and it owns the logs and the spool.
    """

    def __init__(
        self,
        log: EventLog,
        behind: EventLog,
        spool: Spool,
        *,
        topics: Collection[str],
        deadline: float,
        look_every: float = 5.0,
        longest_pause: float = 1.0,
    ) -> None:
        self._log = log
        self._behind = behind
        self._spool = spool
        self._deadline = deadline
        self._circuit = Circuit()
        self._drainer = Drainer(
            spool,
            self._circuit,
            behind,
            lambda: log.end_positions(topics),
            patience=deadline,
            look_every=look_every,
            longest_pause=longest_pause,
        )
        self._draining: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Ask the log whether it is there, for no longer than the deadline; from then on the spool is sent on."""
        self._draining = asyncio.create_task(self._drainer.run(), name="send-on-the-spool")
        try:
            async with asyncio.timeout(self._deadline):
                await self._circuit.known.wait()
        except TimeoutError:
            return

    @property
    def outage(self) -> str | None:
        """Why records go into the spool; None while the log acknowledges."""
        return None if self._circuit.closed else self._circuit.reason

    @property
    def waiting(self) -> Mapping[str, int]:
        """What the spool holds."""
        return {"records": self._spool.records, "bytes": self._spool.held}

    async def append(self, records: Sequence[NewRecord]) -> Kept | None:
        """None: in the log. `Kept.SPOOLED`: on disk here, and in the log later; perhaps twice, with the same ids.

        Raises LogUnavailable if neither takes them.
        """
        circuit = self._circuit
        if circuit.handover is not None:
            await circuit.handover.wait()
        if circuit.closed:
            try:
                await self._log.append(records)
                return None
            except LogUnavailable as error:
                circuit.open(str(error))
        await self._spool.append(records)
        return Kept.SPOOLED

    async def check(self) -> None:
        """Whether records would be taken now, by the log or by the spool. Raises LogUnavailable."""
        if not self._circuit.closed:
            await self._spool.check()

    def subscribe(
        self, topics: Collection[str], group: str, positions: Positions, *, max_records: int = 1000
    ) -> AsyncIterator[Batch]:
        """What has reached the log."""
        return self._log.subscribe(topics, group, positions, max_records=max_records)

    def read(
        self, topic: str, partition: int, start: int, end: int, *, max_records: int = 1000
    ) -> AsyncIterator[Batch]:
        return self._log.read(topic, partition, start, end, max_records=max_records)

    async def end_positions(self, topics: Collection[str]) -> dict[TopicPartition, int]:
        return await self._log.end_positions(topics)

    async def close(self) -> None:
        """What is not sent on stays in the spool for the next start. Bounded by the two logs' own bounds."""
        if self._draining is not None:
            self._draining.cancel()
            await asyncio.wait({self._draining})
        await asyncio.gather(self._log.close(), self._behind.close())
        await self._spool.close()
