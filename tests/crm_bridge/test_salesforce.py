"""Salesforce: thin messages in any order, what is read from its API, and both together as one deal."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.crm_bridge.crms.bridge import Bridge, said
from tests.crm_bridge.crms.salesforce import CLIENT, ORGANIZATION, Salesforce, soap
from tests.crm_bridge.signing import NOW
from wanamaker_crm_bridge.dialects.salesforce_soap import ACKNOWLEDGEMENT
from wanamaker_shared.contracts.identifiers import linkable_email_key

T = NOW - 86_400
"""A day before the tests' now, in seconds: 2026-01-04T10:00:00Z."""
SECRET = "kZ3v0w8Jp4"
OPTIONS = f'[salesforce]\norganization = "{ORGANIZATION[:15]}"\n'


@pytest.fixture
def salesforce() -> Salesforce:
    return Salesforce(columns={"CurrencyIsoCode", "RecordTypeId"})


@pytest.fixture
async def bridge(tmp_path: Path, salesforce: Salesforce) -> AsyncIterator[Bridge]:
    bridge = await Bridge(tmp_path, "salesforce", SECRET, CLIENT, salesforce.answer, OPTIONS).open()
    yield bridge
    await bridge.close()


@pytest.fixture
async def deaf(tmp_path: Path, salesforce: Salesforce) -> AsyncIterator[Bridge]:
    """One that has no access to the API."""
    bridge = await Bridge(tmp_path, "salesforce", SECRET, {}, salesforce.answer, OPTIONS).open()
    yield bridge
    await bridge.close()


async def deliver(bridge: Bridge, *messages: bytes) -> None:
    for body in messages:
        headers = {"content-type": "text/xml; charset=UTF-8", "soapaction": '""'}
        answer = await bridge.client.post(f"/webhooks/salesforce/{SECRET}", content=body, headers=headers)
        assert (answer.status_code, answer.text) == (200, ACKNOWLEDGEMENT)
        assert answer.headers["content-type"] == "text/xml; charset=utf-8"


def won_deal(salesforce: Salesforce) -> list[bytes]:
    """What Salesforce sends while a deal is won: each message has the fields chosen for it, as they are by then."""
    sent = []
    thin = ("SystemModstamp", "StageName", "IsWon", "IsClosed")
    account = salesforce.put("Account", 1, T, Name="Example Ltd", Website="https://www.example.com/en")
    contact = salesforce.put("Contact", 2, T + 1, Email="Ann@Example.com", FirstName="Ann", AccountId=account)
    sent.append(soap(salesforce.told("Contact", contact, "Email", "FirstName", "AccountId", "SystemModstamp")))
    deal = salesforce.put(
        "Opportunity", 3, T + 2, Name="Example Ltd 2026", StageName="Prospecting", CloseDate="2026-03-31"
    )
    sent.append(soap(salesforce.told("Opportunity", deal, *thin, "Name", "CloseDate", "CreatedDate")))
    role = salesforce.put("OpportunityContactRole", 4, T + 3, OpportunityId=deal, ContactId=contact)
    sent.append(soap(salesforce.told("OpportunityContactRole", role, "SystemModstamp", "OpportunityId", "ContactId")))
    salesforce.put("Opportunity", 3, T + 4, Amount=1000.5, CurrencyIsoCode="EUR", LeadSource="Web", AccountId=account)
    more = ("Amount", "CurrencyIsoCode", "LeadSource", "AccountId", "RecordTypeId")
    salesforce.put("Opportunity", 3, T + 4, RecordTypeId="0125g000000AbCd")
    sent.append(soap(salesforce.told("Opportunity", deal, *thin, *more)))
    salesforce.put("Opportunity", 3, T + 5, StageName="Closed Won", CloseDate="2026-01-04")
    sent.append(soap(salesforce.told("Opportunity", deal, *thin, "CloseDate")))
    return sent


DEAL, CONTACT, ACCOUNT = "0065g0000Ab0003AQA", "0035g0000Ab0002AQA", "0015g0000Ab0001AQA"
EXPECTED = {
    "status": "won",
    "stage": "Closed Won",
    "pipeline": "0125g000000AbCdAAK",
    "amount": "1000.5",
    "currency": "EUR",
    "created_at": "2026-01-04T10:00:02Z",
    "closed_at": "2026-01-04",
    "original_source": "Web",
    "company_id": ACCOUNT,
    "contacts": [CONTACT],
}


async def test_thin_messages_alone_come_to_the_whole_deal_in_any_order(deaf: Bridge, salesforce: Salesforce) -> None:
    messages = won_deal(salesforce) * 2
    random.Random(7).shuffle(messages)
    await deliver(deaf, *messages)
    await deaf.settle()
    facts = await deaf.facts()
    assert said(facts, "deal", DEAL) == EXPECTED
    key = linkable_email_key(deaf.settings.keyring.hmac_key("default"), "ann@example.com")
    assert said(facts, "contact", CONTACT) == {"email_keys": [key], "company_id": ACCOUNT}
    assert len({fact.event_id for fact in facts}) == len(facts), "a statement is emitted once"
    assert salesforce.queries == []
    assert await deaf.failures() == []


async def test_what_the_messages_left_out_is_read_from_the_api(bridge: Bridge, salesforce: Salesforce) -> None:
    messages = won_deal(salesforce)
    await deliver(bridge, messages[-1])
    await bridge.settle()
    facts = await bridge.facts()
    assert said(facts, "deal", DEAL) == EXPECTED
    assert said(facts, "contact", CONTACT)["company_id"] == ACCOUNT
    assert said(facts, "company", ACCOUNT) == {"name": "Example Ltd", "domain": "example.com"}
    assert await bridge.failures() == []
