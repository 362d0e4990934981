"""The generic dialect, event type by event type: what was stated goes on, what was not is not made up."""

from __future__ import annotations

import json
from typing import Any

import pytest

from wanamaker_crm_bridge.dialects import DIALECTS
from wanamaker_crm_bridge.emitting import event_record
from wanamaker_crm_bridge.mapping import Context, Mapped, Webhook, event_id
from wanamaker_shared.contracts import crm_events
from wanamaker_shared.contracts.crm_events import (
    ContactMerged,
    ContactRevised,
    DealDeleted,
    DealMerged,
    DealRestored,
    DealRevised,
    RevenueAdjusted,
)
from wanamaker_shared.contracts.identifiers import email_key
from wanamaker_shared.contracts.record import Personal

KEY = bytes(range(32))
RECEIVED = 1_768_910_400_000_000  # 2026-01-20T12:00:00Z
ANN, BOB = email_key(KEY, "ann@example.com"), email_key(KEY, "bob@example.com")


def map_event(event: Any, *, received_at: int = RECEIVED, delivery_id: str = "msg_1") -> Mapped:
    return DIALECTS["generic"](
        Webhook("w", "generic", delivery_id, received_at, json.dumps(event).encode()), Context(KEY)
    )


def map_deal(**fields: Any) -> DealRevised:
    mapped = map_event({"type": "deal.updated", "id": "e", "deal": {"id": "D1", **fields}})
    assert mapped.failures == ()
    assert isinstance(mapped.events[0], DealRevised)
    return mapped.events[0]


def map_contact(**fields: Any) -> ContactRevised:
    mapped = map_event({"type": "contact.updated", "id": "e", "contact": {"id": "C1", **fields}})
    assert mapped.failures == ()
    (event,) = mapped.events
    assert isinstance(event, ContactRevised)
    return event


