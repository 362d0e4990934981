"""What only HubSpot's API tells: long lists of contacts, addresses that fell away, merges and returns that nobody told."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.crm_bridge.crms.bridge import Bridge, said
from tests.crm_bridge.crms.hubspot import Hubspot, iso
from tests.crm_bridge.signing import NOW
from tests.crm_bridge.test_hubspot import T, deliver
from wanamaker_crm_bridge.dialects import DIALECTS
from wanamaker_crm_bridge.dialects.hubspot import READING
from wanamaker_crm_bridge.mapping import Context, Webhook
from wanamaker_crm_bridge.readers import hubspot as reader
from wanamaker_crm_bridge.values import text_of
from wanamaker_shared.contracts.crm_events import DealMerged
from wanamaker_shared.contracts.identifiers import linkable_email_key


def deals_with_contacts(hubspot: Hubspot, numbers: dict[str, int]) -> None:
    for deal, number in numbers.items():
        hubspot.create("deals", deal, T)
        for contact in range(number):
            hubspot.associate(deal, str(1000 + contact), T + contact)


async def test_a_deal_of_many_contacts_has_all_of_them(bridge: Bridge, hubspot: Hubspot) -> None:
    hubspot.page = 2
    deals_with_contacts(hubspot, {"9": 5, "10": 4, "11": 1, "12": 0})
    hubspot.associate("9", "1999", T + 50)
    hubspot.outgoing = hubspot.outgoing[-2:]
    await deliver(bridge, hubspot.delivery())
    await bridge.map()
    hubspot.associate("9", "1999", T + 60, remove=True)
    hubspot.outgoing.clear()
    await bridge.reconcile()
    facts = await bridge.facts()
    for deal, number in {"9": 5, "10": 4, "11": 1, "12": 0}.items():
        assert said(facts, "deal", deal)["contacts"] == [str(1000 + n) for n in range(number)], deal
    asked = [call for call in hubspot.calls if call.endswith("deals/contacts/batch/read")]
    assert len(asked) == 3 + 3, "all that have more are asked together"


async def test_a_run_reads_what_changed_since_and_nothing_else(bridge: Bridge, hubspot: Hubspot) -> None:
    hubspot.create("deals", "9", T)
    hubspot.create("deals", "10", T + 60_000)
    found = await bridge.reconcile(iso(T + 60_000))
    assert (found["state"], {each["about"] for each in found["news"]}) == ("done", {"deal:10"})


async def test_the_bin_is_read_to_its_end(bridge: Bridge, hubspot: Hubspot) -> None:
    hubspot.page = 2
    for deal in ("9", "10", "11", "12", "13"):
        hubspot.create("deals", deal, T)
        hubspot.archive(deal, T + 1000)
    found = await bridge.reconcile()
    assert (found["state"], found["lists_read"], found["pages"]) == ("done", 4, 3 + 3)
    assert sorted(each["about"] for each in found["news"] if each["what"] == "deal.deleted") == [
        "deal:10",
        "deal:11",
        "deal:12",
        "deal:13",
        "deal:9",
    ]


async def test_a_list_of_contacts_without_end_is_cut_and_takes_nobody_for_absent(
    bridge: Bridge, hubspot: Hubspot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "MOST_ASSOCIATED", 4)
    hubspot.page = 2
    deals_with_contacts(hubspot, {"9": 7, "10": 1})
    hubspot.outgoing = [item for item in hubspot.outgoing if item.get("toObjectId") == 1006]
    await deliver(bridge, hubspot.delivery())
    await bridge.settle()
    await bridge.reconcile()
    facts = await bridge.facts()
    assert said(facts, "deal", "9")["contacts"] == ["1000", "1001", "1002", "1003", "1006"]
    assert said(facts, "deal", "10")["contacts"] == ["1000"]


@pytest.mark.parametrize("further", [[], [{"from": {"id": "9"}, "to": [], "paging": {"next": {"after": "2"}}}]])
async def test_a_page_that_does_not_come_takes_nobody_for_absent(
    bridge: Bridge, hubspot: Hubspot, monkeypatch: pytest.MonkeyPatch, further: list[Any]
) -> None:
    """HubSpot answers what it can, and says of the rest that it failed."""
    answer = Hubspot.associations

    def first_page_only(self: Hubspot, kind: str, body: dict[str, Any]) -> httpx.Response:
        if any("after" in each for each in body["inputs"]):
            return httpx.Response(207, json={"results": further, "numErrors": 1})
        return answer(self, kind, body)

    monkeypatch.setattr(Hubspot, "associations", first_page_only)
    hubspot.page = 2
    deals_with_contacts(hubspot, {"9": 4})
    hubspot.outgoing = [item for item in hubspot.outgoing if item.get("toObjectId") == 1003]
    await deliver(bridge, hubspot.delivery())
    await bridge.settle()
    assert said(await bridge.facts(), "deal", "9")["contacts"] == ["1000", "1001", "1003"]


async def test_an_address_that_fell_away_is_nobodys(bridge: Bridge, hubspot: Hubspot) -> None:
    """`email` did not change: only the list of further addresses did, which no webhook tells."""
    hubspot.create("contacts", "7", T, email="a@example.com", hs_additional_emails="b@example.com")
    await bridge.reconcile()
    hubspot.change("contacts", "7", T + 1000, "hs_additional_emails", "")
    await bridge.reconcile(iso(0))
    key = linkable_email_key(bridge.settings.keyring.hmac_key("default"), "a@example.com")
    contact = said(await bridge.facts(), "contact", "7")
    assert (contact["email_keys"], contact["email_domains"]) == ([key], ["example.com"])


async def test_a_contact_that_lost_its_last_address_has_none(bridge: Bridge, hubspot: Hubspot) -> None:
    hubspot.create("contacts", "7", T, email="a@example.com", hs_additional_emails="b@example.com")
    await bridge.reconcile()
    hubspot.change("contacts", "7", T + 1000, "email", "")
    hubspot.change("contacts", "7", T + 1000, "hs_additional_emails", "")
    await bridge.reconcile(iso(0))
    assert said(await bridge.facts(), "contact", "7")["email_keys"] is None


async def test_each_merge_is_told_once_however_many_came_after(bridge: Bridge, hubspot: Hubspot) -> None:
    """HubSpot's property names all that ever went in, each time anew: what stood there before is no merge of that time."""
    for deal in ("9", "10", "11"):
        hubspot.create("deals", deal, T)
    hubspot.merge("deals", "9", "10", "9", T + 1000)
    hubspot.merge("deals", "9", "11", "9", T + 2000)
    await deliver(bridge, hubspot.delivery())
    await bridge.settle()
    merges: list[Any] = [fact for fact in await bridge.facts() if fact.type == "deal.merged"]
    assert sorted((each.from_id, each.into_id, each.occurred_at) for each in merges) == [
        ("10", "9", (T + 1000) * 1000),
        ("11", "9", (T + 2000) * 1000),
    ]


