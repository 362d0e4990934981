"""`wanamaker migrate`: makes what services need before they start. Safe to repeat; on one machine there is nothing to do."""

from __future__ import annotations

import asyncio

import typer

from wanamaker_shared.contracts.topics import TOPICS
from wanamaker_shared.eventlog.outbox import outbox_table
from wanamaker_shared.eventlog.positions import position_table
from wanamaker_shared.service.database import prepare
from wanamaker_shared.service.generations import open_generations
from wanamaker_shared.service.opening import open_log
from wanamaker_shared.service.settings import ServiceSettings

from .options import DEFAULT_DATA, Data, Database


def migrate(data: Data = DEFAULT_DATA, database: Database = None) -> None:
    """Create the topics on Kafka (WANAMAKER_KAFKA) and the schemas on PostgreSQL, where they are missing."""
    settings = ServiceSettings(data=data, database=database)
    if settings.kafka:
        asyncio.run(_make_topics(settings))
        typer.echo(f"topics on {settings.kafka}: {', '.join(TOPICS)}")
    if settings.database:
        for service in asyncio.run(_make_schemas(settings)):
            typer.echo(f"schema of {service}")
    if not settings.kafka and not settings.database:
        typer.echo("nothing to do: files are made when they are first needed")


async def _make_topics(settings: ServiceSettings) -> None:
    """Asking for a topic's end makes it. Raises LogUnavailable for one that forgets too soon."""
    log = open_log(settings, "migrate")
    try:
        await log.end_positions(list(TOPICS))
    finally:
        await log.close()


async def _make_schemas(settings: ServiceSettings) -> list[str]:
    from ..proof.services import TABLES  # only here: the other commands start without loading the services

    for service, metadata in TABLES.items():
        position_table(metadata)
        outbox_table(metadata)
        generations = open_generations(settings, service)
        live = generations.open(await generations.live_generation())
        try:
            await prepare(live, metadata)
        finally:
            await live.close()
            await generations.close()
    return list(TABLES)
