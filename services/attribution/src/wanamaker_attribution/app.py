"""Puts `serve` together: ports, routes, health, metrics, docs and the page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from importlib.metadata import version

from fastapi import FastAPI, Request, Response

from wanamaker_shared.eventlog.port import EventLog, LogUnavailable
from wanamaker_shared.failed.api import include_failed
from wanamaker_shared.failed.desk import Desk
from wanamaker_shared.service.body_limit import BodyLimit
from wanamaker_shared.service.database import Database
from wanamaker_shared.service.generations import open_generations
from wanamaker_shared.service.health import health_router
from wanamaker_shared.service.live import open_database
from wanamaker_shared.service.metrics import metrics_router
from wanamaker_shared.service.opening import open_log
from wanamaker_shared.service.problems import Problem, install, problem_response

from .again import WAYS
from .api import (
    about,
    accounts,
    bots,
    conversions,
    deal_histories,
    deals,
    explain,
    exports,
    journeys,
    link_qr,
    links,
    page,
    restatements,
    roi,
    unmatched,
    uploads,
    workspace_settings,
)
from .filling import RateFilling
from .ports import Ports, now
from .repository.links import LinkDirectory
from .settings import AttributionSettings
from .tables import metadata

PROCESS = "attribution-serve"
ROUTERS = (
    roi,
    explain,
    conversions,
    journeys,
    deal_histories,
    deals,
    accounts,
    restatements,
    bots,
    uploads,
    exports,
    unmatched,
    links,
    link_qr,
    workspace_settings,
    about,
    page,
)


def create_app(
    settings: AttributionSettings,
    *,
    log: EventLog | None = None,
    database: Database | None = None,
    clock: Callable[[], int] = now,
) -> FastAPI:
    """The reports as an ASGI application. A log or database that is given stays the caller's to close."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        its_log = log or open_log(settings, PROCESS)
        ports = Ports(
            log=its_log,
            database=database or open_database(settings, settings.service, metadata),
            generations=open_generations(settings, settings.service),
            keyring=settings.keyring,
            partitions=settings.partitions,
            links=LinkDirectory(lambda: its_log),
            collector_url=settings.collector_url,
            clock=clock,
        )
        app.state.ports = ports
        filling = _filling(ports, settings.rate_table_seconds)
        try:
            yield
        finally:
            filling.cancel()  # what is under way is appended again: the records have the same ids
            await asyncio.gather(filling, return_exceptions=True)
            await ports.generations.close()
            if database is None:
                await ports.database.close()
            if log is None:
                await ports.log.close()

    @cache
    def desk() -> Desk:
        ports: Ports = app.state.ports
        return Desk(settings.service, ports.log, ports.keyring, WAYS, clock)

    async def ready() -> None:
        await app.state.ports.read(lambda _: None)

    app = FastAPI(
        title="Wanamaker attribution",
        version=version("wanamaker-attribution"),
        description="Which channel earned the money: reports to the cent, with every number explained.",
        lifespan=lifespan,
    )
    install(app)
    app.add_middleware(BodyLimit, limit=settings.upload_bytes)
    app.add_exception_handler(LogUnavailable, _log_unavailable)
    app.include_router(health_router(ready))
    app.include_router(metrics_router())
    include_failed(app, desk)
    for routes in ROUTERS:
        app.include_router(routes.router)
    return app


def _filling(ports: Ports, seconds: float) -> asyncio.Future[None]:
    if seconds == 0:
        return asyncio.get_running_loop().create_future()
    return asyncio.ensure_future(RateFilling(ports).run(seconds))


async def _log_unavailable(_: Request, __: Exception) -> Response:
    """Nothing was promised: the sender keeps its rows and sends them again, which replaces what may have arrived."""
    detail = "The event log does not answer; nothing was accepted. Send the same request again."
    return problem_response(Problem(503, "Service Unavailable", detail, headers={"Retry-After": "1"}))