class TestDeal:
    def test_the_example_of_the_documentation(self) -> None:
        mapped = map_event(
            {
                "type": "deal.updated",
                "id": "evt_1",
                "occurred_at": "2026-01-20T12:00:00Z",
                "deal": {
                    "id": "D1",
                    "name": "Example Ltd",
                    "stage": "closed_won",
                    "status": "won",
                    "amount": "1000.00",
                    "currency": "EUR",
                    "created_at": "2026-01-10T09:00:00Z",
                    "closed_at": "2026-01-20T12:00:00Z",
                    "original_source": None,
                    "contacts": [{"id": "C1", "email": "ann@example.com"}],
                    "company": {"id": "A1", "domain": "example.com"},
                },
            }
        )
        envelope = {"workspace": "w", "source": "generic", "occurred_at": RECEIVED, "received_at": RECEIVED}
        assert mapped == Mapped(
            events=(
                DealRevised(
                    **envelope,
                    event_id=event_id("generic", "evt_1", 0),
                    deal_id="D1",
                    properties={
                        "stage": "closed_won",
                        "status": "won",
                        "amount": "1000.00",
                        "currency": "EUR",
                        "created_at": "2026-01-10T09:00:00Z",
                        "closed_at": "2026-01-20T12:00:00Z",
                        "original_source": None,
                        "company_id": "A1",
                        "company_domain": "example.com",
                    },
                    contacts=["C1"],
                    personal=Personal(key="D1", v={"name": "Example Ltd"}),
                ),
                ContactRevised(
                    **envelope,
                    event_id=event_id("generic", "evt_1", 1),
                    contact_id="C1",
                    properties={"email_keys": [ANN]},
                    personal=Personal(key="C1", v={"emails": ["ann@example.com"]}),
                ),
            )
        )

    @pytest.mark.parametrize(
        ("stated", "properties"),
        [
            ({}, {}),
            ({"status": " WON "}, {"status": "won"}),
            ({"status": None}, {"status": None}),
            ({"amount": None, "currency": None}, {"amount": None, "currency": None}),
            ({"amount": 19.9}, {"amount": "19.9"}),
            ({"currency": "usd"}, {"currency": "USD"}),
            ({"closed_at": "2026-01-20"}, {"closed_at": "2026-01-20"}),
            ({"company": None}, {"company_id": None, "company_domain": None}),
            ({"company": {}}, {}),
            ({"company": {"id": 7}}, {"company_id": "7"}),
            ({"company": {"domain": None}}, {"company_domain": None}),
            ({"original_source": "PAID_SEARCH"}, {"original_source": "PAID_SEARCH"}),
            ({"unknown": {"field": 1}}, {}),
        ],
    )
    def test_absent_is_unchanged_and_null_is_cleared(self, stated: Any, properties: Any) -> None:
        assert map_deal(**stated).properties == properties

    def test_created_says_the_same_as_updated(self) -> None:
        for kind in ("deal.created", "deal.updated"):
            assert map_event({"type": kind, "id": "e", "deal": {"id": "D1"}}).events == (map_deal(),)

    def test_a_name_is_a_personal_value_only(self) -> None:
        event = map_deal(name="Ann's roof")
        assert event.personal == Personal(key="D1", v={"name": "Ann's roof"})
        assert "Ann" not in str(event.properties)

    @pytest.mark.parametrize(
        ("contacts", "listed"),
        [([], []), (None, []), ([{"id": "C1"}, "C2", {"id": 3}, "C2"], ["C1", "C2", "3"])],
    )
    def test_a_list_of_contacts_states_all_of_them(self, contacts: Any, listed: list[str]) -> None:
        event = map_deal(contacts=contacts)
        assert (event.contacts, event.contacts_added, event.contacts_removed) == (listed, [], [])

    def test_without_a_list_nothing_is_said_of_contacts(self) -> None:
        assert map_deal().contacts is None

    def test_a_list_with_an_unreadable_entry_makes_nobody_absent(self) -> None:
        mapped = map_event(
            {"type": "deal.updated", "deal": {"id": "D1", "contacts": [{"id": "C1"}, {"email": "x@y.z"}]}}
        )
        deal, contact = mapped.events
        assert isinstance(deal, DealRevised)
        assert (deal.contacts, deal.contacts_added) == (None, ["C1"])
        assert isinstance(contact, ContactRevised)
        assert [failure.reason for failure in mapped.failures] == ["deal.contacts[1].id is missing"]

    def test_an_unreadable_contact_harms_neither_the_deal_nor_the_others(self) -> None:
        mapped = map_event(
            {
                "type": "deal.updated",
                "id": "e",
                "deal": {
                    "id": "D1",
                    "status": "won",
                    "contacts": [{"id": "C1", "lifecycle": "winner"}, {"id": "C2", "email": "bob@example.com"}],
                },
            }
        )
        deal, second = mapped.events
        assert isinstance(deal, DealRevised)
        assert deal.contacts == ["C1", "C2"]
        assert second.event_id == event_id("generic", "e", 2)
        (failure,) = mapped.failures
        assert failure.item == "event item 1"
        assert failure.reason.startswith("deal.contacts[0].lifecycle must be one of lead, mql")

    def test_an_unreadable_deal_does_not_harm_its_contacts(self) -> None:
        mapped = map_event({"type": "deal.updated", "id": "e", "deal": {"id": "D1", "amount": "?", "contacts": ["C1"]}})
        assert [event.event_id for event in mapped.events] == [event_id("generic", "e", 1)]
        assert [failure.item for failure in mapped.failures] == ["event item 0"]


