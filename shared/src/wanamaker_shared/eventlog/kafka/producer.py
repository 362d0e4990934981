"""Appending to Kafka: one group of appends at a time, a batch for each partition, acknowledged by all in-sync replicas.

One at a time, because then a failure leaves nothing behind whose order could be in doubt: the producer is thrown away and
the next group gets a new one (an idempotent producer does not recover from OutOfOrderSequence by itself, aiokafka #1017).
What is appended meanwhile forms the next group, so a slow answer makes larger batches.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from ..grouping import Group, Room, closed
from ..partitions import partition_for
from ..port import LogUnavailable, NewRecord
from .bounded import GRACE, end_producer
from .cluster import MAX_RECORD_BYTES, Cluster
from .topics import Topics

_BATCH_BYTES = 1 << 20
_BESIDES = 128
"""What a queued record costs beside its bytes, roughly."""

Keyed = tuple[str, int, bytes, bytes]
"""(topic as the cluster calls it, partition, key, value)"""


class GroupProducer:
    """Supervised: it starts the client when there is something to send, and a fresh one after each error.

    `queue_bytes` bounds what is accepted and not yet acknowledged.
    """

    def __init__(self, cluster: Cluster, topics: Topics, process: str, *, queue_bytes: int) -> None:
        self._cluster = cluster
        self._topics = topics
        self._process = process
        self._room = Room(queue_bytes, cluster.deadline)
        self._open: Group[Keyed] | None = None
        self._filled = asyncio.Event()
        self._closed = False
        self._producer: AIOKafkaProducer | None = None
        self._pump: asyncio.Task[None] | None = None

    async def append(self, records: Sequence[NewRecord]) -> None:
        """Raises LogUnavailable; UnicodeEncodeError for a key that is no text; ValueError for a record that is too large."""
        if self._closed:
            raise closed()
        keyed: list[Keyed] = []
        size = 0
        for record in records:
            partition = partition_for(record.key, await self._topics.partitions(record.topic))
            key = record.key.encode()
            if len(key) + len(record.value) > MAX_RECORD_BYTES:
                raise ValueError(
                    f"a record of {len(record.value)} bytes for {record.topic}; the most is {MAX_RECORD_BYTES}"
                )
            keyed.append((self._cluster.outside(record.topic), partition, key, record.value))
            size += len(key) + len(record.value) + _BESIDES
        if not self._room.take_now(size):
            await self._room.take(size)
        await self._join(keyed, size)

    async def close(self) -> None:
        """Send what was accepted, then end; within the deadline and a little more even with the cluster gone."""
        self._closed = True
        self._room.close()
        self._filled.set()
        if self._pump is not None:
            await asyncio.wait({self._pump}, timeout=self._cluster.deadline + GRACE)
            self._pump.cancel()
            await asyncio.wait({self._pump}, timeout=GRACE)
        if self._open is not None:
            self._open.settle(closed())
        await self._discard(GRACE)

    def _join(self, keyed: list[Keyed], size: int) -> asyncio.Future[None]:
        if self._closed:
            self._room.give_back(size)
            raise closed()
        if self._open is None:
            self._open = Group(self._cluster.deadline)
        future = self._open.join(keyed, size)
        self._filled.set()
        if self._pump is None:
            self._pump = asyncio.create_task(self._run(), name=f"{self._process}-producer")
        return future

    async def _run(self) -> None:
        while True:
            await self._filled.wait()
            self._filled.clear()
            group, self._open = self._open, None
            if group is None:
                if self._closed:
                    return
                continue
            if self._closed:
                self._filled.set()
            error = LogUnavailable("the producer was stopped")
            sent = False
            try:
                if not group.expired:
                    await self._send(group)
                    sent = True
            except (KafkaError, OSError, TimeoutError) as failure:
                error = LogUnavailable(f"Kafka at {self._cluster.servers} did not take the records: {failure!r}")
                await self._discard(0.0)
            finally:
                group.settle(None if sent else error)
                self._room.give_back(group.size)

    async def _send(self, group: Group[Keyed]) -> None:
        """Return when all is acknowledged. Raises KafkaError, OSError, TimeoutError."""
        async with asyncio.timeout_at(group.until):
            producer = self._producer or await self._start()
            by_partition: dict[tuple[str, int], list[tuple[bytes, bytes]]] = {}
            for topic, partition, key, value in group.records:
                by_partition.setdefault((topic, partition), []).append((key, value))
            # return_exceptions: every answer is looked at before the first error is raised, none is left unseen.
            answers = await asyncio.gather(
                *(
                    _send_partition(producer, topic, partition, records)
                    for (topic, partition), records in by_partition.items()
                ),
                return_exceptions=True,
            )
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer

    async def _start(self) -> AIOKafkaProducer:
        self._producer = producer = AIOKafkaProducer(
            **self._cluster.client(self._process),
            acks="all",
            enable_idempotence=True,
            compression_type="zstd",
            max_batch_size=_BATCH_BYTES,
            max_request_size=2 * MAX_RECORD_BYTES,
        )
        await producer.start()
        return producer

    async def _discard(self, grace: float) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await end_producer(producer, grace=grace)


async def _send_partition(
    producer: AIOKafkaProducer, topic: str, partition: int, records: Sequence[tuple[bytes, bytes]]
) -> None:
    """Whole batches are handed to the client: a fraction of the cost of its `send` for each record."""
    deliveries = []
    batch = producer.create_batch()
    for key, value in records:
        if batch.append(key=key, value=value, timestamp=None) is None:
            deliveries.append(await producer.send_batch(batch, topic, partition=partition))
            batch = producer.create_batch()
            batch.append(key=key, value=value, timestamp=None)
    batch.close()
    deliveries.append(await producer.send_batch(batch, topic, partition=partition))
    answers = await asyncio.gather(*deliveries, return_exceptions=True)
    for answer in answers:
        if isinstance(answer, BaseException):
            raise answer
