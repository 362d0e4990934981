"""Salesforce: thin messages in any order, what is read from its API, and both together as one deal."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.crm_bridge.crms.bridge import Bridge, said
from tests.crm_bridge.crms.salesforce import CLIENT, ORGANIZATION, Salesforce, iso, soap
from tests.crm_bridge.crms.salesforce_story import (
    ACCOUNT,
    ACKNOWLEDGEMENT,
    CONTACT,
    DEAL,
    EXPECTED,
    SECRET,
    T,
    deliver,
    won_deal,
)
from wanamaker_crm_bridge.connections import parse_connections
from wanamaker_shared.contracts.crm_events import CrmEvent, DealDeleted, DealRestored, DealRevised
from wanamaker_shared.contracts.identifiers import linkable_email_key


async def test_thin_messages_alone_come_to_the_whole_deal_in_any_order(
    deaf_bridge: Bridge, salesforce: Salesforce
) -> None:
    messages = won_deal(salesforce) * 2
    random.Random(7).shuffle(messages)
    await deliver(deaf_bridge, *messages)
    await deaf_bridge.settle()
    facts = await deaf_bridge.facts()
    assert said(facts, "deal", DEAL) == EXPECTED
    key = linkable_email_key(deaf_bridge.settings.keyring.hmac_key("default"), "ann@example.com")
    assert said(facts, "contact", CONTACT) == {
        "email_keys": [key],
        "email_domains": ["example.com"],
        "company_id": ACCOUNT,
    }
    assert len({fact.event_id for fact in facts}) == len(facts), "a statement is emitted once"
    assert salesforce.queries == []
    assert await deaf_bridge.failures() == []


async def test_what_the_messages_left_out_is_read_from_the_api(
    salesforce_bridge: Bridge, salesforce: Salesforce
) -> None:
    messages = won_deal(salesforce)
    await deliver(salesforce_bridge, messages[-1])
    await salesforce_bridge.settle()
    facts = await salesforce_bridge.facts()
    assert said(facts, "deal", DEAL) == EXPECTED
    assert said(facts, "contact", CONTACT)["company_id"] == ACCOUNT
    assert said(facts, "company", ACCOUNT) == {"name": "Example Ltd", "domain": "example.com"}
    assert await salesforce_bridge.failures() == []


async def test_the_answer_waits_for_no_api(salesforce_bridge: Bridge, salesforce: Salesforce) -> None:
    salesforce.faults.pending = [httpx.ReadTimeout("slow")] * 100
    await deliver(salesforce_bridge, *won_deal(salesforce))
    assert (salesforce.faults.asked, salesforce.logins) == (0, 0)


async def test_the_api_is_asked_when_the_second_of_the_change_is_over(
    salesforce_bridge: Bridge, salesforce: Salesforce
) -> None:
    """Read within it, two values of one second would both be said, and nobody could know which came last."""
    await deliver(salesforce_bridge, *won_deal(salesforce))
    await salesforce_bridge.map()
    assert await salesforce_bridge.ask() == 0
    salesforce_bridge.now += 5
    assert await salesforce_bridge.ask() > 0


async def test_a_message_after_the_reading_adds_nothing_that_the_reading_said(
    salesforce_bridge: Bridge, salesforce: Salesforce
) -> None:
    messages = won_deal(salesforce)
    await deliver(salesforce_bridge, messages[-1])
    await salesforce_bridge.settle()
    before = await salesforce_bridge.facts()
    again = soap(salesforce.told("Opportunity", DEAL, "StageName", "Amount", "CloseDate", "SystemModstamp", "IsWon"))
    contact = soap(salesforce.told("Contact", CONTACT, "Email", "SystemModstamp"))
    await deliver(salesforce_bridge, again, contact)
    await salesforce_bridge.settle()
    assert await salesforce_bridge.facts() == before


async def test_of_late_messages_the_latest_change_counts(deaf_bridge: Bridge, salesforce: Salesforce) -> None:
    for at, stage in ((T + 1, "Prospecting"), (T + 3, "Closed Lost"), (T + 2, "Closed Won")):
        salesforce.put("Opportunity", 3, at, StageName=stage)
        told = salesforce.told("Opportunity", DEAL, "StageName", "IsWon", "IsClosed", "SystemModstamp")
        await deliver(deaf_bridge, soap(told, told))
    await deaf_bridge.settle()
    assert said(await deaf_bridge.facts(), "deal", DEAL) == {"stage": "Closed Lost", "status": "lost"}


async def test_ids_of_15_and_18_characters_are_one_deal(deaf_bridge: Bridge) -> None:
    stamp = {"SystemModstamp": iso(T)}
    await deliver(
        deaf_bridge,
        soap(("Opportunity", {"Id": DEAL[:15], "StageName": "A", **stamp}), organization=ORGANIZATION[:15]),
        soap(("Opportunity", {"Id": DEAL, "StageName": "A", "Amount": "7", **stamp})),
    )
    await deaf_bridge.settle()
    facts = await deaf_bridge.facts()
    assert said(facts, "deal", DEAL) == {"stage": "A", "amount": "7"}
    assert len(facts) == 2


@pytest.mark.parametrize(
    ("flags", "status"),
    [
        ({"IsWon": True, "IsClosed": True}, "won"),
        ({"IsWon": False, "IsClosed": True}, "lost"),
        ({"IsWon": False, "IsClosed": False}, "open"),
        ({"IsWon": True}, "won"),
        ({"IsClosed": False}, "open"),
        ({"IsWon": False}, None),
        ({"IsClosed": True}, None),
        ({}, None),
    ],
)
async def test_the_status_is_said_only_where_salesforce_says_it(
    deaf_bridge: Bridge, flags: dict[str, bool], status: str | None
) -> None:
    await deliver(deaf_bridge, soap(("Opportunity", {"Id": DEAL, "SystemModstamp": iso(T), "StageName": "X", **flags})))
    await deaf_bridge.settle()
    assert said(await deaf_bridge.facts(), "deal", DEAL).get("status") == status


async def test_what_was_not_chosen_is_unchanged_and_nil_is_cleared(deaf_bridge: Bridge) -> None:
    first = {"Amount": "1000.0", "CloseDate": "2026-03-31", "StageName": "A", "SystemModstamp": iso(T)}
    then = {"Amount": None, "AccountId": "", "SystemModstamp": iso(T + 1)}
    await deliver(
        deaf_bridge, soap(("Opportunity", {"Id": DEAL, **first})), soap(("Opportunity", {"Id": DEAL, **then}))
    )
    await deaf_bridge.settle()
    cleared = {"stage": "A", "closed_at": "2026-03-31", "amount": None, "company_id": None}
    assert said(await deaf_bridge.facts(), "deal", DEAL) == cleared
    assert await deaf_bridge.failures() == []


async def test_one_bad_of_a_hundred_fails_alone(deaf_bridge: Bridge) -> None:
    told = [
        ("Opportunity", {"Id": f"0065g0000Ab{n:04d}", "SystemModstamp": iso(T), "Amount": "a lot" if n == 41 else n})
        for n in range(100)
    ]
    await deliver(deaf_bridge, soap(*told))
    await deaf_bridge.settle()
    assert len(await deaf_bridge.facts()) == 99
    (reason,) = await deaf_bridge.failures()
    assert reason.startswith("notification 41: record.Amount must be a decimal number")
    assert "a lot" not in reason


async def test_a_converted_lead_becomes_its_contact_who_belongs_to_the_deal(
    deaf_bridge: Bridge, salesforce: Salesforce
) -> None:
    lead = salesforce.put("Lead", 5, T, Email="ann@example.com", Status="Working", Website="example.com/about")
    fields = ("Email", "Status", "Website", "SystemModstamp")
    messages = [soap(salesforce.told("Lead", lead, *fields))]
    converted = {"ConvertedContactId": CONTACT, "ConvertedOpportunityId": DEAL, "ConvertedDate": "2026-01-04"}
    salesforce.put("Lead", 5, T + 60, Status="Qualified", **converted)
    messages.append(soap(salesforce.told("Lead", lead, *fields, *converted)))
    await deliver(deaf_bridge, *reversed(messages), messages[0])
    await deaf_bridge.settle()
    facts = await deaf_bridge.facts()
    assert said(facts, "contact", lead)["lifecycle_stage"] == "Qualified"
    assert said(facts, "contact", lead)["company_domain"] == "example.com"
    converted_at = datetime(2026, 1, 4, tzinfo=UTC)  # Salesforce tells a day
    merges = [(f.from_id, f.into_id, f.occurred_at) for f in facts if f.type == "contact.merged"]  # type: ignore[attr-defined]
    assert merges == [(lead, CONTACT, converted_at.timestamp() * 1_000_000)]
    assert said(facts, "deal", DEAL) == {"contacts": [CONTACT]}


async def test_merged_contacts_and_accounts(deaf_bridge: Bridge, salesforce: Salesforce) -> None:
    kept, gone = (salesforce.put("Contact", n, T, Email=f"c{n}@example.com") for n in (1, 2))
    salesforce.delete("Contact", gone, T + 5, into=kept)
    accounts = [salesforce.put("Account", n, T, Name=f"Company {n}") for n in (1, 2)]
    salesforce.delete("Account", accounts[1], T + 5, into=accounts[0])
    fields = ("MasterRecordId", "IsDeleted", "SystemModstamp")
    told = [salesforce.told("Contact", gone, *fields), salesforce.told("Account", accounts[1], *fields, "Name")]
    await deliver(deaf_bridge, soap(*told))
    await deaf_bridge.settle()
    merges = [(f.type, f.from_id, f.into_id) for f in await deaf_bridge.facts()]  # type: ignore[attr-defined]
    assert merges == [("contact.merged", gone, kept), ("company.merged", accounts[1], accounts[0])]


async def test_a_person_account_is_no_company(deaf_bridge: Bridge) -> None:
    told = ("Account", {"Id": ACCOUNT, "SystemModstamp": iso(T), "Name": "Ann Example", "IsPersonAccount": "true"})
    await deliver(deaf_bridge, soap(told))
    await deaf_bridge.settle()
    assert (await deaf_bridge.facts(), await deaf_bridge.failures()) == ([], [])


async def test_no_address_and_no_name_stands_outside_personal(
    salesforce_bridge: Bridge, salesforce: Salesforce
) -> None:
    messages = won_deal(salesforce)
    salesforce.put("Contact", 2, T + 9, LastName="Annson", Phone="+49 30 1234567")
    salesforce.put("Account", 1, T + 9, Name="Company")
    await deliver(salesforce_bridge, *messages)
    await salesforce_bridge.settle()
    for fact in await salesforce_bridge.facts():
        shown: Any = str(fact.model_dump(exclude={"personal"})).lower()
        if not fact.type.startswith("company"):
            assert not any(word in shown for word in ("ann", "ltd", "1234567"))


class TestOrganization:
    """Whose messages they are."""

    async def test_those_of_another_one_fail_and_are_kept(self, deaf_bridge: Bridge) -> None:
        told = ("Opportunity", {"Id": DEAL, "StageName": "A", "SystemModstamp": iso(T)})
        await deliver(deaf_bridge, soap(told, organization="00D000000000063EAA"), soap(told, organization="secret"))
        await deaf_bridge.settle()
        assert await deaf_bridge.facts() == []
        reasons = " ".join(await deaf_bridge.failures())
        assert "organization is not the `organization` that connections.toml has" in reasons
        assert "organization must be a Salesforce id" in reasons
        assert "secret" not in reasons


class TestVerifying:
    """The secret is the last part of the address, or a bearer token."""

    @pytest.mark.parametrize(
        ("path", "authorization"),
        [
            ("salesforce", ""),
            ("salesforce/wrong", ""),
            (f"salesforce/{SECRET}x", ""),
            (f"salesforce/{SECRET.upper()}", ""),
            (f"salesforce/%00{SECRET}", ""),
            ("salesforce/%ff", ""),
            (f"other/{SECRET}", ""),
            ("salesforce", f"Basic {SECRET}"),
            ("salesforce", "Bearer "),
            ("salesforce", f"Bearer {SECRET} x"),
            ("salesforce", "Bearer \xff\xfe"),
        ],
    )
    async def test_all_else_is_401(self, deaf_bridge: Bridge, path: str, authorization: str) -> None:
        headers = {b"authorization": authorization.encode("latin-1")} if authorization else {}
        answer = await deaf_bridge.client.post(f"/webhooks/{path}?{SECRET}", content=b"<a/>", headers=headers)
        assert answer.status_code == 401

    async def test_a_stated_address_verifies_nobody(self, deaf_bridge: Bridge) -> None:
        """`url` says what HubSpot signs; a secret in it would let everybody in."""
        toml = f'[salesforce]\nurl = "https://crm.example.com/webhooks/salesforce/{SECRET}"\n'
        (deaf_bridge.settings.data / "connections.toml").write_text(toml)
        deaf_bridge.settings.__dict__.pop("known_connections")
        assert (await deaf_bridge.client.post("/webhooks/salesforce/no", content=b"<a/>")).status_code == 401
        assert (await deaf_bridge.client.post(f"/webhooks/salesforce/{SECRET}", content=b"{}")).status_code == 200


async def test_a_deletion_goes_before_what_else_is_said_of_its_second(deaf_bridge: Bridge) -> None:
    """A Flow for deleted records still has the record's old time."""
    deals = [f"0065g0000Ab{n:04d}AQA" for n in range(20)]
    told: list[tuple[str, dict[str, Any]]] = []
    for deal in deals:
        role = {"Id": DEAL, "OpportunityId": deal, "ContactId": CONTACT, "SystemModstamp": iso(T)}
        told += [("OpportunityContactRole", role), ("OpportunityContactRole", {**role, "IsDeleted": True})]
        told += [("Opportunity", {"Id": deal, "SystemModstamp": iso(T), "IsDeleted": gone}) for gone in (False, True)]
    await deliver(deaf_bridge, soap(*told))
    await deaf_bridge.settle()
    facts = await deaf_bridge.facts()
    for deal in deals:
        verdicts = [f for f in facts if isinstance(f, DealDeleted | DealRestored) and f.deal_id == deal]
        assert [f.type for f in sorted(verdicts, key=lambda fact: fact.order)] == ["deal.restored", "deal.deleted"]
        assert said(facts, "deal", deal) == {"contacts": []}