class TestContact:
    @pytest.mark.parametrize(
        ("stated", "properties"),
        [
            ({}, {}),
            ({"email": "Ann@Example.com "}, {"email_keys": [ANN]}),
            ({"email": None}, {"email_keys": None}),
            ({"emails": None}, {"email_keys": None}),
            ({"emails": []}, {"email_keys": []}),
            ({"emails": ["ann@example.com", "ANN@example.com", "bob@example.com"]}, {"email_keys": [ANN, BOB]}),
            ({"email": "bob@example.com", "emails": ["ann@example.com"]}, {"email_keys": [BOB, ANN]}),
            ({"emails": ["not an address", "test@example.com", "", "bob@example.com"]}, {"email_keys": [BOB]}),
            ({"user_ids": ["u1", "guest", "", 42]}, {"user_ids": ["u1", "42"]}),
            ({"user_ids": ["ann@example.com"]}, {"user_ids": [ANN]}),
            ({"user_id": "u1"}, {"user_ids": ["u1"]}),
            ({"user_ids": None}, {"user_ids": None}),
            ({"lifecycle": "MQL"}, {"lifecycle": "mql"}),
            ({"lifecycle": "churned"}, {"lifecycle": "churned"}),
            ({"lifecycle": None}, {"lifecycle": None}),
            ({"company": {"id": "A1"}}, {"company_id": "A1"}),
        ],
    )
    def test_absent_is_unchanged_and_null_is_cleared(self, stated: Any, properties: Any) -> None:
        assert map_contact(**stated).properties == properties

    def test_what_a_person_is_called_stands_in_personal_only(self) -> None:
        sent = {
            "name": "Ann Example",
            "phone": "+49 30 1",
            "emails": ["Ann@Example.com", "junk"],
            "user_ids": ["a@b.c"],
        }
        event = map_contact(**sent)
        assert event.personal == Personal(key="C1", v=sent)
        assert "@" not in str(event.properties)

    def test_a_contact_that_says_nothing_personal_has_none(self) -> None:
        assert map_contact(lifecycle="mql", email=None).personal is None

    @pytest.mark.parametrize(
        "wrong", [{"email": 5}, {"emails": "ann@example.com"}, {"emails": [None]}, {"user_ids": [{}]}]
    )
    def test_a_wrong_type_fails_with_the_field(self, wrong: dict[str, Any]) -> None:
        mapped = map_event({"type": "contact.updated", "contact": {"id": "C1", **wrong}})
        assert mapped.events == ()
        assert mapped.failures[0].reason.startswith(f"contact.{next(iter(wrong))}")


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"type": "contact.merged", "from": "C2", "into": "C1"}, (ContactMerged, {"from_id": "C2", "into_id": "C1"})),
        ({"type": "deal.merged", "from": "D2", "into": "D1"}, (DealMerged, {"from_id": "D2", "into_id": "D1"})),
        ({"type": "deal.deleted", "deal": {"id": "D1"}}, (DealDeleted, {"deal_id": "D1"})),
        ({"type": "deal.restored", "deal": {"id": "D1"}}, (DealRestored, {"deal_id": "D1"})),
        (
            {
                "type": "revenue.adjusted",
                "adjustment": {"id": "R1", "deal_id": "D1", "amount": -100, "at": "2026-02-01"},
            },
            (
                RevenueAdjusted,
                {"adjustment_id": "R1", "deal_id": "D1", "amount": "-100", "currency": None, "at": "2026-02-01"},
            ),
        ),
        (
            {"type": "revenue.adjusted", "adjustment": {"id": "R1", "deal_id": "D1", "amount": "5", "currency": "eur"}},
            (
                RevenueAdjusted,
                {
                    "adjustment_id": "R1",
                    "deal_id": "D1",
                    "amount": "5",
                    "currency": "EUR",
                    "at": "2026-01-20T12:00:00Z",
                },
            ),
        ),
    ],
)
def test_other_events(event: dict[str, Any], expected: tuple[type, dict[str, Any]]) -> None:
    (made,) = map_event({"id": "e", **event}).events
    kind, fields = expected
    assert type(made) is kind
    assert made.event_id == event_id("generic", "e", 0)
    assert made.model_dump(include=set(fields)) == fields


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ({"type": "contact.merged", "from": "C1", "into": "C1"}, "into must differ from `from`"),
        ({"type": "deal.merged", "from": "D1"}, "into is missing"),
        ({"type": "deal.deleted"}, "deal is missing"),
        ({"type": "revenue.adjusted", "adjustment": {"id": "R1", "deal_id": "D1"}}, "adjustment.amount is missing"),
        ({"type": "revenue.adjusted", "adjustment": {"deal_id": "D1", "amount": "1"}}, "adjustment.id is missing"),
    ],
)
def test_what_is_missing_is_named(event: dict[str, Any], reason: str) -> None:
    assert [failure.reason for failure in map_event(event).failures] == [reason]


STRANGE_IDS = [
    "ä/€/漢字/🦀",
    "e\u0301",  # not the same as:
    "\u00e9",
    "שלום",
    "a\u200db\u2028c\ufeffd",
    "'; DROP TABLE deal; --",
    "../..%2F?#",
    "deal:contact:1",
    " padded ",
    "\U0010ffff" * 256,
    "9" * 32,
]


