"""Identity's `serve`: wiring only."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from sqlalchemy import select

from wanamaker_shared.contracts import decisions
from wanamaker_shared.eventlog.port import EventLog
from wanamaker_shared.failed.api import include_failed
from wanamaker_shared.failed.desk import Desk
from wanamaker_shared.service import health, metrics, problems
from wanamaker_shared.service.body_limit import BodyLimit
from wanamaker_shared.service.database import Database
from wanamaker_shared.service.live import open_database
from wanamaker_shared.service.opening import open_log

from .again import WAYS
from .api import Clock, identity_router
from .erasure_api import erasure_router
from .erasure_relay import relaying_erasures
from .settings import IdentitySettings
from .tables import metadata

_BODY_BYTES = 100_000


def create_app(
    settings: IdentitySettings,
    *,
    log: EventLog | None = None,
    database: Database | None = None,
    clock: Clock = time.time,
) -> FastAPI:
    """The application. It closes the log and the database when it stops. Raises what is wrong with the keys or the log."""
    keyring = settings.keyring
    log = log or open_log(settings, "identity-serve")
    database = database or open_database(settings, settings.service, metadata)
    desk = Desk(settings.service, log, keyring, WAYS, lambda: int(clock() * 1_000_000))

    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        try:
            async with relaying_erasures(database, log):
                yield
        finally:
            await database.close()
            await log.close()

    async def ready() -> None:
        await log.end_positions([decisions.TOPIC])
        await database.read(lambda connection: connection.execute(select(1)).all())

    app = FastAPI(
        title="Wanamaker identity",
        summary="Who is one person: cookies, e-mails, user ids and CRM contacts.",
        version="1",
        lifespan=running,
    )
    problems.install(app)
    app.add_middleware(BodyLimit, limit=_BODY_BYTES)
    app.include_router(identity_router(keyring, database, log, clock=clock))
    app.include_router(erasure_router(keyring, database, log, clock=clock))
    include_failed(app, lambda: desk)
    app.include_router(health.health_router(ready))
    app.include_router(metrics.metrics_router())
    return app
