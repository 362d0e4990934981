"""The projection runner: takes batches of the log into a database, each exactly once, whatever dies in between.

A batch, its position and what it emits are one transaction. A record that fails is found by halving the batch and set aside
in the transaction that passes it; an outage of the log or the database is nobody's fault and is waited out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping

from sqlalchemy import MetaData

from ..service.database import Database, prepare
from .made_by import sign
from .outages import Backoff, outage_of
from .outbox import outbox_table, relay
from .port import EventLog, TopicPartition
from .positions import Progress, position_table, read_positions, read_progress
from .projection import Projection
from .step import Hooks, Miscounted, step

__all__ = [
    "Hooks",
    "Miscounted",
    "prepare_tables",
    "progress_of",
    "run_projection",
    "run_until_caught_up",
    "step",
]


async def prepare_tables(projection: Projection, database: Database) -> None:
    """Create the projection's tables, and the runner's own beside them, where they are not there yet.

    Raises MadeByAnotherVersion where they are, but made by other rules or columns.
    """
    position_table(projection.metadata)
    outbox_table(projection.metadata)
    await prepare(database, projection.metadata)
    await database.write(lambda connection: sign(connection, projection))


async def run_projection(
    projection: Projection,
    log: EventLog,
    database: Database,
    group: str,
    stop: asyncio.Event,
    *,
    hooks: Hooks | None = None,
) -> None:
    """Follow the projection's topics until `stop`; the batch under way is finished.

    Outages are waited out, a lost partition is left. Raises TooManyFailed, and what else no waiting will heal.
    """
    hooks = hooks or Hooks()
    backoff = Backoff(stop)
    while not stop.is_set():
        try:
            await _follow(projection, log, database, group, stop, hooks, backoff)
        except Exception as error:
            if (reason := outage_of(error)) is None:
                raise
            hooks.waiting_for = reason
            await backoff.wait(reason, error)


async def run_until_caught_up(
    projection: Projection, log: EventLog, database: Database, group: str, *, hooks: Hooks | None = None
) -> int:
    """Take in all that the log holds now, relay what that emits, and return the number of records taken in.

    For tests and tools: nothing is waited out, every error is raised.
    """
    hooks = hooks or Hooks()
    await prepare_tables(projection, database)
    taken = 0
    ends = await log.end_positions(projection.topics)
    starts = await _positions(database, projection.metadata, ends)
    for at, end in sorted(ends.items()):
        async for batch in log.read(*at, starts.get(at, 0), end, max_records=hooks.max_records):
            await step(projection, database, batch, group=group, hooks=hooks)
            taken += len(batch.records)
    await relay(outbox_table(projection.metadata), database, log)
    return taken


async def _follow(
    projection: Projection,
    log: EventLog,
    database: Database,
    group: str,
    stop: asyncio.Event,
    hooks: Hooks,
    backoff: Backoff,
) -> None:
    await prepare_tables(projection, database)
    hooks.waiting_for = None
    metadata = projection.metadata

    async def positions(partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, int]:
        return await _positions(database, metadata, partitions)

    batches = log.subscribe(projection.topics, group, positions, max_records=hooks.max_records)
    stopped = asyncio.ensure_future(stop.wait())
    try:
        while not stop.is_set():
            coming = asyncio.ensure_future(anext(batches))
            await asyncio.wait((coming, stopped), return_when=asyncio.FIRST_COMPLETED)
            if not coming.done():
                coming.cancel()
                await asyncio.gather(coming, return_exceptions=True)
                return
            await step(projection, database, coming.result(), group=group, hooks=hooks)
            backoff.reset()
    finally:
        stopped.cancel()
        await batches.aclose()  # type: ignore[attr-defined]


async def _positions(
    database: Database, metadata: MetaData, partitions: Collection[TopicPartition]
) -> Mapping[TopicPartition, int]:
    table = position_table(metadata)
    return await database.read(lambda connection: read_positions(connection, table, set(partitions)))


async def progress_of(database: Database, metadata: MetaData) -> dict[TopicPartition, Progress]:
    """How far the database is, per partition: what reports call `as_of` and `fresh_to`."""
    table = position_table(metadata)
    return await database.read(lambda connection: read_progress(connection, table))
