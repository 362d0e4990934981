"""`serve` for tracking links, with a public address of the collector."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import orjson

from wanamaker_attribution.app import create_app
from wanamaker_attribution.schemas.links import LinksMade
from wanamaker_shared.contracts import tracking_links
from wanamaker_shared.eventlog.embedded import EmbeddedLog
from wanamaker_shared.eventlog.port import EventLog

from .serving import NOW, Api, catch_up, problem_of, settings_in

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


async def post(api: Api, body: Any, *, key: str = "r-w1", path: str = "/v1/links") -> httpx.Response:
    return await api.send("POST", path, json.dumps(body), key=key)


async def make(api: Api, *rows: dict[str, Any], key: str = "r-w1") -> list[dict[str, Any]]:
    """The verdicts."""
    answer = await post(api, list(rows), key=key)
    assert answer.status_code == 200, answer.text
    document = answer.json()
    assert LinksMade.model_validate(document).model_dump(mode="json") == document, "as documented"
    verdicts: list[dict[str, Any]] = document["links"]
    counted = [verdict["verdict"] for verdict in verdicts]
    for name in ("created", "exists", "restored", "refused"):
        assert document[name] == counted.count(name)
    return verdicts


async def reasons(api: Api, **changed: Any) -> str:
    """Why a single link is refused."""
    problem = problem_of(await post(api, {**ROW, **changed}), 400)
    return "; ".join(error["reason"] for error in problem["errors"])


async def records(data: Path) -> list[dict[str, Any]]:
    log = EmbeddedLog(data / "log", "reader")
    found = []
    for at, end in (await log.end_positions([tracking_links.TOPIC])).items():
        async for batch in log.read(*at, 0, end):
            found += [orjson.loads(record.value) for record in batch.records]
    await log.close()
    return found
