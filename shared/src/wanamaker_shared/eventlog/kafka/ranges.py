"""Reading a range, and asking where partitions end: without a group, on consumers of their own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection

from aiokafka import AIOKafkaConsumer
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.errors import KafkaError

from ..port import Batch, LogUnavailable, TopicPartition
from .bounded import end_consumer
from .cluster import Cluster
from .consumer import FETCH, batch_of
from .topics import Topics

_SILENCE_MS = 1000


class Ranges:
    def __init__(self, cluster: Cluster, topics: Topics, process: str) -> None:
        self._cluster = cluster
        self._topics = topics
        self._process = process
        self._asking: AIOKafkaConsumer | None = None
        self._reading: set[AIOKafkaConsumer] = set()
        self._lock = asyncio.Lock()

    async def ends(self, topics: Collection[str]) -> dict[TopicPartition, int]:
        """Raises LogUnavailable."""
        places = [
            TopicPartition(topic, partition)
            for topic in dict.fromkeys(topics)
            for partition in range(await self._topics.partitions(topic))
        ]
        outside = {KafkaPartition(self._cluster.outside(topic), partition): None for topic, partition in places}
        try:
            async with asyncio.timeout(self._cluster.deadline), self._lock:
                if self._asking is None:
                    self._asking = self._consumer()
                    await self._asking.start()
                found = await self._asking.end_offsets(list(outside))
        except (KafkaError, OSError, TimeoutError) as error:
            await self._forget()
            raise LogUnavailable(f"Kafka at {self._cluster.servers} does not tell its ends: {error!r}") from error
        return {place: found[asked] for place, asked in zip(places, outside, strict=True)}

    async def read(self, topic: str, partition: int, start: int, end: int, max_records: int) -> AsyncIterator[Batch]:
        """Raises LogUnavailable."""
        if partition >= await self._topics.partitions(topic):
            return
        place = KafkaPartition(self._cluster.outside(topic), partition)
        at = start
        consumer = self._consumer()
        self._reading.add(consumer)
        try:
            async with asyncio.timeout(self._cluster.deadline):
                await consumer.start()
                consumer.assign([place])
                end = min(end, (await consumer.end_offsets([place]))[place])
                consumer.seek(place, max(start, (await consumer.beginning_offsets([place]))[place]))
            silent_since = asyncio.get_running_loop().time()
            while at < end:
                fetched = await consumer.getmany(place, timeout_ms=_SILENCE_MS, max_records=max_records)
                records = [record for record in fetched.get(place, ()) if record.offset < end]
                if records:
                    batch = batch_of(self._cluster, place, at, records)
                    yield batch
                    at = batch.next
                    silent_since = asyncio.get_running_loop().time()
                elif await consumer.position(place) >= end:
                    return
                elif asyncio.get_running_loop().time() - silent_since > self._cluster.deadline:
                    raise LogUnavailable(f"Kafka at {self._cluster.servers} went silent at {place} offset {at}")
        except (KafkaError, OSError, TimeoutError) as error:
            raise LogUnavailable(f"Kafka at {self._cluster.servers}, {place} offset {at}: {error!r}") from error
        finally:
            await end_consumer(consumer)
            self._reading.discard(consumer)

    async def close(self) -> None:
        """Also of what is being read: that ends as if the cluster had gone."""
        await self._forget()
        for consumer in list(self._reading):
            await end_consumer(consumer)

    async def _forget(self) -> None:
        asking, self._asking = self._asking, None
        if asking is not None:
            await end_consumer(asking)

    def _consumer(self) -> AIOKafkaConsumer:
        return AIOKafkaConsumer(
            **self._cluster.client(self._process), **FETCH, enable_auto_commit=False, auto_offset_reset="none"
        )
