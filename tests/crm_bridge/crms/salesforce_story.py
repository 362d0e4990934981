"""The story that the tests tell of Salesforce: a deal that is won, what Salesforce sends meanwhile, and what it comes to."""

from __future__ import annotations

from tests.crm_bridge.crms.bridge import Bridge
from tests.crm_bridge.crms.salesforce import ORGANIZATION, Salesforce, soap
from tests.crm_bridge.signing import NOW

T = NOW - 86_400
"""A day before the tests' now, in seconds: 2026-01-04T10:00:00Z."""
SECRET = "kZ3v0w8Jp4"
OPTIONS = f'[salesforce]\norganization = "{ORGANIZATION[:15]}"\n'


ACKNOWLEDGEMENT = (
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
    '<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse>'
    "</soapenv:Body></soapenv:Envelope>"
)
"""As Salesforce documents it."""


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
