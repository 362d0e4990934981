"""Which log and which database the settings mean: the one place that knows both topologies."""

from __future__ import annotations

from sqlalchemy import MetaData

from ..eventlog.port import EventLog
from .database import Database
from .generations import open_generations
from .live import LiveDatabase
from .settings import ServiceSettings

_POINTER_SECONDS = 1.0
"""How late a serving process may notice a swap on PostgreSQL; a file's pointer is looked at each time."""


def open_log(settings: ServiceSettings, process: str) -> EventLog:
    """The event log, for a process (`collector-serve`) that may append to the topics it is a writer of."""
    if settings.kafka:
        from ..eventlog.kafka import KafkaLog

        return KafkaLog(
            settings.kafka,
            process=process,
            prefix=settings.kafka_prefix,
            partitions=settings.partitions,
            replication=settings.kafka_replication,
            accept_short_retention=settings.kafka_short_retention,
        )
    from ..eventlog.embedded import EmbeddedLog

    return EmbeddedLog(settings.data / "log", process=process, partitions=settings.partitions)


def open_database(settings: ServiceSettings, service: str, metadata: MetaData | None = None) -> Database:
    """The service's live database. With `metadata`, tables that are not there yet are created when it is first used."""
    return LiveDatabase(
        open_generations(settings, service),
        service,
        metadata=metadata,
        every=_POINTER_SECONDS if settings.database else 0.0,
    )
