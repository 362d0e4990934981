"""Zoho CRM: notifications of several ids, what is read from its API, and tokens that end."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.crm_bridge.crms.bridge import Bridge, said
from tests.crm_bridge.crms.zoho import ACCESS, TOKEN, Zoho
from tests.crm_bridge.signing import NOW
from wanamaker_shared.contracts.identifiers import linkable_email_key
from wanamaker_shared.eventlog.runner import run_until_caught_up

T = NOW - 86_400
"""A day before the tests' now, in seconds."""


@pytest.fixture
def zoho() -> Zoho:
    return Zoho()


@pytest.fixture
async def bridge(tmp_path: Path, zoho: Zoho) -> AsyncIterator[Bridge]:
    bridge = await Bridge(tmp_path, "zoho", TOKEN, ACCESS, zoho.answer, "").open()
    yield bridge
    await bridge.close()


@pytest.fixture
async def deaf(tmp_path: Path, zoho: Zoho) -> AsyncIterator[Bridge]:
    """One that has no access to the API."""
    bridge = await Bridge(tmp_path, "zoho", TOKEN, {}, zoho.answer, "").open()
    yield bridge
    await bridge.close()


async def deliver(bridge: Bridge, *bodies: bytes) -> None:
    for body in bodies:
        answer = await bridge.client.post("/webhooks/zoho", content=body)
        assert answer.status_code == 200, answer.text


def won_deal(zoho: Zoho) -> None:
    zoho.create("Accounts", "30", T, Account_Name="Example Ltd", Website="http://www.Example.com/")
    ann = {"Email": "Ann@Example.com", "Full_Name": "Ann Lee", "Account_Name": {"id": "30", "name": "Example Ltd"}}
    zoho.create("Contacts", "501", T, **ann)
    zoho.create("Contacts", "502", T, Email="bob@example.com", Secondary_Email="b@example.com", Full_Name="Bob")
    linked = {"Contact_Name": {"id": "501", "name": "Ann"}, "Account_Name": {"id": "30", "name": "Example Ltd"}}
    zoho.create("Deals", "9", T + 1, Deal_Name="Big one", Stage="Qualification", Closing_Date="2026-12-31", **linked)
    zoho.roles["9"] = ["501", "502"]
    zoho.change("Deals", "9", T + 3, Amount=1000.50, Currency="EUR", Pipeline="Standard", Lead_Source="Organic Search")
    zoho.change("Deals", "9", T + 5, Stage="Signed", Closing_Date="2026-01-04")


EXPECTED = {
    "stage": "Signed",
    "stage_status": "won",
    "pipeline": "Standard",
    "amount": "1000.5",
    "currency": "EUR",
    "created_at": "2026-01-04T10:00:01Z",
    "closed_at": "2026-01-04",
    "original_source": "Organic Search",
    "company_id": "30",
    "contacts": ["501", "502"],
}


@pytest.mark.parametrize("seed", range(5))
async def test_what_notifications_name_is_read_in_whatever_order_they_come(
    bridge: Bridge, zoho: Zoho, seed: int
) -> None:
    won_deal(zoho)
    bodies = zoho.deliveries() * 2
    random.Random(seed).shuffle(bodies)
    for body in bodies:
        await deliver(bridge, body)
        await bridge.settle()
    facts = await bridge.facts()
    assert said(facts, "deal", "9") == EXPECTED
    key = linkable_email_key(bridge.settings.keyring.hmac_key("default"), "ann@example.com")
    assert said(facts, "contact", "501") == {"email_keys": [key], "email_domains": ["example.com"], "company_id": "30"}
    assert len(said(facts, "contact", "502")["email_keys"]) == 2
    assert said(facts, "company", "30") == {"name": "Example Ltd", "domain": "example.com"}
    assert len({fact.event_id for fact in facts}) == len(facts), "a statement is emitted once"
    assert await bridge.failures() == []


