"""Puts the collector together: the front door, and behind it FastAPI with health, metrics and docs."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI

from wanamaker_shared.eventlog.port import EventLog
from wanamaker_shared.service.health import health_router
from wanamaker_shared.service.metrics import metrics_router
from wanamaker_shared.service.problems import install

from .api import document_collect
from .credentials import Credentials
from .front_door import FrontDoor, now
from .people import registrable_domain
from .robots import is_bot
from .settings import CollectorSettings
from .sink import open_sink, readiness, sink_router

PROCESS = "collector-serve"

_GARBAGE_EVERY = 50_000
"""Objects made and not yet gone, after which Python looks for cycles."""


def create_app(
    settings: CollectorSettings, *, log: EventLog | None = None, clock: Callable[[], int] = now
) -> FrontDoor:
    """The collector as an ASGI application. A `log` that is given stays the caller's to close."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        door.log = log or await open_sink(settings, PROCESS)
        if log is None:
            _settle()
        try:
            yield
        finally:
            if log is None:
                await door.log.close()

    async def ready() -> Mapping[str, Any] | None:
        return await readiness(door.log)

    app = FastAPI(
        title="Wanamaker collector",
        version=version("wanamaker-collector"),
        description="Takes page views, forms and other events of visitors, from Segment's libraries or any HTTP client.",
        lifespan=lifespan,
    )
    install(app)
    app.include_router(health_router(ready))
    app.include_router(sink_router(lambda: door.log))
    app.include_router(metrics_router())
    document_collect(app)
    door = FrontDoor(
        app,
        Credentials(settings.keyring, settings.form_events),
        body_bytes=settings.body_bytes,
        in_flight_bytes=settings.in_flight_bytes,
        spooled_status=int(settings.spooled_status),
        clock=clock,
    )
    return door


def _settle() -> None:
    """Have what the first visitor would wait for, and let the garbage collector pass over it from now on.

    Requests leave no cycles; left as it is, the collector would look for them after every few events, at a tenth of the cost.
    """
    is_bot("warm-up")
    registrable_domain("example.test")
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GARBAGE_EVERY)
