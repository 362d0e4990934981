"""Puts the collector together: the front door, and behind it FastAPI with health, metrics and docs."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from functools import cache
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI

from wanamaker_shared.contracts.domains import registrable_domain
from wanamaker_shared.eventlog.port import EventLog
from wanamaker_shared.failed.api import include_failed
from wanamaker_shared.failed.desk import Desk
from wanamaker_shared.service.health import health_router
from wanamaker_shared.service.metrics import metrics_router
from wanamaker_shared.service.problems import install

from .again import RECORDS, FrontDoorWay
from .api import document_collect
from .consent import Policy
from .credentials import Credentials
from .front_door import FrontDoor, now
from .limits import Limits
from .link_token_api import link_token_router
from .robots import is_bot
from .segment_settings_api import segment_settings_router
from .settings import CollectorSettings
from .short_links import ShortLinks
from .short_links_api import short_links_router
from .sink import open_sink, readiness, sink_router
from .tracker_api import tracker_router

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
        looking = asyncio.create_task(short_links.keep_looking())
        try:
            async with door.tally.kept(door.log):
                yield
        finally:
            looking.cancel()
            with suppress(asyncio.CancelledError):
                await looking
            if log is None:
                await door.log.close()

    short_links = ShortLinks(lambda: door.log)
    credentials = Credentials(
        settings.keyring,
        settings.form_events,
        policy=Policy(settings.consent, settings.honour_dnt),
        cookie_domain=settings.cookie_domain,
        cookieless=settings.cookieless,
    )

    @cache
    def desk() -> Desk:
        ways = (FrontDoorWay(settings.keyring, credentials), RECORDS)
        return Desk(settings.service, door.log, settings.keyring, ways, clock, door.tally.replayed)

    async def ready() -> Mapping[str, Any] | None:
        return await readiness(door.log)

    app = FastAPI(
        title="Wanamaker collector",
        version=version("wanamaker-collector"),
        description="Takes page views, forms and other events of visitors, from Segment's libraries or any HTTP client.",
        lifespan=lifespan,
        responses={429: {"description": "Too many requests from one address; Retry-After says how long to wait."}},
    )
    install(app)
    app.include_router(health_router(ready))
    app.include_router(sink_router(lambda: door.log))
    app.include_router(metrics_router(lambda: door.tally.show()))
    app.include_router(link_token_router(credentials, clock))
    app.include_router(segment_settings_router(settings.keyring))
    include_failed(app, desk)
    app.include_router(tracker_router(settings.tracker_path))
    app.include_router(short_links_router(short_links))
    document_collect(app)
    door = FrontDoor(
        app,
        credentials,
        Limits(key=settings.rate_key, cookie=settings.rate_cookie, address=settings.rate_address),
        body_bytes=settings.body_bytes,
        in_flight_bytes=settings.in_flight_bytes,
        snowplow_paths=settings.snowplow_paths,
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
