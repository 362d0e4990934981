"""A crm-bridge in a temporary directory: its settings, its log, its HTTP side without a socket."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.crm_bridge.crms.bridge import Bridge
from tests.crm_bridge.crms.hubspot import CLIENT_SECRET, TOKEN, Hubspot
from tests.crm_bridge.crms.salesforce import CLIENT, Salesforce
from tests.crm_bridge.crms.salesforce_story import OPTIONS
from tests.crm_bridge.crms.salesforce_story import SECRET as SALESFORCE_SECRET
from tests.crm_bridge.signing import NOW, SECRET
from wanamaker_crm_bridge.app import create_app
from wanamaker_crm_bridge.settings import BridgeSettings
from wanamaker_shared.contracts import crm_webhooks
from wanamaker_shared.contracts.crm_webhooks import WebhookReceived
from wanamaker_shared.eventlog.port import EventLog
from wanamaker_shared.service.keys import new_workspace, write_keys
from wanamaker_shared.service.opening import open_log


@pytest.fixture
def settings(tmp_path: Path) -> BridgeSettings:
    document = new_workspace("default") | {"webhooks": {"generic": SECRET}}
    write_keys(tmp_path / "keys.json", document)
    return BridgeSettings(data=tmp_path, webhook_bytes=100_000, webhook_seconds=0.2)


@pytest.fixture
async def log(settings: BridgeSettings) -> AsyncIterator[EventLog]:
    log = open_log(settings, "crm-bridge-serve")
    yield log
    await log.close()


@pytest.fixture
async def client(settings: BridgeSettings, log: EventLog) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings, log=log, clock=lambda: NOW + 0.25)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://bridge.test") as client:
        yield client


async def inbox_of(log: EventLog) -> list[WebhookReceived]:
    """All records of the inbox topic."""
    found = []
    for at, end in (await log.end_positions([crm_webhooks.TOPIC])).items():
        async for batch in log.read(at.topic, at.partition, 0, end):
            found += [crm_webhooks.adapter.validate_json(record.value) for record in batch.records]
    return found


@pytest.fixture
def hubspot() -> Hubspot:
    return Hubspot()


@pytest.fixture
async def bridge(tmp_path: Path, hubspot: Hubspot) -> AsyncIterator[Bridge]:
    """HubSpot's, where a file has no other."""
    bridge = await Bridge(tmp_path, "hubspot", CLIENT_SECRET, {"access_token": TOKEN}, hubspot.answer, "").open()
    yield bridge
    await bridge.close()


@pytest.fixture
def salesforce() -> Salesforce:
    return Salesforce(columns={"CurrencyIsoCode", "RecordTypeId"})


@pytest.fixture
async def salesforce_bridge(tmp_path: Path, salesforce: Salesforce) -> AsyncIterator[Bridge]:
    bridge = await Bridge(tmp_path, "salesforce", SALESFORCE_SECRET, CLIENT, salesforce.answer, OPTIONS).open()
    yield bridge
    await bridge.close()


@pytest.fixture
async def deaf_bridge(tmp_path: Path, salesforce: Salesforce) -> AsyncIterator[Bridge]:
    """One that has no access to Salesforce's API."""
    bridge = await Bridge(tmp_path, "salesforce", SALESFORCE_SECRET, {}, salesforce.answer, OPTIONS).open()
    yield bridge
    await bridge.close()
