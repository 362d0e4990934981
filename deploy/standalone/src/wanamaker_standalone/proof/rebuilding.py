"""Builds a service's next generation from the log beside the live one, and swaps when it has caught up.

The live one serves and consumes meanwhile. The running consumer notices the swap, opens the new generation and goes on
where that stands, so no record is passed over and none is taken in twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from sqlalchemy import Connection, Table, inspect, select

from wanamaker_shared.eventlog.port import EventLog, TopicPartition
from wanamaker_shared.eventlog.projection import Projection
from wanamaker_shared.eventlog.replay import ReplayProgress, replay
from wanamaker_shared.eventlog.runner import progress_of
from wanamaker_shared.service.database import Database
from wanamaker_shared.service.generations import Generations, open_generations
from wanamaker_shared.service.opening import open_log
from wanamaker_shared.service.settings import ServiceSettings
from wanamaker_shared.service.sql import insert_ignore

from .rebuilt import Rebuilt

LETTING_GO_SECONDS = 1.0
"""So long the old generation's consumer may still write after the swap."""
CLOSE_ENOUGH = 500
"""Records behind the log's end at which it swaps: the consumer catches up with the rest at once."""


async def rebuild(
    settings: ServiceSettings, service: str, rebuilt: Rebuilt, report: Callable[[ReplayProgress], None]
) -> int:
    """Returns the new live generation. The one before it stays until the next rebuild: its consumer may still be at it."""
    log = open_log(settings, "rebuild")
    generations = open_generations(settings, service)
    try:
        await generations.drop_old()
        before = await generations.live_generation()
        generation = await _next_generation(settings, service, rebuilt, log, generations, report)
        if rebuilt.history:
            await _take_over(rebuilt.history, generations, before, generation)
            await asyncio.sleep(LETTING_GO_SECONDS)
            await _take_over(rebuilt.history, generations, before, generation)
        return generation
    finally:
        await generations.close()
        await log.close()


async def _next_generation(
    settings: ServiceSettings,
    service: str,
    rebuilt: Rebuilt,
    log: EventLog,
    generations: Generations,
    report: Callable[[ReplayProgress], None],
) -> int:
    generation, database = await generations.create_next()
    projection = rebuilt.projection(settings.keyring, generation)
    try:
        while True:
            ends = await log.end_positions(projection.topics)
            await replay(projection, log, database, ends, group=service, progress=report)
            if await _behind(projection, log, database) <= CLOSE_ENOUGH:
                break
    finally:
        await database.close()
    await generations.swap(generation)
    return generation


async def _take_over(tables: Sequence[Table], generations: Generations, before: int, generation: int) -> None:
    """Copy what the old generation wrote down once; what is there already stays."""
    old, new = generations.open(before), generations.open(generation)
    try:
        for table in tables:
            rows = await old.read(partial(_rows, table))
            await new.write(partial(insert_ignore, table=table, rows=rows))
    finally:
        await old.close()
        await new.close()


def _rows(table: Table, connection: Connection) -> list[dict[str, Any]]:
    if not inspect(connection).has_table(table.name):
        return []
    return [dict(row) for row in connection.execute(select(table)).mappings()]


async def _behind(projection: Projection, log: EventLog, database: Database) -> int:
    progress = await progress_of(database, projection.metadata)

    def left(at: TopicPartition, end: int) -> int:
        return end - progress[at].position if at in progress else end

    return sum(left(at, end) for at, end in (await log.end_positions(projection.topics)).items())
