"""Asks CRMs for what their webhooks leave out: takes questions off the queue, appends the raw answers to the inbox.

Runs in `serve`, which alone writes the inbox, and outside any transaction. A question is leased, asked, and its answer
appended; `consume` removes it when it meets the answer. Whatever dies in between, it is asked again, and an answer that comes
twice is one delivery.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Protocol

import structlog
from sqlalchemy import Connection

from wanamaker_shared.eventlog.port import EventLog
from wanamaker_shared.service.database import Database
from wanamaker_shared.service.errors import describe

from .emitting import failed_fetch
from .inbox import FETCHED, inbox_record
from .limits import LimitUsedUp
from .mapping import Fetch, Webhook
from .repository.fetches import QueuedFetch, drop_fetch, lease_fetches, postpone_fetch
from .repository.runs import fail_run

MOST_ATTEMPTS = 12
AT_ONCE = 10
"""How many questions are under way together."""

_LEASE = timedelta(minutes=10)
_FIRST_WAIT = timedelta(seconds=10)
_LONGEST_WAIT = timedelta(hours=1)
_LIMIT_WAIT = timedelta(minutes=10)
_LOOK_SECONDS = 1.0
_log = structlog.get_logger(__name__)

Micros = Callable[[], int]
"""Microseconds since 1970."""


class Fetcher(Protocol):
    """Reads one CRM's API. It owns its credentials, its time limit (below the lease of ten minutes) and its rate."""

    async def fetch(self, workspace: str, connection: str, question: Fetch) -> bytes:
        """The raw answer, to be mapped by the question's dialect. Raises whatever went wrong; it is asked again later."""
        ...


def now_micros() -> int:
    return time.time_ns() // 1000


async def run_fetching(
    database: Database,
    log: EventLog,
    fetchers: Mapping[str, Fetcher],
    stop: asyncio.Event,
    *,
    clock: Micros = now_micros,
) -> None:
    """Ask what is due, until `stop`. Outages of the database or the log are waited out."""
    while not stop.is_set():
        try:
            asked = await fetch_due(database, log, fetchers, clock=clock)
        except Exception as error:  # noqa: BLE001  the loop outlives every outage; each is said
            _log.warning("fetching interrupted", exc_info=error)
            asked = 0
        if asked == 0:
            try:
                await asyncio.wait_for(stop.wait(), _LOOK_SECONDS)
            except TimeoutError:
                continue


async def fetch_due(
    database: Database, log: EventLog, fetchers: Mapping[str, Fetcher], *, clock: Micros = now_micros
) -> int:
    """Ask, once and together, up to `AT_ONCE` of the questions that are due; return how many."""
    now = clock()
    until = now + _micros(_LEASE)
    leased = await database.write(
        lambda connection: lease_fetches(connection, fetchers.keys(), now=now, until=until, limit=AT_ONCE)
    )
    await asyncio.gather(*(_ask(database, log, fetchers[queued.fetch.dialect], queued, clock) for queued in leased))
    return len(leased)


async def _ask(database: Database, log: EventLog, fetcher: Fetcher, queued: QueuedFetch, clock: Micros) -> None:
    try:
        answer = await fetcher.fetch(queued.workspace, queued.connection, queued.fetch)
    except Exception as error:  # noqa: BLE001  a CRM's API may fail in any way; the question is asked again later
        await _failed(database, log, queued, error, clock)
        return
    webhook = Webhook(
        workspace=queued.workspace,
        connection=queued.connection,
        delivery_id=FETCHED + queued.fetch.id,
        received_at=clock(),
        body=answer,
    )
    await log.append([inbox_record(webhook, dialect=queued.fetch.dialect, verified_by="fetcher")])


async def _failed(database: Database, log: EventLog, queued: QueuedFetch, error: Exception, clock: Micros) -> None:
    """Ask again after twice the time each time; after the last attempt the question goes to failed-events.

    A limit that is used up is no fault of the question and ends, at the latest the next day: that is no attempt.
    """
    now = clock()
    _log.warning("fetch failed", dialect=queued.fetch.dialect, attempt=queued.attempts, exc_info=error)
    limited = isinstance(error, LimitUsedUp)
    if limited or queued.attempts < MOST_ATTEMPTS:
        wait = _LIMIT_WAIT if limited else min(_FIRST_WAIT * 2 ** (queued.attempts - 1), _LONGEST_WAIT)
        await database.write(
            lambda connection: postpone_fetch(connection, queued, due_at=now + _micros(wait), counted=not limited)
        )
        return
    reason = f"{MOST_ATTEMPTS} attempts failed, the last by {describe(error)}"
    await log.append([failed_fetch(queued, reason, at=now)])
    await database.write(lambda connection: _give_up(connection, queued, reason, now))


def _give_up(connection: Connection, queued: QueuedFetch, reason: str, now: int) -> None:
    drop_fetch(connection, queued.workspace, queued.connection, queued.fetch.id)
    run = queued.fetch.parameters.get("run")
    if run is not None:
        fail_run(connection, queued.workspace, queued.connection, run, reason, at=now)


def _micros(duration: timedelta) -> int:
    return duration // timedelta(microseconds=1)
