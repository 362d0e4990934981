"""A record that a consumer set aside goes to its topic again through every service that owns one."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from wanamaker_attribution.app import create_app as attribution
from wanamaker_attribution.settings import AttributionSettings
from wanamaker_identity.app import create_app as identity
from wanamaker_identity.settings import IdentitySettings
from wanamaker_shared.contracts import ad_spend, decisions, failed_events, rates, settings
from wanamaker_shared.contracts.ad_spend import SpendRevised
from wanamaker_shared.contracts.decisions import LinkRevoke
from wanamaker_shared.contracts.failed_events import EventFailed
from wanamaker_shared.contracts.rates import RateRecorded
from wanamaker_shared.contracts.record import Personal, Record, encode
from wanamaker_shared.contracts.settings import SettingsRevised
from wanamaker_shared.eventlog.embedded import EmbeddedLog
from wanamaker_shared.eventlog.port import NewRecord
from wanamaker_shared.service.keys import new_workspace, write_keys

ENVELOPE: Mapping[str, Any] = {
    "workspace": "default",
    "source": "s",
    "event_id": "e",
    "occurred_at": 5,
    "received_at": 5,
}
SPEND = SpendRevised(
    **ENVELOPE, provider="manual", spend_key="k", date="2026-01-05", campaign="brand", amount="1.00", currency="EUR"
)
RATE = RateRecorded(**ENVELOPE, day="2026-01-05", base="EUR", currency="USD", rate="1.1")
SETTINGS = SettingsRevised(**ENVELOPE, stated={"zone": "UTC"})
REVOKE = LinkRevoke(**ENVELOPE, a="cookie:c1", b="email:x", reason="")


@pytest.mark.parametrize(
    ("service", "record", "topic", "key"),
    [
        ("attribution", SPEND, ad_spend.TOPIC, "default/manual/brand"),
        ("attribution", RATE, rates.TOPIC, "default/2026-01-05"),
        ("attribution", SETTINGS, settings.TOPIC, "default"),
        ("identity", REVOKE, decisions.TOPIC, "default"),
    ],
    ids=["spend", "rate", "settings", "decision"],
)
async def test_it_is_appended_with_its_key_and_bytes(
    service: str, record: Record, topic: str, key: str, tmp_path: Path
) -> None:
    keys = new_workspace("default")
    write_keys(tmp_path / "keys.json", keys)
    await set_aside(tmp_path, record, f"{topic}/0/0")
    app = (
        attribution(AttributionSettings(data=tmp_path))
        if service == "attribution"
        else identity(IdentitySettings(data=tmp_path))
    )
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service.test") as client,
    ):
        client.headers["Authorization"] = f"Bearer {keys['admin_key']}"
        answer = await client.post("/v1/failed/replay", json={})
        assert answer.json()["replayed"] == 1, answer.text
        assert (await client.get("/v1/failed")).json()["failed"][0]["status"] == "replayed"
    log = EmbeddedLog(tmp_path / "log", "reader")
    found = [
        stored
        for at, end in (await log.end_positions([topic])).items()
        async for batch in log.read(*at, 0, end)
        for stored in batch.records
    ]
    await log.close()
    assert [(stored.key, stored.value) for stored in found] == [(key, encode(record))]


async def set_aside(data: Path, record: Record, where: str) -> None:
    failed = EventFailed(
        **{**ENVELOPE, "event_id": "f1"},
        origin="attribution",
        where=where,
        reason="the fault of old code",
        personal=Personal(key="", v={"raw": base64.b64encode(encode(record)).decode()}),
    )
    log = EmbeddedLog(data / "log", "attribution-consume")
    await log.append([NewRecord(failed_events.TOPIC, "default/attribution", encode(failed))])
    await log.close()