async def test_a_deal_that_is_there_is_not_deleted_though_nobody_told_of_its_return(
    bridge: Bridge, hubspot: Hubspot
) -> None:
    hubspot.create("deals", "9", T)
    hubspot.archive("9", T + 1000)
    await deliver(bridge, hubspot.delivery())
    await bridge.settle()
    hubspot.restore("9", T + 2000)
    found = await bridge.reconcile()
    existence = sorted(
        (fact.order, fact.type) for fact in await bridge.facts() if fact.type in ("deal.deleted", "deal.restored")
    )
    assert [kind for _, kind in existence] == ["deal.deleted", "deal.restored"]
    assert {"about": "deal:9", "what": "deal.restored", "at": "2026-01-04T10:00:02.000001Z"} in found["news"]


def company(object_id: int, *labels: str | None) -> dict[str, Any]:
    return {"toObjectId": object_id, "associationTypes": [{"typeId": 5, "label": label} for label in labels]}


@pytest.mark.parametrize(
    ("companies", "first"),
    [
        ([], None),
        ([company(8, None), company(7, None)], "7"),
        ([company(7, None), company(8, None, "Primary")], "8"),
        ([company(9), company(8, "Partner")], "8"),
    ],
)
def test_the_primary_company_is_the_deals_else_one_of_them_whatever_their_order(
    companies: list[dict[str, Any]], first: str | None
) -> None:
    for listed in (companies, companies[::-1]):
        answer = {
            "portal": "1",
            "deals": [{"id": "9", "updatedAt": "2026-01-04T10:00:00Z", "propertiesWithHistory": {}}],
            "deals_companies": [{"from": {"id": "9"}, "to": listed}],
        }
        webhook = Webhook("w", "hubspot", "d", NOW * 1_000_000, json.dumps(answer).encode())
        events = list(DIALECTS[READING](webhook, Context(bytes(32))).events)
        assert said(events, "deal", "9") == {"company_id": first}


def test_a_merge_is_of_the_first_change_that_names_it_in_whatever_order_they_are_listed() -> None:
    changes = [
        {"value": "10;11", "timestamp": "2026-01-02T00:00:00Z"},
        {"value": "10", "timestamp": "2026-01-01T00:00:00Z"},
        {"value": "10;11", "timestamp": "2026-01-03T00:00:00Z"},
    ]
    for listed in (changes, changes[::-1]):
        deal = {
            "id": "9",
            "updatedAt": "2026-01-04T10:00:00Z",
            "propertiesWithHistory": {"hs_merged_object_ids": listed},
        }
        webhook = Webhook("w", "hubspot", "d", NOW * 1_000_000, json.dumps({"portal": "1", "deals": [deal]}).encode())
        merges = [
            event for event in DIALECTS[READING](webhook, Context(bytes(32))).events if isinstance(event, DealMerged)
        ]
        told = sorted((each.from_id, text_of(each.occurred_at)) for each in merges)
        assert told == [("10", "2026-01-01T00:00:00Z"), ("11", "2026-01-02T00:00:00Z")]


def test_an_answer_that_cannot_be_read_still_leads_to_the_next_page() -> None:
    """Else its run would be reading for ever, and what follows would not be read."""
    asked = {"run": "7", "list": "deals", "since": "0", "after": "4"}
    body = json.dumps({"portal": 1, "asked": asked, "next": "9", "deals": "none"}).encode()
    mapped = DIALECTS[READING](Webhook("w1", "hubspot", "d", NOW * 1_000_000, body), Context(bytes(32)))
    assert [failure.reason for failure in mapped.failures] == ["deals must be a list"]
    assert (mapped.run, [each.parameters["after"] for each in mapped.fetches]) == ("7", ["9"])
