"""`consume` of every service: log → projection → database → outbox → log, until a signal says stop.

On SIGTERM or SIGINT the batch under way is finished, the outbox relayed and everything closed. When a rebuild swaps the
generation, the same is done with the old database and it goes on with the new one.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from dataclasses import dataclass

import structlog
import uvloop

from ..eventlog.made_by import MadeByAnotherVersion
from ..eventlog.outages import Backoff, outage_of
from ..eventlog.outbox import outbox_table
from ..eventlog.port import EventLog
from ..eventlog.positions import TooManyFailed
from ..eventlog.projection import Projection
from ..eventlog.relay import run_relay
from ..eventlog.runner import Hooks, prepare_tables, run_projection
from .database import Database
from .generations import Generations, open_generations
from .metrics import GENERATION
from .opening import open_log
from .settings import ServiceSettings

BuildProjection = Callable[[int], Projection]
"""Makes the projection for a generation (identity writes the number into what it emits)."""

WhyNot = Callable[[], str | None]
"""Answers why the consumer does not get on, or None. May be called from another thread."""

_LOOK_SECONDS = 0.5
_log = structlog.get_logger(__name__)


def run_consumer(settings: ServiceSettings, service: str, build_projection: BuildProjection) -> None:
    """Consume until SIGTERM or SIGINT. Too many failed records, or tables made by another version, end
    the process with status 1 and a line that says so."""
    try:
        uvloop.run(_until_signal(settings, service, build_projection))
    except (TooManyFailed, MadeByAnotherVersion) as error:
        _log.error("stopped", reason=str(error))
        raise SystemExit(1) from error


async def consume(
    settings: ServiceSettings,
    service: str,
    build_projection: BuildProjection,
    stop: asyncio.Event,
    *,
    report: Callable[[WhyNot], None] = lambda _: None,
) -> None:
    """The same until `stop` is set. `report` is given what answers why the consumer does not get on."""
    log = open_log(settings, f"{service}-consume")
    generations = open_generations(settings, service)
    backoff = Backoff(stop)
    try:
        while not stop.is_set():
            consumer = _Consumer(settings, service, log, generations)
            report(consumer.why_not)
            try:
                await consumer.one_generation(build_projection, stop)
                backoff.reset()
            except Exception as error:
                if (reason := outage_of(error)) is None:
                    raise
                await backoff.wait(reason, error)
    finally:
        await log.close()
        await generations.close()


async def _until_signal(settings: ServiceSettings, service: str, build_projection: BuildProjection) -> None:
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    if not settings.health_port:
        await consume(settings, service, build_projection, stop)
        return
    from .sidecar import Sidecar  # brings FastAPI and uvicorn: half of the time that a start takes

    sidecar = Sidecar(settings.host, settings.health_port)

    def report(why_not: WhyNot) -> None:
        sidecar.why_not = why_not

    try:
        await consume(settings, service, build_projection, stop, report=report)
    finally:
        await asyncio.to_thread(sidecar.stop)


@dataclass(slots=True)
class _Consumer:
    settings: ServiceSettings
    service: str
    log: EventLog
    generations: Generations
    hooks: Hooks | None = None

    def why_not(self) -> str | None:
        if self.hooks is None:
            return "opening the database, or stopping"
        return f"waiting for the {self.hooks.waiting_for}" if self.hooks.waiting_for else None

    async def one_generation(self, build_projection: BuildProjection, stop: asyncio.Event) -> None:
        """Consume into the live generation until it is not the live one any more, or `stop`."""
        generation = await self.generations.live_generation()
        database = self.generations.open(generation)
        try:
            projection = build_projection(generation)
            await prepare_tables(projection, database)
            GENERATION.labels(self.service).set(generation)
            _log.info("consuming", generation=generation, topics=projection.topics)
            await self._run(projection, database, generation, stop)
        finally:
            self.hooks = None
            await database.close()

    async def _run(self, projection: Projection, database: Database, generation: int, stop: asyncio.Event) -> None:
        self.hooks = hooks = Hooks(failed_limit=self.settings.failed_limit, max_records=self.settings.batch_records)
        ending, consumed = asyncio.Event(), asyncio.Event()
        outbox = outbox_table(projection.metadata)
        consuming = asyncio.ensure_future(
            run_projection(projection, self.log, database, self.service, ending, hooks=hooks)
        )
        relaying = asyncio.ensure_future(run_relay(outbox, database, self.log, hooks.committed, consumed))
        watching = asyncio.ensure_future(self._until_swapped(generation, stop))
        try:
            await asyncio.wait((consuming, relaying, watching), return_when=asyncio.FIRST_COMPLETED)
        finally:
            watching.cancel()
            ending.set()
            try:
                await consuming  # finishes the batch under way, or raises what stopped it
            finally:
                consumed.set()
                await relaying

    async def _until_swapped(self, generation: int, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                if await self.generations.live_generation() != generation:
                    return
            except Exception as error:
                if outage_of(error) is None:
                    raise
            try:
                await asyncio.wait_for(stop.wait(), _LOOK_SECONDS)
            except TimeoutError:
                continue
