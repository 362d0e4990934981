"""`consume` of every service: log → projection → database → outbox → log, until a signal says stop.

On SIGTERM or SIGINT the batch under way is finished, the outbox relayed and everything closed. When a rebuild swaps the
generation, the same is done with the old database and it goes on with the new one.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable

import structlog
import uvloop

from ..eventlog.outbox import outbox_table
from ..eventlog.port import EventLog
from ..eventlog.projection import Projection
from ..eventlog.relay import run_relay
from ..eventlog.runner import Hooks, prepare_tables, run_projection
from .generations import Generations, open_generations
from .metrics import GENERATION
from .opening import open_log
from .settings import ServiceSettings
from .sidecar import Sidecar

BuildProjection = Callable[[int], Projection]
"""Makes the projection for a generation (identity writes the number into what it emits)."""

_LOOK_SECONDS = 0.5
_log = structlog.get_logger(__name__)


def run_consumer(settings: ServiceSettings, service: str, build_projection: BuildProjection) -> None:
    """Consume until SIGTERM or SIGINT. Raises TooManyFailed and what else no waiting will heal."""
    uvloop.run(_until_signal(settings, service, build_projection))


async def consume(
    settings: ServiceSettings,
    service: str,
    build_projection: BuildProjection,
    stop: asyncio.Event,
    *,
    sidecar: Sidecar | None = None,
) -> None:
    """The same until `stop` is set."""
    generations = open_generations(settings, service)
    log = open_log(settings, f"{service}-consume")
    try:
        while not stop.is_set():
            await _one_generation(settings, service, build_projection, log, generations, stop, sidecar)
    finally:
        await log.close()
        await generations.close()


async def _until_signal(settings: ServiceSettings, service: str, build_projection: BuildProjection) -> None:
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    sidecar = Sidecar(settings.host, settings.health_port) if settings.health_port else None
    try:
        await consume(settings, service, build_projection, stop, sidecar=sidecar)
    finally:
        if sidecar is not None:
            await asyncio.to_thread(sidecar.stop)


async def _one_generation(
    settings: ServiceSettings,
    service: str,
    build_projection: BuildProjection,
    log: EventLog,
    generations: Generations,
    stop: asyncio.Event,
    sidecar: Sidecar | None,
) -> None:
    generation = await generations.live_generation()
    GENERATION.labels(service).set(generation)
    database = generations.open(generation)
    projection = build_projection(generation)
    hooks = Hooks(failed_limit=settings.failed_limit, max_records=settings.batch_records)
    ending = asyncio.Event()
    try:
        await prepare_tables(projection, database)
        _log.info("consuming", service=service, generation=generation, topics=projection.topics)
        if sidecar is not None:
            sidecar.ready()
        running = asyncio.ensure_future(run_projection(projection, log, database, service, ending, hooks=hooks))
        watching = asyncio.ensure_future(_until_swapped(generations, generation, stop))
        relayed = asyncio.Event()
        relaying = asyncio.ensure_future(
            run_relay(outbox_table(projection.metadata), database, log, hooks.committed, relayed)
        )
        try:
            await asyncio.wait((running, watching, relaying), return_when=asyncio.FIRST_COMPLETED)
        finally:
            ending.set()
            watching.cancel()
            try:
                await running  # the batch under way; raises what stopped it
            finally:
                relayed.set()
                await relaying
    finally:
        if sidecar is not None:
            sidecar.not_ready("between two generations, or stopping")
        await database.close()


async def _until_swapped(generations: Generations, generation: int, stop: asyncio.Event) -> None:
    while not stop.is_set():
        if await generations.live_generation() != generation:
            return
        try:
            await asyncio.wait_for(stop.wait(), _LOOK_SECONDS)
        except TimeoutError:
            continue
