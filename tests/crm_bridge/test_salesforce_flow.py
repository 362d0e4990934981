"""Salesforce's Flows: JSON that an administrator makes up, with the same meaning as its messages."""

from __future__ import annotations

import orjson

from tests.crm_bridge.crms.bridge import Bridge, said
from tests.crm_bridge.crms.salesforce import iso, soap
from tests.crm_bridge.crms.salesforce_story import (
    CONTACT,
    DEAL,
    SECRET,
    T,
    deliver,
)


async def flow(bridge: Bridge, body: bytes) -> None:
    headers = {"content-type": "application/json", "authorization": f"Bearer {SECRET}"}
    answer = await bridge.client.post("/webhooks/salesforce", content=body, headers=headers)
    assert answer.status_code == 200
    assert answer.json()["success"] is True


class TestFlow:
    """The same in JSON, as a Flow's callout sends it."""

    async def test_it_says_what_a_message_says(self, deaf_bridge: Bridge) -> None:
        soap_record = {"Amount": "25000.0", "IsClosed": "false", "CreatedDate": iso(T), "CloseDate": "2026-03-31"}
        json_record = {"Amount": 25000, "IsClosed": False, "CreatedDate": "2026-01-04 10:00:00Z"}
        json_record["CloseDate"] = "2026-03-31T00:00:00.000+0000"
        await deliver(deaf_bridge, soap(("Opportunity", {"Id": DEAL, "SystemModstamp": iso(T), **soap_record})))
        await deaf_bridge.settle()
        before = await deaf_bridge.facts()
        record = {"Id": DEAL[:15], "SystemModstamp": "2026-01-04T10:00:00.000+0000", **json_record}
        await flow(deaf_bridge, orjson.dumps({"object": "Opportunity", "record": record}))
        await deaf_bridge.settle()
        assert await deaf_bridge.facts() == before
        assert len(before) == 4

    async def test_what_is_empty_is_cleared(self, deaf_bridge: Bridge) -> None:
        """Where a text stands for an id or a date, a Flow writes nothing between the quotes."""
        record = dict.fromkeys(["AccountId", "CloseDate", "LeadSource", "CreatedDate", "IsWon"], "")
        record |= {"Id": DEAL, "SystemModstamp": iso(T), "StageName": "A"}
        await flow(deaf_bridge, orjson.dumps({"object": "Opportunity", "record": record}))
        await deaf_bridge.settle()
        cleared = {"company_id": None, "closed_at": None, "original_source": None}
        assert said(await deaf_bridge.facts(), "deal", DEAL) == {"stage": "A", **cleared}

    async def test_each_of_a_list_fails_alone(self, deaf_bridge: Bridge) -> None:
        good = {"object": "Opportunity", "record": {"Id": DEAL, "SystemModstamp": iso(T), "StageName": "A"}}
        bad = [7, {}, {"object": "Opportunity"}, {"object": "Opportunity", "record": {"Id": "x"}}, {"object": "Lead"}]
        bad.append({**good, "organization": "00D000000000063"})
        bad.append({"object": "Opportunity", "record": {"Id": DEAL, "SystemModstamp": "yesterday"}})
        bad.append({"object": "Opportunity", "record": {"Id": DEAL, "IsWon": "perhaps"}})
        await flow(deaf_bridge, orjson.dumps([*bad, {"object": "Case", "record": {}}, good]))
        await deaf_bridge.settle()
        assert said(await deaf_bridge.facts(), "deal", DEAL) == {"stage": "A"}
        (reason,) = await deaf_bridge.failures()
        told = reason.split("; ")
        assert [each.partition(":")[0] for each in told[:-1]] == [f"record {n}" for n in range(len(bad))]
        assert "record 3: record.Id must be a Salesforce id of 15 or 18 letters and digits" in told
        assert "record 7: record.IsWon must be true or false" in told

    async def test_deletions(self, deaf_bridge: Bridge) -> None:
        stamp = {"SystemModstamp": iso(T + 5), "IsDeleted": True}
        role = {"Id": "00K5g0000Ab0004", "OpportunityId": DEAL, "ContactId": CONTACT}
        added = {"object": "OpportunityContactRole", "record": {**role, "SystemModstamp": iso(T)}}
        removed = {"object": "OpportunityContactRole", "record": {**role, **stamp}}
        gone = {"object": "Opportunity", "record": {"Id": DEAL, **stamp, "StageName": "A"}}
        await flow(deaf_bridge, orjson.dumps([removed, gone, added]))
        await deaf_bridge.settle()
        facts = await deaf_bridge.facts()
        assert said(facts, "deal", DEAL) == {"contacts": []}
        assert sorted(f.type for f in facts) == ["deal.deleted", "deal.revised", "deal.revised"]