async def test_one_call_names_several_and_one_that_cannot_be_read_harms_no_other(bridge: Bridge, zoho: Zoho) -> None:
    for number in range(120):
        zoho.create("Deals", str(1000 + number), T, Stage="Qualification", Amount=10)
    zoho.change("Deals", [str(1000 + number) for number in range(120)], T + 9, Stage="Closed Won")
    notification = json.loads(zoho.deliveries()[-1])
    notification["ids"].insert(7, {"id": "x"})
    await deliver(bridge, json.dumps(notification).encode())
    await bridge.settle()
    facts = await bridge.facts()
    assert {said(facts, "deal", str(1000 + number))["stage_status"] for number in range(120)} == {"won"}
    assert zoho.calls.count("GET /crm/v8/Deals") == 2, "a hundred at once"
    (reason,) = await bridge.failures()
    assert reason.startswith("id 7: ids[7] must be text or a whole number")


async def test_without_access_the_values_of_the_notification_are_what_is_known(deaf: Bridge, zoho: Zoho) -> None:
    won_deal(zoho)
    bodies = zoho.deliveries()
    random.Random(3).shuffle(bodies)
    await deliver(deaf, *bodies)
    await deaf.settle()
    unknown = {"stage_status", "closed_at", "created_at"}
    expected = {name: value for name, value in EXPECTED.items() if name not in unknown} | {"contacts": ["501"]}
    assert said(await deaf.facts(), "deal", "9") == expected
    assert zoho.calls == []


async def test_a_token_that_ended_is_made_anew(bridge: Bridge, zoho: Zoho) -> None:
    won_deal(zoho)
    *_, last = zoho.deliveries()
    await deliver(bridge, last)
    await bridge.settle()
    assert zoho.tokens == 1, "one token for all that is asked"
    bridge.now += 120
    zoho.token_ends = True
    zoho.change("Deals", "9", T + 7, Amount=2000)
    await deliver(bridge, *zoho.deliveries())
    await bridge.settle()
    assert zoho.tokens == 2
    assert said(await bridge.facts(), "deal", "9") == EXPECTED | {"amount": "2000"}


async def test_a_token_that_may_not_read_something_is_not_made_anew_each_time(bridge: Bridge, zoho: Zoho) -> None:
    """Zoho gives ten tokens in ten minutes."""
    zoho.create("Deals", "1", T)
    await deliver(bridge, *zoho.deliveries())
    zoho.forbidden = True
    await bridge.settle()
    assert zoho.calls.count("GET /crm/v8/Deals") >= 2
    assert zoho.tokens == 1


async def test_after_an_hour_there_is_a_new_token_before_the_old_one_is_refused(bridge: Bridge, zoho: Zoho) -> None:
    for hour in (0, 1):
        bridge.now = NOW + 3600 * hour
        zoho.create("Deals", str(hour), T)
        await deliver(bridge, *zoho.deliveries())
        await bridge.settle()
        assert zoho.tokens == hour + 1


async def test_a_refresh_token_that_is_not_taken_is_said(bridge: Bridge, zoho: Zoho) -> None:
    won_deal(zoho)
    zoho.refused = "invalid_code"
    await deliver(bridge, zoho.deliveries()[-1])
    for _ in range(15):
        await bridge.settle()
        bridge.now += 3600
    (reason,) = await bridge.failures()
    assert "https://accounts.zoho.eu gave no access token (answered 200)" in reason
    assert ACCESS["refresh_token"] not in reason


@pytest.mark.parametrize("fault", [429, 500, 503, httpx.ConnectError("refused")])
async def test_what_passes_by_itself_is_waited_for(bridge: Bridge, zoho: Zoho, fault: int | Exception) -> None:
    won_deal(zoho)
    await deliver(bridge, zoho.deliveries()[-1])
    await bridge.settle()
    bridge.now += 3
    zoho.faults.pending = [fault, fault]
    for _ in range(4):
        await bridge.settle()
        bridge.now += 60
    assert said(await bridge.facts(), "deal", "9") == EXPECTED


async def test_a_lead_has_the_status_that_the_crm_gives_it(bridge: Bridge, zoho: Zoho) -> None:
    zoho.create(
        "Leads", "700", T, Email="lea@example.com", Lead_Status="Not Contacted", Mobile="+49 170", Full_Name="L"
    )
    zoho.change("Leads", "700", T + 5, Lead_Status=None)
    await deliver(bridge, *zoho.deliveries())
    await bridge.settle()
    assert said(await bridge.facts(), "contact", "700")["lifecycle_stage"] is None


