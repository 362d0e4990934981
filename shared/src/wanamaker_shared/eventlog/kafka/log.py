"""The Kafka adapter of the port."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import Any
from weakref import WeakSet

from ...contracts.topics import TOPICS
from ..port import Batch, LogUnavailable, NewRecord, Positions, TopicPartition
from .cluster import Cluster
from .consumer import Follower
from .producer import GroupProducer
from .ranges import Ranges
from .topics import TopicRefused, Topics


class KafkaLog:
    """Keeps the contract of `EventLog`. One event loop uses one instance.

    Topics are made when they are first used (`start` makes them at once), with `partitions` and `replication` if they are
    not there yet. `prefix` stands before every topic and group. `deadline` in seconds bounds every wait for the cluster.
    `security` goes to aiokafka as it is (security_protocol, ssl_context, sasl_mechanism, …).
    """

    def __init__(
        self,
        servers: str,
        process: str,
        *,
        prefix: str = "",
        partitions: int = 4,
        replication: int | None = None,
        accept_short_retention: bool = False,
        deadline: float = 10.0,
        queue_bytes: int = 64 << 20,
        security: Mapping[str, Any] | None = None,
    ) -> None:
        self.process = process
        self._cluster = Cluster(servers, prefix, deadline, dict(security or {}))
        self._topics = Topics(
            self._cluster,
            process,
            partitions=partitions,
            replication=replication,
            accept_short_retention=accept_short_retention,
        )
        self._producer = GroupProducer(self._cluster, self._topics, process, queue_bytes=queue_bytes)
        self._ranges = Ranges(self._cluster, self._topics, process)
        self._followers: WeakSet[Follower] = WeakSet()
        self._closed = False

    async def start(self, topics: Collection[str] = tuple(TOPICS)) -> None:
        """Make and check these topics now. Raises LogUnavailable, and TopicRefused for one that forgets too soon."""
        await self._topics.ensure(topics)

    async def append(self, records: Sequence[NewRecord]) -> None:
        """Also raises ValueError for a record that is too large, UnicodeEncodeError for a key that is no text."""
        if self._closed:
            raise LogUnavailable("the log is closed")
        if not records:
            return
        try:
            await self._producer.append(records)
        except TopicRefused as refused:
            raise LogUnavailable(str(refused)) from refused

    def subscribe(
        self, topics: Collection[str], group: str, positions: Positions, *, max_records: int = 1000
    ) -> AsyncIterator[Batch]:
        """Ends when the log is closed. Also raises TopicRefused."""
        follower = Follower(self._cluster, self._topics, self.process, group, positions)
        self._followers.add(follower)
        return follower.batches(list(dict.fromkeys(topics)), max_records)

    def read(
        self, topic: str, partition: int, start: int, end: int, *, max_records: int = 1000
    ) -> AsyncIterator[Batch]:
        """Also finishes at the end of the partition, if that comes before `end`."""
        return self._ranges.read(topic, partition, start, end, max_records)

    async def end_positions(self, topics: Collection[str]) -> dict[TopicPartition, int]:
        return await self._ranges.ends(topics)

    async def close(self) -> None:
        """Bounded by the deadline and a few seconds."""
        self._closed = True
        await asyncio.gather(
            self._producer.close(), self._ranges.close(), *(follower.stop() for follower in list(self._followers))
        )
