"""`python -m wanamaker_shared.eventlog.kafka`: make all topics and check those that are there, once, before the services start.

Configured like every process (`WANAMAKER_KAFKA`, `WANAMAKER_KAFKA_PREFIX`, `WANAMAKER_PARTITIONS` …). Exit 0: all is well;
1: the cluster does not answer, or a topic would forget what must be kept; the reason is on stderr.
"""

from __future__ import annotations

import asyncio
import sys

from ...contracts.topics import TOPICS
from ...service.opening import open_log
from ...service.settings import ServiceSettings
from ..port import LogUnavailable
from .log import KafkaLog
from .topics import TopicRefused


async def make_topics(settings: ServiceSettings) -> int:
    if not settings.kafka:
        print("WANAMAKER_KAFKA is not set: the embedded log makes its files by itself", file=sys.stderr)
        return 1
    log = open_log(settings, "topics")
    assert isinstance(log, KafkaLog)
    try:
        await log.start()
        ends = await log.end_positions(TOPICS)
    except (LogUnavailable, TopicRefused) as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        await log.close()
    for topic in TOPICS:
        partitions = [end for place, end in ends.items() if place.topic == topic]
        print(f"{settings.kafka_prefix}{topic}: {len(partitions)} partitions, {sum(partitions)} records")
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(make_topics(ServiceSettings())))