async def test_a_stage_that_zoho_calls_open_closes_nothing(bridge: Bridge, zoho: Zoho) -> None:
    zoho.create("Deals", "1", T, Stage="Qualification", Closing_Date="2026-12-31", Contact_Name=None)
    await deliver(bridge, *zoho.deliveries())
    await bridge.settle()
    deal = said(await bridge.facts(), "deal", "1")
    assert (deal["stage_status"], deal["closed_at"], deal["contacts"]) == ("open", None, [])


async def test_a_stage_that_zoho_says_nothing_of_has_no_meaning(bridge: Bridge, zoho: Zoho) -> None:
    zoho.create("Deals", "1", T, Stage="Made up", Closing_Date="2026-12-31")
    await deliver(bridge, *zoho.deliveries())
    await bridge.settle()
    deal = said(await bridge.facts(), "deal", "1")
    assert deal["stage"] == "Made up"
    assert not {"stage_status", "closed_at"} & deal.keys()


async def test_modules_that_say_nothing_to_us_are_skipped(bridge: Bridge, zoho: Zoho) -> None:
    task = {"server_time": T * 1000, "module": "Tasks", "ids": ["4"], "operation": "insert", "token": TOKEN}
    await deliver(bridge, json.dumps(task).encode())
    await bridge.settle()
    assert (await bridge.facts(), await bridge.failures(), zoho.calls) == ([], [], [])


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"module": "Deals", "ids": ["1"]}, "server_time is missing"),
        ({"module": "Deals", "ids": "1", "server_time": 1}, "ids must be a list"),
        ({"module": "Deals", "ids": [""], "server_time": 1}, "ids[0] must have 1 to 256 characters"),
    ],
)
async def test_what_cannot_be_read_is_a_failed_event_with_its_reason(
    bridge: Bridge, told: dict[str, object], reason: str
) -> None:
    await deliver(bridge, json.dumps(told | {"token": TOKEN}).encode())
    await bridge.settle()
    (said_reason,) = await bridge.failures()
    assert reason in said_reason


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b"\xff", b'{"token": "wrong"}', b'{"token": null}', b'{"token": {}}']
)
async def test_who_does_not_say_the_token_is_refused(bridge: Bridge, body: bytes) -> None:
    assert (await bridge.client.post("/webhooks/zoho", content=body)).status_code == 401


async def test_no_address_and_no_name_stands_outside_personal(bridge: Bridge, zoho: Zoho) -> None:
    won_deal(zoho)
    await deliver(bridge, *zoho.deliveries())
    await bridge.settle()
    for fact in await bridge.facts():
        shown = str(fact.model_dump(exclude={"personal"})).lower()
        assert not any(word in shown for word in ("ann", "lee", "big one"))


async def test_a_field_of_ones_own_may_hold_the_websites_user_id(tmp_path: Path, zoho: Zoho) -> None:
    bridge = await Bridge(tmp_path, "zoho", TOKEN, ACCESS, zoho.answer, '[zoho]\nuser_id = "App_User"').open()
    try:
        zoho.create("Contacts", "501", T, Email="ann@example.com", App_User="u-77")
        zoho.create("Leads", "700", T, Email=None, App_User=12)
        await deliver(bridge, *zoho.deliveries())
        await bridge.settle()
        facts = await bridge.facts()
    finally:
        await bridge.close()
    assert said(facts, "contact", "501")["user_ids"] == ["u-77"]
    assert said(facts, "contact", "700") == {
        "email_keys": None,
        "email_domains": None,
        "user_ids": ["12"],
        "lifecycle_stage": None,
    }


async def test_what_a_notification_was_sent_with_hides_no_later_change(bridge: Bridge, zoho: Zoho) -> None:
    zoho.lag = 5
    zoho.create("Deals", "1", T, Stage="Qualification", Amount=1)
    zoho.lag = 0
    zoho.change("Deals", "1", T + 2, Amount=2)
    await deliver(bridge, *zoho.deliveries())
    await bridge.settle()
    assert said(await bridge.facts(), "deal", "1")["amount"] == "2"


async def test_what_a_notification_names_is_asked_two_seconds_later(bridge: Bridge, zoho: Zoho) -> None:
    won_deal(zoho)
    await deliver(bridge, *zoho.deliveries())
    await run_until_caught_up(bridge.projection, bridge.consume_log, bridge.database, "crm-bridge")
    for later, asked in ((0, False), (1.9, False), (0.2, True)):
        bridge.now += later
        assert bool(await bridge.ask()) is asked
