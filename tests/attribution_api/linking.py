"""`serve` for tracking links, with a public address of the collector."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from wanamaker_attribution.app import create_app
from wanamaker_shared.eventlog.port import EventLog

from .serving import NOW, Api, catch_up, settings_in

ROW = {"url": "https://shop.example/landing", "source": "newsletter", "medium": "email", "campaign": "spring-sale"}
GO = "https://go.shop.example"


@asynccontextmanager
async def links_served(
    data: Path, *, log: EventLog | None = None, clock: int = NOW, **settings: Any
) -> AsyncIterator[Api]:
    configured = settings_in(data).model_copy(update={"collector_url": GO, **settings})
    app = create_app(configured, log=log, clock=lambda: clock)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://attribution.test") as client,
    ):
        yield Api(client, data)


async def state(api: Api, settings: dict[str, Any], *, key: str = "a-w1") -> None:
    answer = await api.send("PUT", "/v1/settings", json.dumps(settings), key=key)
    assert answer.status_code == 200, answer.text
    await catch_up(api.data)
