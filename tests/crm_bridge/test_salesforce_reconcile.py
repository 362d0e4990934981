"""Reconciling with Salesforce: what no message said is read, said with the same ids, and counted; its limits are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.crm_bridge.crms.bridge import Bridge, said
from tests.crm_bridge.crms.salesforce import CLIENT, PREFIXES, Salesforce, iso, soap
from tests.crm_bridge.crms.salesforce_story import ACCOUNT, CONTACT, DEAL, EXPECTED, SECRET, T, deliver, won_deal
from wanamaker_shared.contracts.crm_events import DealRevised

LISTS = 5


async def test_what_no_message_said_is_found_and_told(salesforce_bridge: Bridge, salesforce: Salesforce) -> None:
    await deliver(salesforce_bridge, *won_deal(salesforce))
    await salesforce_bridge.settle()
    salesforce.put("Opportunity", 3, T + 60, Amount=1500)
    found = await salesforce_bridge.reconcile(iso(T))
    assert (found["state"], found["lists_read"], found["missed"]) == ("done", LISTS, 1)
    assert found["news"] == [{"about": f"deal:{DEAL}", "what": "deal.revised amount", "at": "2026-01-04T10:01:00Z"}]
    assert said(await salesforce_bridge.facts(), "deal", DEAL) == EXPECTED | {"amount": "1500"}


async def test_a_second_run_finds_no_news_and_emits_nothing(salesforce_bridge: Bridge, salesforce: Salesforce) -> None:
    won_deal(salesforce)
    first = await salesforce_bridge.reconcile(iso(0))
    before = await salesforce_bridge.facts()
    assert first["missed"] == len(before) > 0
    second = await salesforce_bridge.reconcile(iso(0))
    assert (second["missed"], second["statements"]) == (0, first["statements"])
    assert await salesforce_bridge.facts() == before


async def test_a_change_that_says_nothing_to_us_is_no_news(salesforce_bridge: Bridge, salesforce: Salesforce) -> None:
    """Every statement is then of a later time; none of them says anything new."""
    await deliver(salesforce_bridge, *won_deal(salesforce))
    await salesforce_bridge.settle()
    salesforce.put("Opportunity", 3, T + 60, NextStep="a call")
    salesforce.put("Contact", 2, T + 60, Department="Sales")
    assert (await salesforce_bridge.reconcile(iso(T)))["missed"] == 0


async def test_a_stage_that_came_and_went_is_news_with_its_own_time(
    salesforce_bridge: Bridge, salesforce: Salesforce
) -> None:
    """Salesforce keeps the stages' history: back where it was, it has been elsewhere in between."""
    await deliver(salesforce_bridge, *won_deal(salesforce))
    await salesforce_bridge.settle()
    salesforce.put("Opportunity", 3, T + 60, StageName="Closed Lost")
    salesforce.put("Opportunity", 3, T + 120, StageName="Closed Won")
    found = await salesforce_bridge.reconcile(iso(T))
    assert sorted((each["what"], each["at"]) for each in found["news"]) == [
        ("deal.revised stage", "2026-01-04T10:01:00Z"),
        ("deal.revised stage", "2026-01-04T10:02:00Z"),
    ]


async def test_the_first_run_reads_everything_page_by_page(salesforce_bridge: Bridge, salesforce: Salesforce) -> None:
    won_deal(salesforce)
    for number in range(450):
        deal = salesforce.put(
            "Opportunity", 1000 + number, T, StageName="Closed Won", Amount=10, CloseDate="2025-12-31"
        )
        salesforce.put("OpportunityContactRole", 1000 + number, T, OpportunityId=deal, ContactId=CONTACT)
    salesforce.put("Lead", 7, T, Email="lead@example.com", Status="Working")
    salesforce.batch = 130  # an organization that answers in smaller batches
    found = await salesforce_bridge.reconcile()
    assert (found["state"], found["pages"]) == ("done", 3 + 1 + 1 + 1 + 3)
    facts = await salesforce_bridge.facts()
    assert said(facts, "deal", DEAL) == EXPECTED
    listed = [fact for fact in facts if isinstance(fact, DealRevised) and fact.contacts == [CONTACT]]
    assert {fact.deal_id for fact in listed} == salesforce.rows["Opportunity"].keys()
    assert sum(fact.type == "deal.restored" for fact in facts) == 451


async def test_a_deletion_and_its_undoing(salesforce_bridge: Bridge, salesforce: Salesforce) -> None:
    await deliver(salesforce_bridge, *won_deal(salesforce))
    await salesforce_bridge.settle()
    salesforce.delete("Opportunity", DEAL, T + 60)
    found = await salesforce_bridge.reconcile(iso(T + 10))
    assert [each["what"] for each in found["news"]] == ["deal.deleted"]
    salesforce.restore("Opportunity", DEAL, T + 90)
    await salesforce_bridge.reconcile(iso(T + 10))
    verdicts = [f for f in await salesforce_bridge.facts() if f.type in ("deal.deleted", "deal.restored")]
    assert max(verdicts, key=lambda fact: fact.order).type == "deal.restored"


