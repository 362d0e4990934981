"""The projection runner: takes batches of the log into a database, each exactly once, whatever dies in between.

A batch, its position and what it emits are one transaction. A record that fails is found by halving the batch and set aside
in the transaction that passes it; an outage of the log or the database is nobody's fault and is waited out.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

import structlog
from sqlalchemy import Connection, MetaData, Table

from ..service.database import Database, prepare
from ..service.errors import SafeError, describe
from ..service.metrics import BATCH_SECONDS, CONSUMED, POSITION
from .failed import set_aside
from .outages import Backoff, outage_of
from .outbox import emit, outbox_table, relay
from .port import Batch, EventLog, TopicPartition
from .positions import (
    Progress,
    TooManyFailed,
    advance,
    count,
    position_table,
    read_positions,
    read_progress,
)
from .projection import Counts, Projection

_log = structlog.get_logger(__name__)


def now_micros() -> int:
    return time.time_ns() // 1000


@dataclass(slots=True)
class Hooks:
    """What a caller of the runner may set (limits, the clock) and see (commits, outages)."""

    committed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set after each commit: the relay waits for it."""
    waiting_for: str | None = None
    """What the runner waits for, while an outage lasts."""
    failed_limit: int | None = 100
    max_records: int = 1000
    clock: Callable[[], int] = now_micros


async def prepare_tables(projection: Projection, database: Database) -> None:
    """Create the projection's tables, and the runner's own beside them, where they are not there yet."""
    position_table(projection.metadata)
    outbox_table(projection.metadata)
    await prepare(database, projection.metadata)


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


async def step(
    projection: Projection, database: Database, batch: Batch, *, group: str = "consumer", hooks: Hooks | None = None
) -> Counts:
    """Take in one batch: one transaction, or several where records of it fail (each half on its own, down to the guilty).

    `group` becomes the failed events' origin. Raises LostOwnership, TooManyFailed, and outages; then the rest of the batch
    is not taken in and its position says so.
    """
    hooks = hooks or Hooks()
    started = time.perf_counter()
    counts = await _take_in(projection, database, batch, group, hooks)
    BATCH_SECONDS.labels(batch.topic).observe(time.perf_counter() - started)
    return counts


async def _take_in(projection: Projection, database: Database, batch: Batch, group: str, hooks: Hooks) -> Counts:
    tables = _Tables(position_table(projection.metadata), outbox_table(projection.metadata))
    try:
        counts = await database.write(lambda connection: _apply(connection, tables, projection, batch))
    except Exception as error:
        if isinstance(error, (TooManyFailed, Miscounted)) or outage_of(error) is not None:
            raise
        if len(batch.records) == 1:
            await _pass_over(database, tables, batch, error, group, hooks)
            return Counts()
        left, right = _halves(batch)
        first = await _take_in(projection, database, left, group, hooks)
        second = await _take_in(projection, database, right, group, hooks)
        return _sum(first, second)
    _note(batch, counts, 0)
    hooks.committed.set()
    return counts


@dataclass(frozen=True, slots=True)
class _Tables:
    position: Table
    outbox: Table


class Miscounted(SafeError):
    """A projection answered counts that do not add up to its batch: a mistake in its code, no record's fault."""


def _apply(connection: Connection, tables: _Tables, projection: Projection, batch: Batch) -> Counts:
    advance(connection, tables.position, batch)
    counts = projection.apply(connection, batch) if batch.records else Counts()
    if counts.facts + counts.duplicates + counts.skipped != len(batch.records):
        raise Miscounted(
            f"{type(projection).__name__} counted {counts} for {len(batch.records)} records of {batch.topic}"
        )
    count(connection, tables.position, batch, counts)
    return counts


async def _pass_over(
    database: Database, tables: _Tables, batch: Batch, error: Exception, group: str, hooks: Hooks
) -> None:
    failed = set_aside(batch, batch.records[0], error, origin=group, at=hooks.clock())

    def work(connection: Connection) -> None:
        advance(connection, tables.position, batch)
        count(connection, tables.position, batch, Counts(), failed=1, failed_limit=hooks.failed_limit)
        emit(connection, tables.outbox, [failed])

    await database.write(work)
    _log.warning(
        "record set aside", topic=batch.topic, partition=batch.partition, offset=batch.start, error=describe(error)
    )
    _note(batch, Counts(), 1)
    hooks.committed.set()


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


def _halves(batch: Batch) -> tuple[Batch, Batch]:
    middle = len(batch.records) // 2
    cut = batch.records[middle].offset
    left = Batch(batch.topic, batch.partition, batch.start, cut, batch.records[:middle])
    return left, Batch(batch.topic, batch.partition, cut, batch.next, batch.records[middle:])


def _sum(left: Counts, right: Counts) -> Counts:
    return Counts(left.facts + right.facts, left.duplicates + right.duplicates, left.skipped + right.skipped)


def _note(batch: Batch, counts: Counts, failed: int) -> None:
    outcomes = {"fact": counts.facts, "duplicate": counts.duplicates, "skipped": counts.skipped, "failed": failed}
    for outcome, number in outcomes.items():
        if number:
            CONSUMED.labels(batch.topic, outcome).inc(number)
    POSITION.labels(batch.topic, batch.partition).set(batch.next)
