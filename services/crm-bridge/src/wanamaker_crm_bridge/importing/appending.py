"""An import's deliveries on their way into the inbox: durable, never far ahead of `consume`, and each once however often."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import structlog

from wanamaker_shared.contracts import crm_webhooks
from wanamaker_shared.eventlog.port import EventLog, LogUnavailable, NewRecord, TopicPartition
from wanamaker_shared.eventlog.positions import position_table, read_positions
from wanamaker_shared.service.database import Database
from wanamaker_shared.service.errors import describe

from ..dialects.spreadsheet import DIALECT
from ..inbox import inbox_record
from ..mapping import Webhook
from ..repository.imports import Import
from ..tables import metadata
from .judging import read_deliveries

AT_ONCE = 8
"""Deliveries appended together."""
AHEAD = 24
"""So many may wait for `consume`; webhooks of the connection stand behind no more than these."""
OUTAGE_SECONDS = 1.0
VERIFIED_BY = "admin-key"
_PAUSE = 0.05
_log = structlog.get_logger(__name__)

Ends = Mapping[TopicPartition, int]


class Save(Protocol):
    async def __call__(self, **values: Any) -> None:
        """Keep these columns of the import."""
        ...


class Appended(NamedTuple):
    """What was appended together. `consume` has mapped it once it is past `ends`."""

    ends: Ends
    deliveries: int
    rows: int


async def append_all(database: Database, log: EventLog, known: Import, path: Path, save: Save) -> None:
    """Append what is not there yet, at most `AHEAD` deliveries before `consume`; then wait until it has mapped all."""
    appended = known.appended
    mapped = await asyncio.to_thread(_rows_before, path, appended)
    waiting: deque[Appended] = deque()
    following = read_deliveries(path, appended)
    while batch := await asyncio.to_thread(lambda: list(islice(following, AT_ONCE))):
        await _durably(log, [_record(known, delivery_id, body) for delivery_id, _, body in batch])
        appended += len(batch)
        await save(appended=appended)
        ends = await log.end_positions([crm_webhooks.TOPIC])
        waiting.append(Appended(ends, len(batch), sum(rows for _, rows, _ in batch)))
        mapped = await _until(database, log, waiting, mapped, save, most=AHEAD)
    waiting.append(
        Appended(await log.end_positions([crm_webhooks.TOPIC]), 1, 0)
    )  # also what others had appended before
    await _until(database, log, waiting, mapped, save, most=0)


def _record(known: Import, delivery_id: str, body: bytes) -> NewRecord:
    webhook = Webhook(known.workspace, known.connection, delivery_id, known.begun_at or 0, body)
    return inbox_record(webhook, dialect=DIALECT, verified_by=VERIFIED_BY)


async def _durably(log: EventLog, records: Sequence[NewRecord]) -> None:
    """Appending twice is appending once, so an outage of the log is waited out."""
    while True:
        try:
            await log.append(records)
        except LogUnavailable as error:
            _log.warning("import waits for the log", error=describe(error))
            await asyncio.sleep(OUTAGE_SECONDS)
        else:
            return


async def _until(
    database: Database, log: EventLog, waiting: deque[Appended], mapped: int, save: Save, *, most: int
) -> int:
    """Wait until at most `most` deliveries are ahead of `consume`; how many rows it has mapped then."""
    while True:
        positions = await _positions(database, log)
        before = mapped
        while waiting and all(positions.get(at, 0) >= end for at, end in waiting[0].ends.items()):
            mapped += waiting.popleft().rows
        if mapped > before:
            await save(rows_mapped=mapped)
        if sum(each.deliveries for each in waiting) <= most:
            return mapped
        await asyncio.sleep(_PAUSE)


async def _positions(database: Database, log: EventLog) -> Ends:
    partitions = set(await log.end_positions([crm_webhooks.TOPIC]))
    table = position_table(metadata)
    return await database.read(lambda connection: read_positions(connection, table, partitions))


def _rows_before(path: Path, deliveries: int) -> int:
    return sum(rows for _, rows, _ in islice(read_deliveries(path, 0), deliveries))