async def test_a_message_that_does_not_say_when_is_of_its_receipt(deaf_bridge: Bridge) -> None:
    await deliver(deaf_bridge, soap(("Opportunity", {"Id": DEAL, "StageName": "A"})))
    await deaf_bridge.settle()
    (fact,) = await deaf_bridge.facts()
    assert fact.occurred_at == fact.received_at


async def test_what_lacks_systemmodstamp_is_of_its_last_modified_date(deaf_bridge: Bridge) -> None:
    await deliver(deaf_bridge, soap(("Opportunity", {"Id": DEAL, "StageName": "A", "LastModifiedDate": iso(T)})))
    await deaf_bridge.settle()
    (fact,) = await deaf_bridge.facts()
    assert fact.occurred_at == T * 1_000_000


async def test_with_the_api_it_only_asks(salesforce_bridge: Bridge, salesforce: Salesforce) -> None:
    """What is read is dated; the message may be older than it looks."""
    won_deal(salesforce)
    await deliver(salesforce_bridge, soap(("Opportunity", {"Id": DEAL, "StageName": "Prospecting"})))
    await salesforce_bridge.settle()
    assert said(await salesforce_bridge.facts(), "deal", DEAL) == EXPECTED


class TestOptions:
    """What `connections.toml` says of the organization."""

    async def test_the_field_that_says_the_lifecycle_stage(self, tmp_path: Path, salesforce: Salesforce) -> None:
        contact = salesforce.put("Contact", 2, T, Lifecycle_Stage__c="SQL")
        facts = await told(tmp_path, salesforce, 'lifecycle_field = "Lifecycle_Stage__c"', "Contact", contact)
        assert said(facts, "contact", CONTACT)["lifecycle_stage"] == "SQL"

    async def test_the_field_that_holds_the_websites_user_id(self, tmp_path: Path, salesforce: Salesforce) -> None:
        contact = salesforce.put("Contact", 2, T, User_Id__c="u-17")
        lead = salesforce.put("Lead", 5, T, User_Id__c="u-18", ConvertedContactId=contact)
        facts = await told(tmp_path, salesforce, 'user_id = "User_Id__c"', "Lead", lead, "ConvertedContactId")
        assert len(said(facts, "contact", contact)["user_ids"]) == len(said(facts, "contact", lead)["user_ids"]) == 1

    async def test_the_currency_of_an_organization_that_has_one(self, tmp_path: Path, salesforce: Salesforce) -> None:
        salesforce.columns = set()
        deal = salesforce.put("Opportunity", 3, T, StageName="A", Amount=10)
        facts = await told(tmp_path, salesforce, 'currency = "USD"', "Opportunity", deal)
        assert said(facts, "deal", DEAL)["currency"] == "USD"

    async def test_of_several_each_deal_says_its_own(self, tmp_path: Path, salesforce: Salesforce) -> None:
        deal = salesforce.put("Opportunity", 3, T, StageName="A", Amount=10, CurrencyIsoCode="GBP")
        facts = await told(tmp_path, salesforce, 'currency = "USD"', "Opportunity", deal)
        assert said(facts, "deal", DEAL)["currency"] == "GBP"
        stated = [fact.properties for fact in facts if isinstance(fact, DealRevised) and "currency" in fact.properties]
        assert stated == [{"currency": "GBP"}], "and nothing else at the same time"

    @pytest.mark.parametrize("line", ['organization = "acme"', 'currency = "XXX"', 'lifecycle_field = "a b"'])
    def test_what_cannot_be_is_refused_at_the_start(self, line: str) -> None:
        with pytest.raises(ValueError, match=rf"^salesforce\.{line.partition(' ')[0]}: "):
            parse_connections(f"[salesforce]\n{line}")


async def told(
    data: Path, salesforce: Salesforce, line: str, kind: str, object_id: str, *fields: str
) -> list[CrmEvent]:
    """What is known after a message that names an object, and the reading that follows it."""
    bridge = await Bridge(data, "salesforce-eu", SECRET, CLIENT, salesforce.answer, f"[salesforce-eu]\n{line}").open()
    try:
        body, headers = soap(salesforce.told(kind, object_id, *fields)), {"content-type": "text/xml"}
        answer = await bridge.client.post(f"/webhooks/salesforce-eu/{SECRET}", content=body, headers=headers)
        assert answer.text == ACKNOWLEDGEMENT
        await bridge.settle()
        return await bridge.facts()
    finally:
        await bridge.close()
