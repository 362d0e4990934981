"""The crm-bridge's `serve`: wiring only."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI

from wanamaker_shared.contracts import crm_webhooks
from wanamaker_shared.eventlog.port import EventLog
from wanamaker_shared.failed.api import include_failed
from wanamaker_shared.failed.desk import Desk
from wanamaker_shared.service import health, metrics, problems
from wanamaker_shared.service.live import open_database
from wanamaker_shared.service.opening import open_log

from .again import QuestionWay, RecordWay, WebhookWay
from .api import Clock, webhook_router
from .fetching import run_fetching
from .importing.desk import ImportDesk
from .importing.running import Importer
from .importing.uploads import Uploads
from .imports_api import include_imports
from .readers import fetchers
from .readers.api import SECONDS, Apis
from .reconcile_api import reconcile_router
from .reconciling import run_schedule
from .settings import BridgeSettings
from .tables import metadata
from .watching import run_watching


def create_app(
    settings: BridgeSettings,
    *,
    log: EventLog | None = None,
    http: httpx.AsyncClient | None = None,
    clock: Clock = time.time,
) -> FastAPI:
    """The application. It closes the log, the database and `http`, the client that asks CRMs, when it stops.

    Raises what is wrong with the keys, the connections or the log.
    """
    workspaces, connections = settings.keyring.workspaces, settings.known_connections
    log = log or open_log(settings, "crm-bridge-serve")
    database = open_database(settings, settings.service, metadata)
    http = http or httpx.AsyncClient(timeout=SECONDS, follow_redirects=False)
    apis = Apis(http, workspaces, connections)
    ways = (WebhookWay(settings.keyring, connections), RecordWay(), QuestionWay())
    desk = Desk(settings.service, log, settings.keyring, ways, lambda: int(clock() * 1_000_000))
    importer = Importer(
        database,
        log,
        keys=settings.keyring.hmac_key,
        clock=lambda: int(clock() * 1_000_000),
        most_bad=settings.import_bad_rows,
    )
    uploads = Uploads(settings.data / settings.service / "imports")

    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        await asyncio.to_thread(uploads.open)
        stop = asyncio.Event()
        asking = []
        if any(keys.crm_access for keys in workspaces.values()):
            asking = [
                asyncio.ensure_future(run_fetching(database, log, fetchers(apis), stop)),
                asyncio.ensure_future(run_schedule(database, settings.keyring, connections, stop)),
                asyncio.ensure_future(run_watching(database, apis, settings.keyring, connections, stop)),
            ]
        try:
            yield
        finally:
            stop.set()
            for each in asking:
                each.cancel()  # what is under way is asked again when its lease ends
            await asyncio.gather(*asking, return_exceptions=True)
            await importer.stop()
            await asyncio.to_thread(uploads.close)
            await http.aclose()
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
    app.include_router(reconcile_router(settings.keyring, connections, database))
    include_imports(app, ImportDesk(settings, database, importer, uploads.directory, lambda: int(clock() * 1_000_000)))
    include_failed(app, lambda: desk)
    app.include_router(health.health_router(ready))
    app.include_router(metrics.metrics_router())
    return app
