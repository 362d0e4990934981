"""A crm-bridge that imports: `serve` without a socket, `consume` beside it, and what came out of them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx

from wanamaker_crm_bridge.app import create_app
from wanamaker_crm_bridge.importing.desk import WAIT_SECONDS, ImportDesk
from wanamaker_crm_bridge.projection import BridgeProjection
from wanamaker_crm_bridge.settings import BridgeSettings
from wanamaker_shared.contracts import crm_events, crm_webhooks, failed_events
from wanamaker_shared.contracts.crm_events import DealRevised
from wanamaker_shared.contracts.record import encode
from wanamaker_shared.eventlog.embedded import EmbeddedLog
from wanamaker_shared.service.consuming import consume
from wanamaker_shared.service.keys import new_workspace, write_keys

NOW = 1_767_607_200
"""2026-01-05T10:00:00Z."""


def settings_in(directory: Path, **more: Any) -> BridgeSettings:
    keys = directory / "keys.json"
    if not keys.exists():
        document = new_workspace("default") | {"workspace_key": bytes(range(32)).hex()}
        write_keys(keys, document | {"workspaces": [new_workspace("north")]})
    return BridgeSettings(data=directory, **more)


@dataclass(frozen=True, slots=True)
class Bridge:
    settings: BridgeSettings
    client: httpx.AsyncClient
    desk: ImportDesk

    async def post(self, body: bytes | str, workspace: str = "default", **options: Any) -> httpx.Response:
        content = body.encode() if isinstance(body, str) else body
        parameters = {
            name: json.dumps(value) if isinstance(value, dict | bool) else value for name, value in options.items()
        }
        return await self.client.post(
            "/v1/imports/deals", content=content, params=parameters, headers=self.admin(workspace)
        )

    async def take_in(self, body: bytes | str, **options: Any) -> Any:
        """Send it, and wait until it has ended."""
        answer = await self.post(body, **options)
        assert answer.status_code in (200, 202), answer.text
        return await self.ended(answer.json()["id"])

    async def ended(self, import_id: str) -> Any:
        await self.desk.importer.ended("default", import_id)
        return await self.get(import_id)

    async def get(self, path: str = "", **parameters: Any) -> Any:
        answer = await self.client.get(f"/v1/imports/{path}".rstrip("/"), params=parameters, headers=self.admin())
        assert answer.status_code == 200, answer.text
        return answer.json()

    def admin(self, workspace: str = "default") -> dict[str, str]:
        return {"authorization": f"Bearer {self.settings.keyring.workspaces[workspace].admin_key}"}

    async def events(self) -> list[Any]:
        return [crm_events.adapter.validate_json(value) for value in await self.values(crm_events.TOPIC)]

    async def failed(self) -> list[Any]:
        return [failed_events.adapter.validate_json(value) for value in await self.values(failed_events.TOPIC)]

    async def inbox(self) -> list[Any]:
        return [crm_webhooks.adapter.validate_json(value) for value in await self.values(crm_webhooks.TOPIC)]

    async def values(self, topic: str) -> list[bytes]:
        log = EmbeddedLog(self.settings.data / "log", "reader")
        found = []
        try:
            for at, end in (await log.end_positions([topic])).items():
                async for batch in log.read(*at, 0, end):
                    found += [record.value for record in batch.records]
        finally:
            await log.close()
        return found


@asynccontextmanager
async def bridge(
    directory: Path,
    *,
    consuming: bool = True,
    wait: float = WAIT_SECONDS,
    clock: Callable[[], float] = lambda: NOW,
    **more: Any,
) -> AsyncIterator[Bridge]:
    """`serve`, and `consume` if asked. `wait`: how long an answer waits for an import's end; without `consume` it has none."""
    settings = settings_in(directory, **more)
    app = create_app(settings, clock=clock)
    app.state.import_desk = replace(app.state.import_desk, wait=wait)
    stop = asyncio.Event()
    async with app.router.lifespan_context(app):
        task = asyncio.ensure_future(consuming_of(settings, stop)) if consuming else None
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        try:
            async with httpx.AsyncClient(transport=transport, base_url="http://bridge.test", timeout=60) as client:
                yield Bridge(settings, client, app.state.import_desk)
        finally:
            stop.set()
            if task is not None:
                await task


async def consuming_of(settings: BridgeSettings, stop: asyncio.Event) -> None:
    await consume(
        settings, settings.service, lambda _: BridgeProjection(settings.keyring, settings.known_connections), stop
    )


def said(events: list[Any]) -> list[str]:
    """The records that count, in their order, without what only says where they came from."""
    counting = {
        event.identity: event for event in sorted(events, key=lambda event: (event.revision, -event.received_at))
    }
    return [encode(event).decode() for event in sorted(counting.values(), key=lambda event: event.order)]


def deals(events: list[Any]) -> dict[str, dict[str, Any]]:
    """What the deals come to: of each property the latest statement by order, and their contacts."""
    found: dict[str, dict[str, Any]] = {}
    for event in sorted(events, key=lambda event: event.order):
        if isinstance(event, DealRevised):
            deal = found.setdefault(event.deal_id, {"contacts": []})
            deal.update(event.properties)
            deal["contacts"] = sorted({*deal["contacts"], *event.contacts_added})
    return found