async def test_contact_roles_that_nobody_told(salesforce_bridge: Bridge, salesforce: Salesforce) -> None:
    await deliver(salesforce_bridge, *won_deal(salesforce))
    await salesforce_bridge.settle()
    other = salesforce.put("Contact", 11, T, Email="other@example.com")
    salesforce.put("OpportunityContactRole", 11, T + 60, OpportunityId=DEAL, ContactId=other)
    found = await salesforce_bridge.reconcile(iso(T + 30))
    assert {(each["about"], each["what"]) for each in found["news"]} >= {(f"deal:{DEAL}", "deal.revised contacts")}
    assert said(await salesforce_bridge.facts(), "deal", DEAL)["contacts"] == [CONTACT, other]


async def test_the_whole_list_of_contacts_stands_behind_what_messages_said(
    salesforce_bridge: Bridge, salesforce: Salesforce
) -> None:
    """A role was handed to somebody else; of two roles of one contact one is deleted, and the contact stays."""
    names = ("OpportunityId", "ContactId", "IsDeleted", "SystemModstamp")
    await deliver(salesforce_bridge, *won_deal(salesforce))
    one, other = (salesforce.put("Contact", n, T, Email=f"c{n}@example.com") for n in (11, 12))
    handed = salesforce.put("OpportunityContactRole", 11, T + 60, OpportunityId=DEAL, ContactId=one)
    await deliver(salesforce_bridge, soap(salesforce.told("OpportunityContactRole", handed, *names)))
    salesforce.put("OpportunityContactRole", 11, T + 90, ContactId=other)
    twice = salesforce.put("OpportunityContactRole", 12, T + 90, OpportunityId=DEAL, ContactId=CONTACT)
    salesforce.delete("OpportunityContactRole", twice, T + 95)
    await deliver(salesforce_bridge, soap(salesforce.told("OpportunityContactRole", twice, *names)))
    await salesforce_bridge.settle()
    assert said(await salesforce_bridge.facts(), "deal", DEAL)["contacts"] == sorted([CONTACT, other])


async def test_a_role_that_left_no_trace(salesforce_bridge: Bridge, salesforce: Salesforce) -> None:
    """The recycle bin was emptied: the next change of the deal tells who is left."""
    await deliver(salesforce_bridge, *won_deal(salesforce))
    await salesforce_bridge.settle()
    salesforce.rows["OpportunityContactRole"].clear()
    salesforce.put("Opportunity", 3, T + 60, NextStep="a call")
    await salesforce_bridge.reconcile(iso(T + 30))
    assert said(await salesforce_bridge.facts(), "deal", DEAL)["contacts"] == []


async def test_merges_and_conversions(salesforce_bridge: Bridge, salesforce: Salesforce) -> None:
    won_deal(salesforce)
    gone = salesforce.put("Contact", 9, T, Email="anna@example.com")
    salesforce.delete("Contact", gone, T + 5, into=CONTACT)
    company = salesforce.put("Account", 9, T, Name="Example AG")
    salesforce.delete("Account", company, T + 5, into=ACCOUNT)
    lead = salesforce.put("Lead", 9, T, ConvertedContactId=CONTACT, ConvertedDate="2026-01-04", Status="Qualified")
    await salesforce_bridge.reconcile()
    facts: list[Any] = [fact for fact in await salesforce_bridge.facts() if fact.type.endswith(".merged")]
    assert sorted((f.type, f.from_id, f.into_id) for f in facts) == [
        ("company.merged", company, ACCOUNT),
        ("contact.merged", gone, CONTACT),
        ("contact.merged", lead, CONTACT),
    ]


@pytest.mark.parametrize("fault", [403, 429, 500, 503, httpx.ConnectError("refused")])
async def test_what_passes_by_itself_is_waited_for(
    salesforce_bridge: Bridge, salesforce: Salesforce, fault: int | Exception
) -> None:
    """403 is Salesforce's REQUEST_LIMIT_EXCEEDED here: a wait, no refusal."""
    won_deal(salesforce)
    salesforce.faults.pending = [fault, fault, fault]
    found = await salesforce_bridge.reconcile()
    assert (found["state"], found["failed"]) == ("done", None)
    assert said(await salesforce_bridge.facts(), "deal", DEAL) == EXPECTED


async def test_a_login_is_waited_for_too(salesforce_bridge: Bridge, salesforce: Salesforce) -> None:
    won_deal(salesforce)
    salesforce.login_faults.pending = [503, httpx.ConnectError("refused"), 500]
    assert (await salesforce_bridge.reconcile())["state"] == "done"


async def test_a_session_that_ended_is_renewed(salesforce_bridge: Bridge, salesforce: Salesforce) -> None:
    won_deal(salesforce)
    await salesforce_bridge.reconcile()
    salesforce.sessions.clear()
    assert (await salesforce_bridge.reconcile())["state"] == "done"
    assert salesforce.logins == 2


