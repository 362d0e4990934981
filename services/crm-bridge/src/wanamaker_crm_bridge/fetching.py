"""Asks CRMs for what their webhooks leave out: takes questions off the queue, appends the raw answers to the inbox.

Runs in `serve`, which alone writes the inbox, and outside any transaction. A question is leased, asked, and its answer
appended; `consume` removes it when it meets the answer. Whatever dies in between, it is asked again, and an answer that comes
twice is one delivery.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, Literal, Protocol

import structlog
from sqlalchemy import Connection

from wanamaker_shared.eventlog.port import EventLog
from wanamaker_shared.service.database import Database
from wanamaker_shared.service.errors import describe

from .emitting import failed_fetch
from .inbox import FETCHED, inbox_record
from .limits import AnswerTooLarge, LimitUsedUp
from .mapping import Fetch, Webhook
from .repository.fetches import Lane, QueuedFetch, drop_fetch, lease_fetches, postpone_fetch
from .repository.runs import fail_run

MOST_ATTEMPTS = 12
AT_ONCE = 2
"""How many questions of one connection are under way together: while one waits for its vendor, another may be asked."""
MOST_ANSWER_BYTES = 11 << 20
"""As large an answer as the inbox takes, written in base64."""

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
    asking = Asking(database, log, fetchers, clock)
    stopped = asyncio.ensure_future(stop.wait())
    try:
        while not stop.is_set():
            try:
                await asking.begin()
            except Exception as error:  # noqa: BLE001  the loop outlives every outage; each is said
                _log.warning("fetching interrupted", exc_info=error)
            await asking.any_done(stopped)
    finally:
        stopped.cancel()
        await asking.cancel()


async def fetch_due(
    database: Database, log: EventLog, fetchers: Mapping[str, Fetcher], *, clock: Micros = now_micros
) -> int:
    """Ask, once and together, of each connection up to `AT_ONCE` of the questions that are due; return how many."""
    asking = Asking(database, log, fetchers, clock)
    begun = await asking.begin()
    await asking.all_done()
    return begun


class Asking:
    """The questions under way. Those of one connection never wait for another's, whose API may hang."""

    def __init__(self, database: Database, log: EventLog, fetchers: Mapping[str, Fetcher], clock: Micros) -> None:
        self._database = database
        self._log = log
        self._fetchers = fetchers
        self._clock = clock
        self._under_way: dict[asyncio.Task[None], Lane] = {}

    async def begin(self) -> int:
        """Take what is due off the queue, where there is room, and begin to ask it; return how many."""
        self._under_way = {task: lane for task, lane in self._under_way.items() if not task.done()}
        busy = Counter(self._under_way.values())
        now = self._clock()
        until = now + _micros(_LEASE)
        leased = await self._database.write(
            lambda connection: lease_fetches(
                connection, self._fetchers.keys(), now=now, until=until, most=lambda lane: AT_ONCE - busy[lane]
            )
        )
        for queued in leased:
            self._under_way[asyncio.ensure_future(self._ask(queued))] = queued.lane
        return len(leased)

    async def any_done(self, stopped: asyncio.Task[Literal[True]]) -> None:
        """Return when a question is done, when `stopped` is, or when it is time to look for others."""
        waking: list[asyncio.Task[Any]] = [*self._under_way, stopped]
        await asyncio.wait(waking, timeout=_LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)

    async def all_done(self) -> None:
        await asyncio.gather(*self._under_way)

    async def cancel(self) -> None:
        """What is under way is asked again when its lease ends."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _ask(self, queued: QueuedFetch) -> None:
        try:
            answer = await self._fetchers[queued.fetch.dialect].fetch(queued.workspace, queued.connection, queued.fetch)
            if len(answer) > MOST_ANSWER_BYTES:
                raise AnswerTooLarge(f"the answer has {len(answer):,} bytes, more than the inbox takes")
        except Exception as error:  # noqa: BLE001  a CRM's API may fail in any way; the question is asked again later
            await self._or_said(self._failed(queued, error))
            return
        webhook = Webhook(
            workspace=queued.workspace,
            connection=queued.connection,
            delivery_id=FETCHED + queued.fetch.id,
            received_at=self._clock(),
            body=answer,
        )
        record = inbox_record(webhook, dialect=queued.fetch.dialect, verified_by="fetcher")
        await self._or_said(self._log.append([record]))

    async def _or_said(self, writing: Awaitable[None]) -> None:
        """An outage of the log or the database is waited out: the question is asked again when its lease ends."""
        try:
            await writing
        except Exception as error:  # noqa: BLE001  whatever it is, the other questions go on
            _log.warning("fetching interrupted", exc_info=error)

    async def _failed(self, queued: QueuedFetch, error: Exception) -> None:
        """Ask again after twice the time each time; after the last attempt the question goes to failed-events.

        A limit that is used up is no fault of the question and ends, at the latest the next day: that is no attempt. An answer
        that is too large will not be smaller the next time.
        """
        now = self._clock()
        _log.warning("fetch failed", dialect=queued.fetch.dialect, attempt=queued.attempts, exc_info=error)
        limited = isinstance(error, LimitUsedUp)
        if limited or (queued.attempts < MOST_ATTEMPTS and not isinstance(error, AnswerTooLarge)):
            wait = _LIMIT_WAIT if limited else min(_FIRST_WAIT * 2 ** (queued.attempts - 1), _LONGEST_WAIT)
            await self._database.write(
                lambda connection: postpone_fetch(connection, queued, due_at=now + _micros(wait), counted=not limited)
            )
            return
        reason = f"{queued.attempts} attempts failed, the last by {describe(error)}"
        await self._log.append([failed_fetch(queued, reason, at=now)])
        await self._database.write(lambda connection: _give_up(connection, queued, reason, now))


def _give_up(connection: Connection, queued: QueuedFetch, reason: str, now: int) -> None:
    drop_fetch(connection, queued.workspace, queued.connection, queued.fetch.id)
    run = queued.fetch.parameters.get("run")
    if run is not None:
        fail_run(connection, queued.workspace, queued.connection, run, reason, at=now)


def _micros(duration: timedelta) -> int:
    return duration // timedelta(microseconds=1)
