"""The crm-bridge's `serve`: wiring only."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from fastapi import FastAPI

from wanamaker_shared.contracts import crm_webhooks
from wanamaker_shared.eventlog.port import EventLog
from wanamaker_shared.failed.api import include_failed
from wanamaker_shared.failed.desk import Desk
from wanamaker_shared.service import health, metrics, problems
from wanamaker_shared.service.opening import open_database, open_log

from .again import RecordWay, WebhookWay
from .api import Clock, webhook_router
from .fetching import Fetcher, run_fetching
from .settings import BridgeSettings
from .tables import metadata

FETCHERS: Mapping[str, Fetcher] = {}
"""Who asks the questions of which dialect; the generic one asks none."""


def create_app(
    settings: BridgeSettings,
    *,
    log: EventLog | None = None,
    fetchers: Mapping[str, Fetcher] = FETCHERS,
    clock: Clock = time.time,
) -> FastAPI:
    """The application. It closes the log when it stops. Raises what is wrong with the keys or the log."""
    workspaces = settings.keyring.workspaces
    log = log or open_log(settings, "crm-bridge-serve")
    ways = (WebhookWay(settings.keyring), RecordWay())
    desk = Desk(settings.service, log, settings.keyring, ways, lambda: int(clock() * 1_000_000))

    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        stop = asyncio.Event()
        fetching = asyncio.ensure_future(_fetching(settings, log, fetchers, stop))
        try:
            yield
        finally:
            stop.set()
            fetching.cancel()  # what is under way is asked again when its lease ends
            await asyncio.gather(fetching, return_exceptions=True)
            await log.close()

    async def ready() -> None:
        if not any(keys.webhooks for keys in workspaces.values()):
            raise health.NotReady("keys.json has no webhook secret; `wanamaker keys` makes one")
        await log.end_positions([crm_webhooks.TOPIC])

    app = FastAPI(
        title="Wanamaker crm-bridge",
        summary="Takes in what CRMs say of deals and contacts.",
        version="1",
        lifespan=running,
    )
    problems.install(app)
    app.include_router(webhook_router(settings, log, clock=clock))
    include_failed(app, lambda: desk)
    app.include_router(health.health_router(ready))
    app.include_router(metrics.metrics_router())
    return app


async def _fetching(
    settings: BridgeSettings, log: EventLog, fetchers: Mapping[str, Fetcher], stop: asyncio.Event
) -> None:
    """The database is opened only where there is something to ask."""
    if not fetchers:
        return
    database = open_database(settings, settings.service, metadata)
    try:
        await run_fetching(database, log, fetchers, stop)
    finally:
        await database.close()
