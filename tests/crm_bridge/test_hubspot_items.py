"""HubSpot's webhooks item by item: what each says, and which objects are read from the API after it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.crm_bridge.signing import NOW
from wanamaker_crm_bridge.dialects import DIALECTS
from wanamaker_crm_bridge.dialects.hubspot import READING, SETTLE
from wanamaker_crm_bridge.mapping import Context, Fetch, Mapped, Webhook

AT = (NOW - 60) * 1000
ENVELOPE = (
    "workspace",
    "source",
    "sender",
    "event_id",
    "revision",
    "occurred_at",
    "received_at",
    "schema_version",
    "type",
)


def mapped(*items: dict[str, Any], readable: bool = False) -> Mapped:
    body = json.dumps([{"portalId": 1, "occurredAt": AT, **item} for item in items]).encode()
    return DIALECTS["hubspot"](
        Webhook("w", "hubspot", "d1", NOW * 1_000_000, body), Context(bytes(32), readable=readable)
    )


def ends(kind: str, one: int, other: int, *, removed: bool = False, primary: bool = True) -> dict[str, Any]:
    return {
        "subscriptionType": "deal.associationChange",
        "associationType": kind,
        "fromObjectId": one,
        "toObjectId": other,
        "associationRemoved": removed,
        "isPrimaryAssociation": primary,
    }


def newer(kind: str, one: str = "", other: str = "", **more: Any) -> dict[str, Any]:
    """As the newer platform has it: the kinds of objects by number."""
    types = {"fromObjectTypeId": one, "toObjectTypeId": other} if other else {"objectTypeId": one}
    return {"subscriptionType": f"object.{kind}", **types, **more}


DEAL_9 = {"type": "deal.revised", "deal_id": "9"}
CONTACT_5 = {"type": "contact.revised", "contact_id": "5"}


@pytest.mark.parametrize(
    ("item", "said"),
    [
        (ends("DEAL_TO_CONTACT", 9, 5), {**DEAL_9, "contacts_added": ["5"]}),
        (ends("CONTACT_TO_DEAL", 5, 9, primary=False), {**DEAL_9, "contacts_added": ["5"]}),
        (ends("DEAL_TO_CONTACT", 9, 5, removed=True), {**DEAL_9, "contacts_removed": ["5"]}),
        (ends("DEAL_TO_COMPANY", 9, 7), {**DEAL_9, "properties": {"company_id": "7"}}),
        (ends("DEAL_TO_PRIMARY_COMPANY", 9, 7), {**DEAL_9, "properties": {"company_id": "7"}}),
        (ends("COMPANY_TO_DEAL", 7, 9), {**DEAL_9, "properties": {"company_id": "7"}}),
        (ends("DEAL_TO_COMPANY", 9, 7, removed=True), {**DEAL_9, "properties": {"company_id": None}}),
        (ends("DEAL_TO_COMPANY", 9, 7, primary=False), None),
        (ends("CONTACT_TO_COMPANY", 5, 7), {**CONTACT_5, "properties": {"company_id": "7"}}),
        (ends("CONTACT_TO_CONTACT", 5, 6), None),
        (ends("TICKET_TO_CONTACT", 3, 5), None),
        (ends("", 3, 5), None),
        (newer("associationChange", "0-3", "0-1", fromObjectId=9, toObjectId=5), {**DEAL_9, "contacts_added": ["5"]}),
        (newer("associationChange", "0-1", "0-3", fromObjectId=5, toObjectId=9), {**DEAL_9, "contacts_added": ["5"]}),
        (newer("associationChange", "0-3", "0-5", fromObjectId=9, toObjectId=5), None),
        (
            newer("propertyChange", "0-3", objectId=9, propertyName="pipeline", propertyValue="1"),
            {**DEAL_9, "properties": {"pipeline": "1"}},
        ),
        (
            newer("propertyChange", "0-2", objectId=7, propertyName="domain", propertyValue="Example.COM"),
            {"type": "company.revised", "company_id": "7", "properties": {"domain": "example.com"}},
        ),
        (newer("propertyChange", "0-8", objectId=9, propertyName="amount", propertyValue="1"), None),
        (newer("privacyDeletion", "0-1", objectId=5), {"type": "contact.erased", "contact_id": "5"}),
        (newer("deletion", "0-3", objectId=9), {"type": "deal.deleted", "deal_id": "9"}),
        (
            {"eventType": "deal.propertyChange", "objectId": 9, "propertyName": "amount", "propertyValue": ""},
            {**DEAL_9, "properties": {"amount": None}},
        ),
        ({"subscriptionType": "deal.restore", "objectId": 9}, {"type": "deal.restored", "deal_id": "9"}),
        ({"subscriptionType": "contact.deletion", "objectId": 5}, None),
        ({"subscriptionType": "company.creation", "objectId": 7}, None),
        (
            {"subscriptionType": "company.merge", "primaryObjectId": 7, "mergedObjectIds": [8]},
            {"type": "company.merged", "from_id": "8", "into_id": "7"},
        ),
    ],
)
def test_what_an_item_says(item: dict[str, Any], said: dict[str, Any] | None) -> None:
    found = mapped(item)
    assert found.failures == ()
    assert found.skipped == (said is None)
    told = [event.model_dump(exclude={*ENVELOPE} - {"type"}) for event in found.events]
    assert [{name: value for name, value in each.items() if value} for each in told] == ([] if said is None else [said])


@pytest.mark.parametrize(
    ("items", "asked"),
    [
        ([{"subscriptionType": "deal.creation", "objectId": 9}], {"deals": "9"}),
        ([ends("DEAL_TO_CONTACT", 9, 5)], {"deals": "9"}),
        ([{"subscriptionType": "contact.creation", "objectId": 5}], {"contacts": "5"}),
        (
            [
                {
                    "subscriptionType": "company.propertyChange",
                    "objectId": 7,
                    "propertyName": "x",
                    "propertyValue": "y",
                },
                {"subscriptionType": "deal.creation", "objectId": 10},
                {"subscriptionType": "deal.creation", "objectId": 9},
                {"subscriptionType": "deal.restore", "objectId": 9},
            ],
            {"companies": "7", "deals": "10,9"},
        ),
        (
            [{"subscriptionType": "deal.merge", "primaryObjectId": 9, "mergedObjectIds": [10], "newObjectId": 11}],
            {"deals": "11"},
        ),
        ([{"subscriptionType": "deal.merge", "primaryObjectId": 9, "mergedObjectIds": [10]}], {"deals": "9"}),
        ([{"subscriptionType": "deal.deletion", "objectId": 9}], {}),
        ([{"subscriptionType": "contact.privacyDeletion", "objectId": 5}], {}),
        ([{"subscriptionType": "ticket.creation", "objectId": 3}], {}),
    ],
)
def test_what_an_item_touches_is_read_once_for_the_delivery(items: list[dict[str, Any]], asked: dict[str, str]) -> None:
    expected = (Fetch(f"{READING}/d1", READING, asked, SETTLE),) if asked else ()
    assert mapped(*items, readable=True).fetches == expected
    assert mapped(*items, readable=False).fetches == ()


@pytest.mark.parametrize(
    ("sent", "closed_at"),
    [
        ("1767520805123", "2026-01-04T10:00:05.123000Z"),
        (1767520805123, "2026-01-04T10:00:05.123000Z"),
        ("2026-01-04T10:00:05.123Z", "2026-01-04T10:00:05.123000Z"),
        ("2026-01-04", "2026-01-04"),
        ("0", "1970-01-01T00:00:00Z"),
        ("7258118399999", "2199-12-31T23:59:59.999000Z"),
        (None, None),
    ],
)
def test_a_time_is_milliseconds_or_rfc_3339_or_a_date(sent: Any, closed_at: str | None) -> None:
    change = {"subscriptionType": "deal.propertyChange", "objectId": 9, "propertyName": "closedate"}
    (event,) = mapped({**change, "propertyValue": sent}).events
    assert event.model_dump()["properties"] == {"closed_at": closed_at}


@pytest.mark.parametrize(
    "sent", ["7258118400000", "9" * 15, "9" * 5000, "-1", "1.5", "soon", True, {}], ids=lambda v: str(v)[:20]
)
def test_a_time_beyond_all_bounds_fails_alone(sent: Any) -> None:
    change = {"subscriptionType": "deal.propertyChange", "objectId": 9, "propertyName": "closedate"}
    found = mapped(
        {**change, "propertyValue": sent}, {"subscriptionType": "deal.restore", "objectId": 9, "occurredAt": sent}
    )
    assert found.events == ()
    assert [failure.item for failure in found.failures] == ["event 0", "event 1"]


def test_a_statement_is_known_by_all_that_it_says_and_by_nothing_else() -> None:
    """As the design has it: portal, object type, object, property, value and time; not by the delivery or its attempt."""
    item = {"subscriptionType": "deal.propertyChange", "objectId": 9, "propertyName": "amount", "propertyValue": "1"}

    def id_of(**changed: Any) -> str:
        (event,) = mapped({**item, **changed}).events
        return event.event_id

    same: list[dict[str, Any]] = [
        {},
        {"eventId": 5},
        {"attemptNumber": 3},
        {"subscriptionId": 7},
        {"changeSource": "API"},
    ]
    assert len({id_of(**changed) for changed in same}) == 1
    others: list[dict[str, Any]] = [
        {},
        {"portalId": 2},
        {"subscriptionType": "contact.propertyChange", "propertyName": "lifecyclestage"},
        {"objectId": 10},
        {"propertyName": "dealstage"},
        {"propertyValue": "2"},
        {"propertyValue": ""},
        {"occurredAt": AT + 1},
    ]
    assert len({id_of(**changed) for changed in others}) == len(others)
