"""The crm-bridge's `serve`: wiring only."""

from __future__ import annotations

import asyncio
import shutil
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
from .importing.desk import ImportDesk
from .importing.running import Importer
from .imports_api import include_imports
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
    database = open_database(settings, settings.service, metadata)
    importer = Importer(
        database,
        log,
        keys=settings.keyring.hmac_key,
        clock=lambda: int(clock() * 1_000_000),
        most_bad=settings.import_bad_rows,
    )
    uploads = settings.data / settings.service / "imports"

    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        shutil.rmtree(uploads, ignore_errors=True)  # of a process that was killed; sending the file again goes on
        stop = asyncio.Event()
        fetching = asyncio.ensure_future(_fetching(settings, log, fetchers, stop))
        try:
            yield
        finally:
            stop.set()
            fetching.cancel()  # what is under way is asked again when its lease ends
            await asyncio.gather(fetching, return_exceptions=True)
            await importer.stop()
            await database.close()
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
    include_imports(app, ImportDesk(settings, database, importer, uploads, lambda: int(clock() * 1_000_000)))
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