@pytest.mark.parametrize("columns", [set[str](), {"CurrencyIsoCode"}, {"RecordTypeId", "IsPersonAccount"}])
async def test_fields_that_not_every_organization_has(
    salesforce_bridge: Bridge, salesforce: Salesforce, columns: set[str]
) -> None:
    salesforce.columns = columns
    won_deal(salesforce)
    assert (await salesforce_bridge.reconcile())["state"] == "done"
    facts = said(await salesforce_bridge.facts(), "deal", DEAL)
    names = {"CurrencyIsoCode": "currency", "RecordTypeId": "pipeline"}
    assert facts == {k: v for k, v in EXPECTED.items() if k not in {names[c] for c in names.keys() - columns}}
    refused = [query for query in salesforce.queries if any(c in query for c in salesforce.missing())]
    assert len(refused) <= 4, "what is not there is asked for once"


async def failed_run(bridge: Bridge, run: str | None = None) -> Any:
    """What a reconciliation came to that was tried for a day."""
    headers = {"authorization": "Bearer admin key of the tests"}
    if run is None:
        run = (await bridge.client.post("/v1/reconcile/salesforce", headers=headers)).json()["run"]
    for _ in range(20):
        bridge.now = max(bridge.now, int(run) / 1_000_000) + 3600
        await bridge.settle()
    return (await bridge.client.get(f"/v1/reconcile/salesforce/{run}", headers=headers)).json()


async def test_a_field_that_the_user_does_not_see_is_named(salesforce_bridge: Bridge, salesforce: Salesforce) -> None:
    won_deal(salesforce)
    salesforce.hidden = {"Amount"}
    found = await failed_run(salesforce_bridge)
    assert found["state"] == "failed"
    assert "does not see the field Opportunity.Amount" in found["failed"]


async def test_requests_of_the_day_that_are_used_up_are_waited_for(
    salesforce_bridge: Bridge, salesforce: Salesforce
) -> None:
    won_deal(salesforce)
    salesforce.faults.pending = [403] * 10_000
    found = await failed_run(salesforce_bridge)
    assert (found["state"], found["failed"]) == ("reading", None)
    assert salesforce.faults.asked < 500, "a limit that is used up is not made worse"
    salesforce.faults.pending.clear()
    found = await failed_run(salesforce_bridge, found["run"])
    assert (found["state"], found["failed"]) == ("done", None)
    assert said(await salesforce_bridge.facts(), "deal", DEAL) == EXPECTED


async def test_a_lead_need_not_have_the_field_that_contacts_have(tmp_path: Path, salesforce: Salesforce) -> None:
    toml = '[salesforce]\nuser_id = "User_Id__c"\n'
    bridge = await Bridge(tmp_path, "salesforce", SECRET, CLIENT, salesforce.answer, toml).open()
    try:
        salesforce.not_of_leads.add("User_Id__c")
        salesforce.put("Contact", 2, T, User_Id__c="u-17")
        lead = salesforce.put("Lead", 5, T, Status="Working")
        assert (await bridge.reconcile())["state"] == "done"
        facts = await bridge.facts()
        assert said(facts, "contact", CONTACT)["user_ids"] != []
        assert said(facts, "contact", lead)["lifecycle_stage"] == "Working"
    finally:
        await bridge.close()


@pytest.mark.parametrize(
    ("access", "word"),
    [
        (CLIENT | {"client_secret": "wrong"}, "the login was answered 401 (invalid_client)"),
        ({k: v for k, v in CLIENT.items() if k != "login_url"}, "crm_access.salesforce in keys.json lacks 'login_url'"),
    ],
)
async def test_an_access_that_is_wrong_is_told(
    tmp_path: Path, salesforce: Salesforce, access: dict[str, str], word: str
) -> None:
    bridge = await Bridge(tmp_path, "salesforce", SECRET, access, salesforce.answer, "").open()
    try:
        found = await failed_run(bridge)
        assert (found["state"], word in found["failed"]) == ("failed", True)
        assert "wrong" not in found["failed"]
    finally:
        await bridge.close()


async def test_an_access_to_another_organization_is_told(tmp_path: Path, salesforce: Salesforce) -> None:
    toml = '[salesforce]\norganization = "00D000000000063EAA"\n'
    bridge = await Bridge(tmp_path, "salesforce", SECRET, CLIENT, salesforce.answer, toml).open()
    try:
        won_deal(salesforce)
        found = await failed_run(bridge)
        assert "opens another organization than connections.toml names" in found["failed"]
        assert await bridge.facts() == []
    finally:
        await bridge.close()


async def test_a_message_that_names_what_is_gone_asks_in_vain(
    salesforce_bridge: Bridge, salesforce: Salesforce
) -> None:
    await deliver(salesforce_bridge, soap(("Opportunity", {"Id": DEAL, "StageName": "A", "SystemModstamp": iso(T)})))
    await salesforce_bridge.settle()
    assert said(await salesforce_bridge.facts(), "deal", DEAL) == {"stage": "A"}
    assert await salesforce_bridge.failures() == []
    assert set(PREFIXES) >= set(salesforce.rows)