def test_ids_are_taken_as_they_are_whatever_their_script_and_size() -> None:
    seen = set()
    for deal_id in STRANGE_IDS:
        mapped = map_event({"type": "deal.updated", "deal": {"id": deal_id, "contacts": [deal_id]}})
        assert mapped.failures == ()
        for event in mapped.events:
            record = event_record(event)
            assert crm_events.adapter.validate_json(record.value) == event
            assert record.key.endswith(f":{deal_id}")
            seen.add(record.key)
        assert isinstance(mapped.events[0], DealRevised)
        assert (mapped.events[0].deal_id, mapped.events[0].contacts) == (deal_id, [deal_id])
    assert len(seen) == 2 * len(STRANGE_IDS), "none is another's"


@pytest.mark.parametrize(
    ("event", "subject"),
    [
        ({"type": "deal.updated", "deal": {"id": "X"}}, "deal:X"),
        ({"type": "deal.merged", "from": "Y", "into": "X"}, "deal:X"),
        ({"type": "deal.deleted", "deal": {"id": "X"}}, "deal:X"),
        ({"type": "deal.restored", "deal": {"id": "X"}}, "deal:X"),
        ({"type": "contact.updated", "contact": {"id": "X"}}, "contact:X"),
        ({"type": "contact.merged", "from": "Y", "into": "X"}, "contact:X"),
        ({"type": "contact.erased", "contact": {"id": "X"}}, "contact:X"),
        ({"type": "company.updated", "company": {"id": "X"}}, "company:X"),
        ({"type": "company.merged", "from": "Y", "into": "X"}, "company:X"),
        ({"type": "revenue.adjusted", "adjustment": {"id": "R", "deal_id": "X", "amount": "1"}}, "deal:X"),
    ],
    ids=lambda value: value["type"] if isinstance(value, dict) else "",
)
def test_all_that_is_said_of_a_thing_shares_its_key(event: dict[str, Any], subject: str) -> None:
    (made,) = map_event(event).events
    assert event_record(made).key == f"w/generic/{subject}"


def test_an_unknown_type_is_skipped_not_failed() -> None:
    assert map_event({"type": "ticket.created", "occurred_at": 7}) == Mapped(skipped=1)


class TestTime:
    @pytest.mark.parametrize(
        ("stated", "occurred_at"),
        [
            ({}, RECEIVED),
            ({"occurred_at": None}, RECEIVED),
            ({"occurred_at": "2026-01-01T00:00:00Z"}, 1_767_225_600_000_000),
            ({"occurred_at": "2026-01-20T12:05:00Z"}, RECEIVED + 300_000_000),
            ({"occurred_at": "2026-01-20T12:05:00.000001Z"}, RECEIVED + 300_000_000),
            ({"occurred_at": "2199-01-01T00:00:00Z"}, RECEIVED + 300_000_000),
        ],
    )
    def test_its_own_else_the_receipt_and_at_most_five_minutes_ahead(self, stated: Any, occurred_at: int) -> None:
        (event,) = map_event({"type": "deal.deleted", "deal": {"id": "D1"}, **stated}).events
        assert event.occurred_at == occurred_at
        assert event.received_at == RECEIVED


class TestIdentity:
    def test_the_same_event_has_one_identity_by_whatever_delivery_it_comes(self) -> None:
        event = {"type": "deal.deleted", "id": "e", "deal": {"id": "D1"}}
        first, second = (map_event(event, delivery_id=name).events[0] for name in ("msg_1", "msg_2"))
        assert first == second

    def test_without_an_id_of_its_own_an_event_has_the_deliverys(self) -> None:
        event = {"type": "deal.deleted", "deal": {"id": "D1"}}
        first, second = (map_event(event, delivery_id=name).events[0].event_id for name in ("msg_1", "msg_2"))
        assert first == event_id("generic", "msg_1", 0)
        assert first != second

    def test_a_remapping_keeps_the_identity_and_raises_the_revision(self) -> None:
        body = b'{"type": "deal.deleted", "id": "e", "deal": {"id": "D1"}}'
        old, new = (
            DIALECTS["generic"](Webhook("w", "generic", "m", RECEIVED, body, revision=n), Context(KEY)).events[0]
            for n in (0, 1)
        )
        assert old.identity == new.identity
        assert (old.revision, new.revision) == (0, 1)
