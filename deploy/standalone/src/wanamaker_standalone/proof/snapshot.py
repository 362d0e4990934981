"""A service's live database at one moment: its derived rows, and the positions they reflect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, func, select

from wanamaker_shared.eventlog.compare import dump
from wanamaker_shared.eventlog.outbox import outbox_table
from wanamaker_shared.eventlog.port import TopicPartition
from wanamaker_shared.eventlog.positions import Progress, position_table, read_progress
from wanamaker_shared.eventlog.projection import Projection
from wanamaker_shared.eventlog.runner import prepare_tables
from wanamaker_shared.service.database import Database


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`lines` is the file with the derived rows, `digest` its SHA-256; `waiting_out` counts the outbox."""

    progress: Mapping[TopicPartition, Progress]
    waiting_out: int
    lines: Path
    digest: str

    @property
    def positions(self) -> dict[TopicPartition, int]:
        return {at: row.position for at, row in self.progress.items()}


async def take(projection: Projection, database: Database, lines: Path) -> Snapshot:
    """Write the derived rows into the file `lines`; all that is answered belongs to one transaction."""
    await prepare_tables(projection, database)

    def read(connection: Connection) -> Snapshot:
        progress = read_progress(connection, position_table(projection.metadata))
        outbox = outbox_table(projection.metadata)
        waiting_out = connection.scalar(select(func.count()).select_from(outbox)) or 0
        with lines.open("wb") as file:
            return Snapshot(progress, waiting_out, lines, dump(connection, projection.metadata, file))

    return await database.read(read)
