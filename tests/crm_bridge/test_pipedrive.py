"""Pipedrive: webhooks of both versions in any order, what is read from its API, and both together as one deal."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.crm_bridge.crms.bridge import Bridge, said
from tests.crm_bridge.crms.pipedrive import LOGIN, TOKEN, Pipedrive, basic
from tests.crm_bridge.signing import NOW
from wanamaker_shared.contracts.identifiers import linkable_email_key

T = NOW - 86_400
"""A day before the tests' now, in seconds."""


@pytest.fixture
def pipedrive() -> Pipedrive:
    return Pipedrive()


@pytest.fixture
async def bridge(tmp_path: Path, pipedrive: Pipedrive) -> AsyncIterator[Bridge]:
    bridge = await Bridge(tmp_path, "pipedrive", LOGIN, {"api_token": TOKEN}, pipedrive.answer, "").open()
    yield bridge
    await bridge.close()


@pytest.fixture
async def deaf(tmp_path: Path, pipedrive: Pipedrive) -> AsyncIterator[Bridge]:
    """One that has no access to the API."""
    bridge = await Bridge(tmp_path, "pipedrive", LOGIN, {}, pipedrive.answer, "").open()
    yield bridge
    await bridge.close()


async def deliver(bridge: Bridge, *bodies: bytes) -> None:
    for body in bodies:
        answer = await bridge.client.post("/webhooks/pipedrive", content=body, headers=basic())
        assert answer.status_code == 200, answer.text


async def settle(bridge: Bridge) -> None:
    """Map what came; two seconds later ask what it left out."""
    await bridge.settle()
    bridge.now += 3
    await bridge.settle()


def won_deal(pipedrive: Pipedrive) -> None:
    pipedrive.create("organizations", 3, T, name="Example Ltd", website="https://www.Example.com/about")
    ann = [{"value": "Ann@Example.com", "primary": True, "label": "work"}]
    pipedrive.create("persons", 501, T, name="Ann Lee", first_name="Ann", last_name="Lee", emails=ann, org_id=3)
    pipedrive.create("deals", 9, T + 1.2, title="Big one", value=900, person_id=501, org_id=3)
    pipedrive.change("deals", 9, T + 3.1, value=1000.5)
    pipedrive.change("deals", 9, T + 3.4, stage_id=2)
    pipedrive.change("deals", 9, T + 5.9, status="won")


EXPECTED = {
    "status": "won",
    "pipeline": "1",
    "stage": "2",
    "amount": "1000.5",
    "currency": "EUR",
    "created_at": "2026-01-04T10:00:01Z",
    "closed_at": "2026-01-04T10:00:05Z",
    "company_id": "3",
    "contacts": ["501"],
}


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize("seed", range(5))
async def test_webhooks_alone_come_to_the_whole_deal_in_any_order(
    deaf: Bridge, pipedrive: Pipedrive, version: str, seed: int
) -> None:
    won_deal(pipedrive)
    bodies = pipedrive.deliveries(version) * 2
    random.Random(seed).shuffle(bodies)
    await deliver(deaf, *bodies)
    await deaf.settle()
    facts = await deaf.facts()
    assert said(facts, "deal", "9") == EXPECTED
    key = linkable_email_key(deaf.settings.keyring.hmac_key("default"), "ann@example.com")
    assert said(facts, "contact", "501") == {"email_keys": [key], "company_id": "3"}
    assert said(facts, "company", "3") == {"name": "Example Ltd", "domain": "example.com"}
    assert len({fact.event_id for fact in facts}) == len(facts), "a statement is emitted once"
    assert (pipedrive.calls, await deaf.failures()) == ([], [])


async def test_what_the_webhook_left_out_is_read_from_the_api(bridge: Bridge, pipedrive: Pipedrive) -> None:
    won_deal(pipedrive)
    pipedrive.create("persons", 502, T, name="Bob", emails=[{"value": "bob@example.com", "primary": True}])
    pipedrive.create("persons", 503, T, name="Cy", emails=[])
    pipedrive.add_participant(9, 502, T + 7)
    pipedrive.add_participant(9, 503, T + 8)
    *_, last = pipedrive.deliveries()
    await deliver(bridge, last)
    await settle(bridge)
    facts = await bridge.facts()
    assert said(facts, "deal", "9") == EXPECTED | {"contacts": ["501", "502", "503"]}
    assert len(said(facts, "contact", "502")["email_keys"]) == 1
    assert said(facts, "contact", "503")["email_keys"] is None
    assert said(facts, "company", "3")["domain"] == "example.com"
