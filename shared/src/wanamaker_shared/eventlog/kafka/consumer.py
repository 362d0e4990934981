"""Following topics as a member of a group: Kafka says which partitions are ours, the caller's database says from where.

Nothing is committed to Kafka. Rebalances are eager: all partitions are taken away and given anew, so positions are looked
up again for each of them. A batch that was yielded before its partition was taken away is fenced by the conditional
update of the position in the caller's transaction.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Collection, Mapping

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.errors import ConsumerStoppedError, KafkaError, NoOffsetForPartitionError, OffsetOutOfRangeError

from ..port import Batch, LogCorrupt, LogUnavailable, Positions, StoredRecord, TopicPartition
from .bounded import end_consumer
from .cluster import Cluster
from .topics import Topics

FETCH: Mapping[str, int] = {"fetch_min_bytes": 1, "fetch_max_wait_ms": 500, "max_partition_fetch_bytes": 1 << 20}
"""The broker answers a waiting fetch as soon as there is one byte: that is the wake-up."""

_LOOK_UP_MS = 200


class Assignment(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka is untyped
    """Which partitions are ours and where we are in each. Keeps them paused until their position is known."""

    def __init__(self, consumer: AIOKafkaConsumer, cluster: Cluster, positions: Positions) -> None:
        self.at: dict[KafkaPartition, int] = {}
        self.turns: deque[KafkaPartition] = deque()
        self.failure: Exception | None = None
        self._consumer = consumer
        self._cluster = cluster
        self._positions = positions

    async def on_partitions_revoked(self, revoked: Collection[KafkaPartition]) -> None:
        self.at.clear()
        self.turns.clear()

    async def on_partitions_assigned(self, assigned: Collection[KafkaPartition]) -> None:
        # Before the first await: a partition without a position would be asked of Kafka, which has none for us.
        for place in assigned:
            self._consumer.seek(place, 0)
        self._consumer.pause(*assigned)
        ours = {place: TopicPartition(self._cluster.inside(place.topic), place.partition) for place in assigned}
        try:
            positions = await self._positions(list(ours.values()))
        except Exception as error:  # noqa: BLE001 - aiokafka would swallow it; the subscription raises it instead
            self.failure = error
            return
        for place, our in ours.items():
            self.at[place] = positions.get(our, 0)
            self._consumer.seek(place, self.at[place])
        self.turns.extend(sorted(self.at))
        self._consumer.resume(*assigned)


class Follower:
    """One subscription. It ends when it is stopped, or with the generator of its batches."""

    def __init__(self, cluster: Cluster, topics: Topics, process: str, group: str, positions: Positions) -> None:
        self._cluster = cluster
        self._topics = topics
        self._process = process
        self._group = group
        self._positions = positions
        self._consumer: AIOKafkaConsumer | None = None
        self._ending: asyncio.Task[None] | None = None
        self._stopped = False

    async def batches(self, topics: Collection[str], max_records: int) -> AsyncGenerator[Batch, None]:
        """Raises LogUnavailable, LogCorrupt, and what the lookup of positions raises."""
        await self._topics.ensure(topics)
        if self._stopped:
            return
        self._consumer = consumer = AIOKafkaConsumer(
            **self._cluster.client(self._process),
            **FETCH,
            group_id=self._cluster.outside(self._group),
            enable_auto_commit=False,
            auto_offset_reset="none",  # where to read is never Kafka's guess
        )
        mine = Assignment(consumer, self._cluster, self._positions)
        try:
            consumer.subscribe([self._cluster.outside(topic) for topic in topics], listener=mine)
            async with asyncio.timeout(self._cluster.deadline):
                await consumer.start()
            while not self._stopped:
                if mine.failure is not None:
                    raise mine.failure
                for batch in await self._next(consumer, mine, max_records):
                    yield batch
        except ConsumerStoppedError:
            return  # by `stop`, while it was asked
        except (KafkaError, TimeoutError, OSError) as error:
            raise LogUnavailable(f"Kafka at {self._cluster.servers}: {error!r}") from error
        finally:
            await self.stop()

    async def stop(self) -> None:
        """Leave the group, in bounded time. Whoever asks second waits for the first."""
        self._stopped = True
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            self._ending = asyncio.create_task(end_consumer(consumer))
        if self._ending is not None:
            await asyncio.wait({self._ending})

    async def _next(self, consumer: AIOKafkaConsumer, mine: Assignment, max_records: int) -> list[Batch]:
        """A batch of the next partition in turn that has something at hand; if none has, wait for the first that has."""
        for _ in range(len(mine.turns)):
            if not mine.turns:  # taken away meanwhile
                break
            mine.turns.rotate(-1)
            batches = self._taken(mine, await self._fetch(consumer, mine, [mine.turns[-1]], 0, max_records))
            if batches:
                return batches
        return self._taken(mine, await self._fetch(consumer, mine, [], _LOOK_UP_MS, max_records))

    async def _fetch(
        self,
        consumer: AIOKafkaConsumer,
        mine: Assignment,
        places: Collection[KafkaPartition],
        wait_ms: int,
        max_records: int,
    ) -> Mapping[KafkaPartition, list[ConsumerRecord]]:
        try:
            fetched: Mapping[KafkaPartition, list[ConsumerRecord]] = await consumer.getmany(
                *places, timeout_ms=wait_ms, max_records=max_records
            )
        except OffsetOutOfRangeError as error:
            await seek_past_retention(
                consumer, self._cluster, {place: mine.at[place] for place in error.args[0] if place in mine.at}
            )
            return {}
        except NoOffsetForPartitionError as error:
            for place in mine.at.keys() & set(error.args):
                consumer.seek(place, mine.at[place])
            return {}
        return fetched

    def _taken(self, mine: Assignment, fetched: Mapping[KafkaPartition, list[ConsumerRecord]]) -> list[Batch]:
        batches = []
        for place, records in fetched.items():
            if records and place in mine.at:
                batches.append(batch_of(self._cluster, place, mine.at[place], records))
                mine.at[place] = batches[-1].next
        return batches


async def seek_past_retention(consumer: AIOKafkaConsumer, cluster: Cluster, at: Mapping[KafkaPartition, int]) -> None:
    """Positions outside what the partitions hold: go on behind what retention removed, but never back.

    Raises LogCorrupt for a position beyond the end.
    """
    beginnings = await consumer.beginning_offsets(list(at))
    ends = await consumer.end_offsets(list(at))
    for place, position in at.items():
        if position > ends[place]:
            raise LogCorrupt(
                f"topic {place.topic} partition {place.partition} at {cluster.servers} ends at {ends[place]}, but"
                f" {position} was read before: this log is older than the database; restore one of them"
            )
        consumer.seek(place, max(position, beginnings[place]))


def batch_of(cluster: Cluster, place: KafkaPartition, start: int, records: list[ConsumerRecord]) -> Batch:
    stored = tuple(StoredRecord(record.offset, (record.key or b"").decode(), record.value or b"") for record in records)
    return Batch(cluster.inside(place.topic), place.partition, start, stored[-1].offset + 1, stored)
