"""One step: a batch into the database, its position and what it emits in one transaction, and the guilty record found.

A batch that fails is halved until the record that fails is alone; that one goes to `failed-events` in the transaction that
passes it. Outages and lost partitions are raised: they are not the record's fault.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from sqlalchemy import Connection

from ..service.database import Database
from ..service.errors import SafeError, describe
from ..service.metrics import BATCH_SECONDS, CONSUMED, FRESH_TO, POSITION
from .failed import set_aside
from .outages import outage_of
from .outbox import emit, outbox_table
from .port import Batch
from .positions import TooManyFailed, advance, count
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
    tell: bool = True
    """Whether to log the records set aside; a replay only repeats what was told."""
    failed_limit: int | None = 100
    max_records: int = 1000
    clock: Callable[[], int] = now_micros


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
    try:
        counts, newest = await database.write(lambda connection: _apply(connection, projection, batch))
    except Exception as error:
        if isinstance(error, (TooManyFailed, Miscounted)) or outage_of(error) is not None:
            raise
        if len(batch.records) == 1:
            await _pass_over(projection, database, batch, error, group, hooks)
            return Counts()
        left, right = _halves(batch)
        first = await _take_in(projection, database, left, group, hooks)
        second = await _take_in(projection, database, right, group, hooks)
        return _sum(first, second)
    _note(batch, counts, 0, newest)
    hooks.committed.set()
    return counts


class Miscounted(SafeError):
    """A projection answered counts that do not add up to its batch: a mistake in its code, no record's fault."""


def _apply(connection: Connection, projection: Projection, batch: Batch) -> tuple[Counts, int]:
    advance(connection, batch)
    counts = projection.apply(connection, batch) if batch.records else Counts()
    if counts.facts + counts.duplicates + counts.skipped != len(batch.records):
        raise Miscounted(
            f"{type(projection).__name__} counted {counts} for {len(batch.records)} records of {batch.topic}"
        )
    return counts, count(connection, batch, counts)


async def _pass_over(
    projection: Projection, database: Database, batch: Batch, error: Exception, group: str, hooks: Hooks
) -> None:
    outbox = outbox_table(projection.metadata)
    failed = set_aside(batch, batch.records[0], error, origin=group, at=hooks.clock())

    def work(connection: Connection) -> int:
        advance(connection, batch)
        emit(connection, outbox, [failed])
        return count(connection, batch, Counts(), failed=1, failed_limit=hooks.failed_limit)

    newest = await database.write(work)
    if hooks.tell:
        where = {"topic": batch.topic, "partition": batch.partition, "offset": batch.records[0].offset}
        _log.warning("record set aside", **where, error=describe(error))
    _note(batch, Counts(), 1, newest)
    hooks.committed.set()


def _halves(batch: Batch) -> tuple[Batch, Batch]:
    middle = len(batch.records) // 2
    cut = batch.records[middle].offset
    left = Batch(batch.topic, batch.partition, batch.start, cut, batch.records[:middle])
    return left, Batch(batch.topic, batch.partition, cut, batch.next, batch.records[middle:])


def _sum(left: Counts, right: Counts) -> Counts:
    return Counts(left.facts + right.facts, left.duplicates + right.duplicates, left.skipped + right.skipped)


def _note(batch: Batch, counts: Counts, failed: int, newest: int) -> None:
    outcomes = {"fact": counts.facts, "duplicate": counts.duplicates, "skipped": counts.skipped, "failed": failed}
    for outcome, number in outcomes.items():
        if number:
            CONSUMED.labels(batch.topic, outcome).inc(number)
    POSITION.labels(batch.topic, batch.partition).set(batch.next)
    if newest:
        FRESH_TO.labels(batch.topic, batch.partition).set(newest / 1_000_000)
