"""HubSpot: thin webhooks in any order, what is read from its API, and both together as one deal."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.crm_bridge.crms.bridge import Bridge, said
from tests.crm_bridge.crms.hubspot import CLIENT_SECRET, TOKEN, Hubspot, signature_v3
from tests.crm_bridge.signing import NOW
from wanamaker_shared.contracts.identifiers import linkable_email_key
from wanamaker_shared.eventlog.runner import run_until_caught_up

T = (NOW - 86_400) * 1000
"""A day before the tests' now, in HubSpot's milliseconds."""


@pytest.fixture
async def deaf(tmp_path: Path, hubspot: Hubspot) -> AsyncIterator[Bridge]:
    """One that has no access to the API."""
    bridge = await Bridge(tmp_path, "hubspot", CLIENT_SECRET, {}, hubspot.answer, "").open()
    yield bridge
    await bridge.close()


async def deliver(bridge: Bridge, body: bytes) -> None:
    timestamp = str(int(bridge.now * 1000))
    signature = signature_v3("POST", "https://crm.example.com/webhooks/hubspot", body, timestamp)
    headers = {"x-hubspot-request-timestamp": timestamp, "x-hubspot-signature-v3": signature}
    answer = await bridge.client.post("/webhooks/hubspot", content=body, headers=headers)
    assert answer.status_code == 200, answer.text


def won_deal(hubspot: Hubspot) -> None:
    hubspot.create("contacts", "501", T, email="Ann@Example.com", lifecyclestage="lead")
    hubspot.create("deals", "9", T + 1000, dealname="Example Ltd", dealstage="appointmentscheduled", pipeline="default")
    hubspot.associate("9", "501", T + 2000)
    hubspot.change("deals", "9", T + 3000, "amount", "1000.00")
    hubspot.change("deals", "9", T + 3000, "deal_currency_code", "EUR")
    hubspot.change("contacts", "501", T + 4000, "lifecyclestage", "marketingqualifiedlead")
    hubspot.change("deals", "9", T + 5000, "dealstage", "closedwon")
    hubspot.change("deals", "9", T + 5000, "closedate", str(T + 5000))


EXPECTED = {
    "stage": "closedwon",
    "pipeline": "default",
    "amount": "1000.00",
    "currency": "EUR",
    "created_at": "2026-01-04T10:00:01Z",
    "closed_at": "2026-01-04T10:00:05Z",
    "contacts": ["501"],
}


MEANS = {"appointmentscheduled": "open", "closedwon": "won", "closedlost": "lost", "88": "won"}
"""What the fake's pipelines say of their stages."""


async def test_thin_changes_alone_come_to_the_whole_deal_in_any_order(deaf: Bridge, hubspot: Hubspot) -> None:
    won_deal(hubspot)
    items = hubspot.outgoing * 2
    random.Random(7).shuffle(items)
    for start in range(0, len(items), 5):
        await deliver(deaf, hubspot.delivery(items[start : start + 5]))
    await deaf.settle()
    facts = await deaf.facts()
    assert said(facts, "deal", "9") == EXPECTED
    key = linkable_email_key(deaf.settings.keyring.hmac_key("default"), "ann@example.com")
    assert said(facts, "contact", "501") == {
        "email_keys": [key],
        "email_domains": ["example.com"],
        "lifecycle_stage": "marketingqualifiedlead",
    }
    assert len({fact.event_id for fact in facts}) == len(facts), "a statement is emitted once"
    assert hubspot.calls == []


async def test_what_the_webhooks_left_out_is_read_from_the_api(bridge: Bridge, hubspot: Hubspot) -> None:
    won_deal(hubspot)
    (stage,) = [item for item in hubspot.outgoing if item.get("propertyValue") == "closedwon"]
    await deliver(bridge, hubspot.delivery([stage]))
    await bridge.settle()
    facts = await bridge.facts()
    assert said(facts, "deal", "9") == EXPECTED | {"stage_means": MEANS, "company_id": None}
    assert said(facts, "contact", "501")["lifecycle_stage"] == "marketingqualifiedlead"


async def test_a_webhook_after_the_reading_adds_nothing_that_the_reading_said(bridge: Bridge, hubspot: Hubspot) -> None:
    won_deal(hubspot)
    items = [item for item in hubspot.outgoing if "propertyName" in item]
    await deliver(bridge, hubspot.delivery(items[:1] + items[-1:]))
    await bridge.settle()
    before = await bridge.facts()
    await deliver(bridge, hubspot.delivery(items))
    await bridge.settle()
    assert await bridge.facts() == before


