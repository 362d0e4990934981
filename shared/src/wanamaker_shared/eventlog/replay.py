"""Replay: what a projection makes of the log up to given positions, in a database of its own (verify, rebuild)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass

from ..service.database import Database
from .port import Batch, EventLog, TopicPartition
from .positions import position_table, read_positions
from .projection import Projection
from .runner import Hooks, prepare_tables, step


@dataclass(frozen=True, slots=True)
class ReplayProgress:
    done: int
    """Records taken in or passed since the replay began."""
    total: int
    """Records between where it began and where it ends."""


async def replay(
    projection: Projection,
    log: EventLog,
    database: Database,
    upto: Mapping[TopicPartition, int],
    *,
    group: str,
    max_records: int = 5000,
    failed_limit: int | None = None,
    progress: Callable[[ReplayProgress], None] | None = None,
) -> None:
    """Take in all records before the positions `upto`, a batch of each partition in turn; goes on where the database stands.

    Partitions not in `upto` are not read. What the projection emits stays in the database's outbox. `group` is the failed
    events' origin, as in `step`. Without `failed_limit`, all the live consumer set aside is set aside here too.
    """
    await prepare_tables(projection, database)
    table = position_table(projection.metadata)
    starts = await database.read(lambda connection: read_positions(connection, table, set(upto)))
    waiting: dict[TopicPartition, AsyncIterator[Batch]] = {
        at: log.read(*at, starts.get(at, 0), end, max_records=max_records)
        for at, end in sorted(upto.items())
        if end > starts.get(at, 0)
    }
    total = sum(upto[at] - starts.get(at, 0) for at in waiting)
    done = 0
    hooks = Hooks(failed_limit=failed_limit, max_records=max_records, tell=False)
    while waiting:
        for at, batches in list(waiting.items()):
            batch = await anext(batches, None)
            if batch is None:
                del waiting[at]
                continue
            await step(projection, database, batch, group=group, hooks=hooks)
            done += batch.next - batch.start
            if progress is not None:
                progress(ReplayProgress(done, total))
