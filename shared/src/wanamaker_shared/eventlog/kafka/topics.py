"""Topics in the cluster: made by us with the retention of contracts/topics.py, and refused where somebody set less.

Auto-creation is expected to be off: it would make source topics that forget after a week.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from ...contracts.topics import TOPICS
from ...safe_error import SafeError
from ..port import LogUnavailable
from .cluster import MAX_RECORD_BYTES, Cluster

_FOR_EVER = -1
_LOOK_AGAIN = 0.05


class TopicRefused(SafeError):
    """A topic exists, but would lose records that must be kept. The message says which setting to change.

    Not a LogUnavailable: waiting does not help.
    """


class Topics:
    """Makes and checks each topic once; knows their numbers of partitions.

    `replication` None = three, or as many as there are brokers.
    """

    def __init__(
        self,
        cluster: Cluster,
        process: str,
        *,
        partitions: int,
        replication: int | None = None,
        accept_short_retention: bool = False,
    ) -> None:
        self._cluster = cluster
        self._process = process
        self._partitions = partitions
        self._replication = replication
        self._accept_short_retention = accept_short_retention
        self._known: dict[str, int] = {}
        self._lock = asyncio.Lock()

    async def partitions(self, topic: str) -> int:
        """The topic's number of partitions. Raises LogUnavailable, TopicRefused."""
        known = self._known.get(topic)
        if known is None:
            await self.ensure([topic])
            known = self._known[topic]
        return known

    async def ensure(self, topics: Collection[str]) -> None:
        """Make those that are missing, check those that are there. Raises LogUnavailable, TopicRefused."""
        if all(topic in self._known for topic in topics):
            return
        try:
            async with asyncio.timeout(self._cluster.deadline), self._lock:
                # Only now: whoever held the lock may have made what we want.
                missing = [topic for topic in dict.fromkeys(topics) if topic not in self._known]
                if missing:
                    await self._ensure(missing)
        except (KafkaError, OSError, TimeoutError) as error:
            raise LogUnavailable(
                f"Kafka at {self._cluster.servers} does not give the topics {', '.join(topics)}: {error!r}"
            ) from error

    async def _ensure(self, topics: Collection[str]) -> None:
        admin = AIOKafkaAdminClient(**self._cluster.client(self._process))
        try:
            await admin.start()
            await self._make(admin, topics)
            await self._check(admin, topics)
            self._known.update(await self._counts(admin, topics))
        finally:
            await admin.close()

    async def _make(self, admin: AIOKafkaAdminClient, topics: Collection[str]) -> None:
        outside = {self._cluster.outside(topic): topic for topic in topics}
        described = await admin.describe_topics(list(outside))
        absent = [outside[found["topic"]] for found in described if not found["partitions"]]
        if not absent:
            return
        replication = self._replication or min(3, len((await admin.describe_cluster())["brokers"]))
        answer = await admin.create_topics(
            [
                NewTopic(
                    self._cluster.outside(topic),
                    self._partitions,
                    replication,
                    topic_configs={
                        "cleanup.policy": "delete",
                        "retention.ms": str(retention_ms(topic)),
                        "retention.bytes": str(_FOR_EVER),
                        "max.message.bytes": str(MAX_RECORD_BYTES + 4096),
                    },
                )
                for topic in absent
            ]
        )
        for name, code, message in answer.topic_errors:
            error = for_code(code)
            if code != 0 and error is not TopicAlreadyExistsError:  # another process may have been quicker
                raise LogUnavailable(f"Kafka did not make the topic {name}: {error.__name__} {message or ''}")

    async def _check(self, admin: AIOKafkaAdminClient, topics: Collection[str]) -> None:
        if self._accept_short_retention:
            return
        resources = [ConfigResource(ConfigResourceType.TOPIC, self._cluster.outside(topic)) for topic in topics]
        for answer in await admin.describe_configs(resources):
            for _, _, _, name, entries, *_ in answer.resources:
                settings = {entry[0]: entry[1] for entry in entries}
                topic = self._cluster.inside(name)
                wanted = retention_ms(topic)
                for setting, least in (("retention.ms", wanted), ("retention.bytes", _FOR_EVER)):
                    value = int(settings.get(setting) or _FOR_EVER)
                    if value != _FOR_EVER and (least == _FOR_EVER or value < least):
                        raise TopicRefused(
                            f"topic {name} has {setting}={value} and would forget records that must be kept; set it to"
                            f" {least} (kafka-configs --alter --topic {name} --add-config {setting}={least}),"
                            " or accept the loss (WANAMAKER_KAFKA_SHORT_RETENTION=true)"
                        )
                if "compact" in (settings.get("cleanup.policy") or ""):
                    raise TopicRefused(f"topic {name} is compacted and would forget records; set cleanup.policy=delete")

    async def _counts(self, admin: AIOKafkaAdminClient, topics: Collection[str]) -> dict[str, int]:
        """Waits until every partition has a leader: a topic just made takes a moment."""
        while True:
            described = await admin.describe_topics([self._cluster.outside(topic) for topic in topics])
            counts = {
                self._cluster.inside(found["topic"]): len(found["partitions"])
                for found in described
                if found["partitions"] and all(partition["leader"] >= 0 for partition in found["partitions"])
            }
            if len(counts) == len(topics):
                return counts
            await asyncio.sleep(_LOOK_AGAIN)


def retention_ms(topic: str) -> int:
    """How long the topic must keep its records, in milliseconds; -1 = for ever. Topics without a contract too."""
    retention = TOPICS[topic].retention if topic in TOPICS else None
    return _FOR_EVER if retention is None else int(retention.total_seconds() * 1000)
