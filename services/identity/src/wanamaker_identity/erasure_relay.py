"""Brings what CRMs erased to the topic `decisions`: a task of `serve`, which alone writes that topic.

`consume` keeps what a CRM erased in a table; what has no decision there yet is appended. Until the decision was consumed it may
be appended again, by another process or after a restart: it has the same bytes each time and counts once.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial

import structlog

from wanamaker_shared.contracts import decisions
from wanamaker_shared.contracts.record import encode
from wanamaker_shared.eventlog.outages import Backoff, outage_of
from wanamaker_shared.eventlog.port import EventLog, NewRecord
from wanamaker_shared.service.database import Database
from wanamaker_shared.service.errors import describe, frames

from .erasing import ErasedContact
from .repository.erasures import undecided

SECONDS = 1.0
_MOST = 500
_log = structlog.get_logger(__name__)


@asynccontextmanager
async def relaying_erasures(database: Database, log: EventLog) -> AsyncIterator[None]:
    """Relay in the background as long as the context lasts."""
    stop = asyncio.Event()
    task = asyncio.create_task(_run(database, log, stop))
    try:
        yield
    finally:
        stop.set()
        await task


async def relay_erasures(database: Database, log: EventLog, said: frozenset[ErasedContact]) -> frozenset[ErasedContact]:
    """Append a decision for each erased contact that has none, but for those `said` before; give all that still have none.

    Raises LogUnavailable, or what the database raises.
    """
    waiting = frozenset(await database.read(partial(undecided, limit=_MOST)))
    fresh = sorted(waiting - said, key=lambda each: (each.at, each.workspace, each.decision_id))
    if fresh:
        await log.append(
            [NewRecord(decisions.TOPIC, decisions.key(each.workspace), encode(each.decision())) for each in fresh]
        )
        _log.info("a CRM erased contacts: decisions appended", records=len(fresh))
    return waiting


async def _run(database: Database, log: EventLog, stop: asyncio.Event) -> None:
    backoff = Backoff(stop)
    said = frozenset[ErasedContact]()
    while not stop.is_set():
        try:
            said = await relay_erasures(database, log, said)
            backoff.reset()
        except Exception as error:  # noqa: BLE001  nobody would notice that the task ended
            if reason := outage_of(error):
                await backoff.wait(reason, error)
                continue
            _log.error("erasures of CRMs were not relayed", error=describe(error), frames=frames(error))
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), SECONDS)
