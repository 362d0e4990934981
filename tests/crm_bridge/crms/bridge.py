"""A whole crm-bridge in one process against a fake CRM: webhooks in, questions asked, facts out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import orjson

from tests.crm_bridge.crms.faults import no_sleep
from tests.crm_bridge.signing import NOW
from wanamaker_crm_bridge.app import create_app
from wanamaker_crm_bridge.fetching import fetch_due
from wanamaker_crm_bridge.projection import BridgeProjection
from wanamaker_crm_bridge.readers import fetchers
from wanamaker_crm_bridge.readers.api import Apis
from wanamaker_crm_bridge.settings import BridgeSettings
from wanamaker_crm_bridge.tables import metadata
from wanamaker_shared.contracts import crm_events, failed_events
from wanamaker_shared.contracts.crm_events import CrmEvent
from wanamaker_shared.eventlog.runner import prepare_tables, run_until_caught_up
from wanamaker_shared.service.keys import new_workspace, write_keys
from wanamaker_shared.service.live import open_database
from wanamaker_shared.service.opening import open_log

ADMIN = "admin key of the tests"


class Bridge:
    """Made by `opened`; `api` is what the CRM's side of every request is answered by."""

    def __init__(self, data: Path, connection: str, secret: str, access: dict[str, str], api: Any, toml: str) -> None:
        document = new_workspace("default") | {"webhooks": {connection: secret}, "admin_key": ADMIN}
        write_keys(data / "keys.json", document | ({"crm_access": {connection: access}} if access else {}))
        (data / "connections.toml").write_text(toml)
        self.settings = BridgeSettings(data=data)
        self.connection = connection
        self.now = float(NOW)
        self.serve_log = open_log(self.settings, "crm-bridge-serve")
        self.consume_log = open_log(self.settings, "crm-bridge-consume")
        self.database = open_database(self.settings, "crm-bridge", metadata)
        self.http = httpx.AsyncClient(transport=httpx.MockTransport(api))
        keys, known = self.settings.keyring.workspaces, self.settings.known_connections
        self.apis = Apis(self.http, keys, known, no_sleep, lambda: self.now)
        self.fetchers = fetchers(self.apis)
        self.projection = BridgeProjection(self.settings.keyring, self.settings.known_connections)
        app = create_app(self.settings, log=self.serve_log, clock=lambda: self.now)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self.client = httpx.AsyncClient(transport=transport, base_url="https://crm.example.com")

    async def open(self) -> Bridge:
        await prepare_tables(self.projection, self.database)
        return self

    async def close(self) -> None:
        await self.client.aclose()
        await self.http.aclose()
        await self.database.close()
        await self.consume_log.close()
        await self.serve_log.close()

    async def settle(self) -> None:
        """Map what is in the inbox, let some time pass, ask what is due, until nothing is left to ask."""
        while True:
            await self.map()
            self.now += 10
            if not await self.ask():
                return

    async def map(self) -> None:
        await run_until_caught_up(self.projection, self.consume_log, self.database, "crm-bridge")

    async def ask(self) -> int:
        clock = lambda: int(self.now * 1_000_000) + 1  # noqa: E731
        return await fetch_due(self.database, self.serve_log, self.fetchers, clock=clock)

    async def facts(self) -> list[CrmEvent]:
        return [crm_events.adapter.validate_json(value) for value in await self._values(crm_events.TOPIC)]

    async def failures(self) -> list[str]:
        return [orjson.loads(value)["reason"] for value in await self._values(failed_events.TOPIC)]

    async def _values(self, topic: str) -> list[bytes]:
        found = []
        for at, end in (await self.consume_log.end_positions([topic])).items():
            async for batch in self.consume_log.read(at.topic, at.partition, 0, end):
                found += [record.value for record in batch.records]
        return found

    async def reconcile(self, since: str | None = None) -> Any:
        """Start a run over HTTP, see it through, and give what it found."""
        headers = {"authorization": f"Bearer {ADMIN}"}
        path = f"/v1/reconcile/{self.connection}"
        started = await self.client.post(path, params={"since": since} if since else {}, headers=headers)
        assert started.status_code == 202, started.text
        self.now = max(self.now, int(started.json()["run"]) / 1_000_000)
        await self.settle()
        return (await self.client.get(f"{path}/{started.json()['run']}", headers=headers)).json()


def said(events: list[CrmEvent], kind: str, object_id: str) -> dict[str, Any]:
    """The latest statement of each property of an object, and the contacts of a deal: what any order of them comes to."""
    properties: dict[str, Any] = {}
    contacts: set[str] | None = None
    for event in sorted(events, key=lambda event: event.order):
        record = event.model_dump()
        if record.get(f"{kind}_id") == object_id:
            properties |= record.get("properties", {})
            if record.get("contacts") is not None:
                contacts = set(record["contacts"])
            if record.get("contacts_added") or record.get("contacts_removed"):
                contacts = (contacts or set()) | set(record["contacts_added"])
                contacts -= set(record["contacts_removed"])
    return properties | ({} if contacts is None else {"contacts": sorted(contacts)})