async def test_a_replay_within_the_window_is_answered_and_changes_nothing(deaf: Bridge, hubspot: Hubspot) -> None:
    """The same bytes again, and HubSpot's own repetition of them with a higher attempt number."""
    won_deal(hubspot)
    items = hubspot.outgoing
    await deliver(deaf, hubspot.delivery(items))
    await deaf.settle()
    before = await deaf.facts()
    await deliver(deaf, hubspot.delivery(items))
    await deliver(deaf, hubspot.delivery([item | {"attemptNumber": 1} for item in items]))
    await deaf.settle()
    assert await deaf.facts() == before


async def test_a_clock_that_is_ahead_counts_for_five_minutes_at_most(deaf: Bridge, hubspot: Hubspot) -> None:
    """Whatever a CRM says of the future, no statement of it outlasts what is said later."""
    received = int(deaf.now * 1000)
    for minutes, amount in ((4, "1"), (6, "2"), (60, "3")):
        hubspot.create("deals", amount, T)
        hubspot.outgoing.clear()
        hubspot.change("deals", amount, received + minutes * 60_000, "amount", amount)
        await deliver(deaf, hubspot.delivery())
    await deaf.settle()
    ahead = [(fact.occurred_at - fact.received_at) // 60_000_000 for fact in await deaf.facts()]
    assert sorted(ahead) == [4, 5, 5]


async def test_objects_are_read_a_moment_after_their_webhook(bridge: Bridge, hubspot: Hubspot) -> None:
    """Who makes a deal adds its contact right after; no webhook says so where nobody subscribed to associations."""
    hubspot.create("contacts", "501", T, email="ann@example.com")
    hubspot.create("deals", "9", T, dealstage="appointmentscheduled")
    await deliver(bridge, hubspot.delivery([item for item in hubspot.outgoing if item["objectId"] == 9]))
    await run_until_caught_up(bridge.projection, bridge.consume_log, bridge.database, "crm-bridge")
    assert await bridge.ask() == 0
    hubspot.associate("9", "501", T + 500)
    await bridge.settle()
    assert said(await bridge.facts(), "deal", "9")["contacts"] == ["501"]


async def test_a_webhook_is_answered_while_the_api_hangs(tmp_path: Path, hubspot: Hubspot) -> None:
    asked, never = asyncio.Event(), asyncio.Event()

    async def hangs(_: httpx.Request) -> httpx.Response:
        asked.set()
        await never.wait()
        raise AssertionError

    bridge = await Bridge(tmp_path, "hubspot", CLIENT_SECRET, {"access_token": TOKEN}, hangs, "").open()
    try:
        won_deal(hubspot)
        items = hubspot.outgoing
        await deliver(bridge, hubspot.delivery(items[:1]))
        await run_until_caught_up(bridge.projection, bridge.consume_log, bridge.database, "crm-bridge")
        bridge.now += 10
        asking = asyncio.ensure_future(bridge.ask())
        await asked.wait()
        for item in items[1:]:
            await deliver(bridge, hubspot.delivery([item]))
        assert not asking.done()
        asking.cancel()
    finally:
        await bridge.close()


async def test_an_opaque_stage_of_an_own_pipeline_means_what_hubspot_says(bridge: Bridge, hubspot: Hubspot) -> None:
    hubspot.create("deals", "10", T, pipeline="7001", dealstage="88")
    await deliver(bridge, hubspot.delivery())
    await bridge.settle()
    assert said(await bridge.facts(), "deal", "10")["stage_means"]["88"] == "won"


async def test_a_contact_with_several_addresses_has_all_of_them(bridge: Bridge, hubspot: Hubspot) -> None:
    hubspot.create("contacts", "7", T, email="a@example.com", hs_additional_emails="b@example.com;c@example.com")
    await deliver(bridge, hubspot.delivery())
    await bridge.settle()
    assert len(said(await bridge.facts(), "contact", "7")["email_keys"]) == 3


async def test_a_property_of_ones_own_holds_the_websites_user_id(tmp_path: Path, hubspot: Hubspot) -> None:
    toml = '[hubspot]\nuser_id = "app_user"\n'
    bridge = await Bridge(tmp_path, "hubspot", CLIENT_SECRET, {"access_token": TOKEN}, hubspot.answer, toml).open()
    try:
        hubspot.create("contacts", "7", T, app_user="u-1")
        thin = hubspot.delivery()
        await deliver(bridge, thin)
        await run_until_caught_up(bridge.projection, bridge.consume_log, bridge.database, "crm-bridge")
        facts = await bridge.facts()
        assert said(facts, "contact", "7") == {"user_ids": ["u-1"]}
        await bridge.settle()
        assert await bridge.facts() == facts, "the reading says the same"
    finally:
        await bridge.close()


async def test_privacy_deletions_merges_and_removals(deaf: Bridge, hubspot: Hubspot) -> None:
    won_deal(hubspot)
    hubspot.create("contacts", "502", T, email="anna@example.com")
    hubspot.associate("9", "502", T + 6000)
    hubspot.associate("9", "502", T + 7000, remove=True)
    hubspot.merge("contacts", "501", "502", "777", T + 8000)
    hubspot.forget("777", T + 9000)
    await deliver(deaf, hubspot.delivery())
    await deaf.settle()
    facts = await deaf.facts()
    assert said(facts, "deal", "9")["contacts"] == ["501"]
    merged = sorted((f.from_id, f.into_id) for f in facts if f.type == "contact.merged")  # type: ignore[attr-defined]
    assert merged == [("501", "777"), ("502", "777")]
    assert [f.contact_id for f in facts if f.type == "contact.erased"] == ["777"]  # type: ignore[attr-defined]
    assert await deaf.failures() == []


async def test_one_bad_item_fails_alone_and_what_we_do_not_know_is_skipped(deaf: Bridge, hubspot: Hubspot) -> None:
    won_deal(hubspot)
    hubspot.change("deals", "9", T + 6000, "amount", "a lot")
    hubspot.change("deals", "9", T + 7000, "favourite_colour", "red")
    hubspot.outgoing.append({"subscriptionType": "ticket.creation", "portalId": 1, "occurredAt": T, "objectId": 3})
    number = len(hubspot.outgoing) - 3
    await deliver(deaf, hubspot.delivery())
    await deaf.settle()
    assert said(await deaf.facts(), "deal", "9") == EXPECTED
    (reason,) = await deaf.failures()
    assert reason.startswith(f"event {number}: propertyValue must be a decimal number")


async def test_a_change_whose_value_is_withheld_clears_nothing(deaf: Bridge, hubspot: Hubspot) -> None:
    """HubSpot leaves the value of a sensitive property out; only an empty one was cleared."""
    won_deal(hubspot)
    hubspot.change("deals", "9", T + 6000, "amount", "1500.00")
    del hubspot.outgoing[-1]["propertyValue"]
    hubspot.change("deals", "9", T + 6000, "closedate", "")
    await deliver(deaf, hubspot.delivery())
    await deaf.settle()
    assert said(await deaf.facts(), "deal", "9") == EXPECTED | {"closed_at": None}
    assert await deaf.failures() == []


async def test_one_bad_value_of_a_reading_fails_alone(bridge: Bridge, hubspot: Hubspot) -> None:
    won_deal(hubspot)
    hubspot.change("deals", "9", T + 2500, "amount", "a lot")
    hubspot.objects["deals"]["9"].history["amount"].sort()
    await bridge.reconcile()
    assert said(await bridge.facts(), "deal", "9") == EXPECTED | {"stage_means": MEANS, "company_id": None}
    (reason,) = await bridge.failures()
    assert reason.startswith("deal 9 amount[1]: amount must be a decimal number")


async def test_no_address_and_no_name_stands_outside_personal(bridge: Bridge, hubspot: Hubspot) -> None:
    won_deal(hubspot)
    hubspot.change("contacts", "501", T + 9000, "firstname", "Ann")
    await deliver(bridge, hubspot.delivery())
    await bridge.settle()
    for fact in await bridge.facts():
        shown: Any = fact.model_dump(exclude={"personal"})
        assert not any(word in str(shown).lower() for word in ("ann", "example ltd"))


@pytest.mark.parametrize("body", [b"", b"{", b"null", b"{}", b"[[]]", b'["x"]', b"\xff", b'[{"portalId": {}}]'])
async def test_poison_is_a_failed_event(deaf: Bridge, hubspot: Hubspot, body: bytes) -> None:
    await deliver(deaf, body)
    await deaf.settle()
    assert await deaf.facts() == []
    assert len(await deaf.failures()) == 1
