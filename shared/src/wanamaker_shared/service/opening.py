"""Which log the settings mean, in both topologies; which database, `live` knows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..contracts.topics import TOPICS
from ..eventlog.port import EventLog
from .settings import ServiceSettings

if TYPE_CHECKING:
    from ..eventlog.spool import SpooledLog

_SECONDS_TO_SEND_ON = 5.0
"""How long what was spooled may wait for its acknowledgement: nobody waits for it, and a slow Kafka need not get it twice."""
_QUEUE_BYTES = 64 << 20


def open_log(settings: ServiceSettings, process: str, *, deadline: float = 10.0) -> EventLog:
    """The event log, for a process (`collector-serve`) that may append to the topics it is a writer of.

    `deadline` in seconds bounds an append to Kafka.
    """
    if settings.kafka:
        from ..eventlog.kafka import KafkaLog

        return KafkaLog(
            settings.kafka,
            process=process,
            prefix=settings.kafka_prefix,
            partitions=settings.partitions,
            replication=settings.kafka_replication,
            accept_short_retention=settings.kafka_short_retention,
            deadline=deadline,
            queue_bytes=_QUEUE_BYTES,
        )
    from ..eventlog.embedded import EmbeddedLog

    return EmbeddedLog(settings.data / "log", process=process, partitions=settings.partitions)


def open_spooled_log(
    settings: ServiceSettings, process: str, *, directory: Path, limit: int, deadline: float
) -> SpooledLog:
    """Kafka with a spool of `limit` bytes in this directory; not started yet. For settings that name a Kafka.

    Raises LogUnavailable if another process has the directory, or if the disk refuses it.
    """
    from ..eventlog.spool import SpooledLog
    from ..eventlog.spool.spool import Spool

    return SpooledLog(
        open_log(settings, process, deadline=deadline),
        open_log(settings, process, deadline=max(deadline, _SECONDS_TO_SEND_ON)),
        Spool(directory, process, limit=limit, deadline=deadline, queue_bytes=_QUEUE_BYTES),
        topics=[topic.name for topic in TOPICS.values() if process in topic.writers],
        deadline=deadline,
    )
