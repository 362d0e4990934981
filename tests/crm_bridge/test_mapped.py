"""A new CRM as configuration: where its fields stand, how it signs, and what is wrong in the file."""

from __future__ import annotations

import hashlib
import hmac
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.crm_bridge.signing import NOW, raw
from wanamaker_crm_bridge.connections import parse_connections
from wanamaker_crm_bridge.dialects import DIALECTS
from wanamaker_crm_bridge.mapping import Context, Failure, Mapped, Webhook, event_id
from wanamaker_crm_bridge.senders import delivery_of
from wanamaker_crm_bridge.settings import BridgeSettings
from wanamaker_crm_bridge.signatures import Request

KEY = bytes(range(32))
RECEIVED = NOW * 1_000_000

BILLING = """
[billing]
signature = "stripe"

[[billing.mapping.rules]]
when = { "$.type" = ["invoice.paid", "invoice.updated"], "$.data.object.object" = "invoice" }
[billing.mapping.rules.event]
type = "deal.updated"
id = "$.id"
occurred_at = { path = "$.created", unit = "s" }
[billing.mapping.rules.event.deal]
id = "$.data.object.id"
status = { path = "$.data.object.status", words = { paid = "won", open = "open", void = "lost" } }
amount = { path = "$.data.object.amount_paid", minor = "$.data.object.currency" }
currency = "$.data.object.currency"
original_source = "billing"
[[billing.mapping.rules.event.deal.contacts]]
id = "$.data.object.customer"
email = "$.data.object.customer_email"

[[billing.mapping.rules]]
when = { "$.type" = "charge.refunded" }
[billing.mapping.rules.event]
type = "revenue.adjusted"
id = "$.id"
occurred_at = { path = "$.created", unit = "s" }
[billing.mapping.rules.event.adjustment]
id = "$.data.object.id"
deal_id = "$.data.object.invoice"
amount = { path = "$.data.object.amount_refunded", minor = "$.data.object.currency", negative = true }
currency = "$.data.object.currency"
"""

PAID: dict[str, Any] = {
    "id": "evt_1",
    "type": "invoice.paid",
    "created": 1_767_600_000,
    "data": {
        "object": {
            "object": "invoice",
            "id": "in_1",
            "status": "paid",
            "amount_paid": 123456,
            "currency": "eur",
            "customer": "cus_1",
            "customer_email": "ann@example.com",
        }
    },
}
REFUND: dict[str, Any] = {
    "id": "evt_2",
    "type": "charge.refunded",
    "created": 1_767_600_100,
    "data": {"object": {"id": "ch_1", "invoice": "in_1", "amount_refunded": 5000, "currency": "jpy"}},
}


parsed = cache(parse_connections)
"""Once for all examples: most of the time went there."""


def mapped(body: Any, toml: str = BILLING, connection: str = "billing") -> Mapped:
    context = Context(KEY, parsed(toml).of(connection))
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    return DIALECTS["mapped"](Webhook("w", connection, "d1", RECEIVED, sent), context)


def test_an_invoice_becomes_a_won_deal_with_its_contact() -> None:
    deal, contact = mapped(PAID).events
    assert deal.model_dump(include={"type", "deal_id", "properties", "contacts", "occurred_at"}) == {
        "type": "deal.revised",
        "deal_id": "in_1",
        "properties": {"status": "won", "amount": "1234.56", "currency": "EUR", "original_source": "billing"},
        "contacts": ["cus_1"],
        "occurred_at": 1_767_600_000_000_000,
    }
    assert contact.personal is not None  # type: ignore[attr-defined]
    assert contact.personal.v == {"emails": ["ann@example.com"]}  # type: ignore[attr-defined]


def test_a_refund_takes_away_in_the_currencys_own_minor_units() -> None:
    (event,) = mapped(REFUND).events
    assert event.model_dump(include={"type", "deal_id", "amount", "currency"}) == {
        "type": "revenue.adjusted",
        "deal_id": "in_1",
        "amount": "-5000",
        "currency": "JPY",
    }


@pytest.mark.parametrize("nothing", ["0", "0.00"])
def test_a_refund_of_nothing_has_no_sign(nothing: str) -> None:
    (event,) = mapped(written(REFUND, "5000", nothing)).events
    assert event.amount == nothing  # type: ignore[attr-defined]


def test_a_connection_with_a_mapping_is_read_by_it_unless_it_says_otherwise() -> None:
    assert parse_connections(BILLING).crm_of("billing") == "mapped"
    assert parse_connections(BILLING.replace("billing", "hubspot-x")).crm_of("hubspot-x") == "mapped"
    assert parse_connections('[x]\ncrm = "hubspot"').crm_of("x") == "hubspot"


def test_a_connection_may_speak_of_anothers_deals() -> None:
    """Billing knows the refunds of the CRM's deals. Its events stay its own: two senders may use one event id."""
    speaking = BILLING.replace('signature = "stripe"', 'signature = "stripe"\nspeaks_of = "hubspot"')
    (event,) = mapped(REFUND, speaking).events
    assert event.source == "hubspot"
    assert event.event_id == mapped(REFUND).events[0].event_id
    assert event.event_id != mapped(REFUND, speaking.replace("billing", "shop"), "shop").events[0].event_id


def test_what_is_not_there_is_unchanged_and_null_is_cleared() -> None:
    thin = {**PAID, "data": {"object": {"object": "invoice", "id": "in_1", "status": "draft", "currency": None}}}
    (deal,) = mapped(thin).events
    assert deal.properties == {"currency": None, "original_source": "billing"}  # type: ignore[attr-defined]
    assert deal.contacts == []  # type: ignore[attr-defined]


def test_what_no_rule_fits_is_skipped() -> None:
    outcome = mapped({**PAID, "type": "invoice.sent"})
    assert (outcome.events, outcome.failures, outcome.skipped) == ((), (), 1)


def test_a_value_of_the_wrong_kind_fails_with_the_name_of_our_field() -> None:
    bad = json.loads(json.dumps(PAID))
    bad["data"]["object"]["amount_paid"] = "a lot"
    (failure,) = mapped(bad).failures
    assert str(failure.reason).startswith("deal.amount must be a decimal number")


def written(body: dict[str, Any], number: str, instead: str) -> bytes:
    """The body with a number that no Python value is written as."""
    return json.dumps(body).replace(number, instead).encode()


@pytest.mark.parametrize(
    "number",
    ["1e99999999", "-1e99999999", "1e-99999999", "1e400", "0e-999", "9" * 5000],
    ids=lambda number: number[:12],
)
@pytest.mark.parametrize(
    ("body", "sent", "field"), [(PAID, "123456", "deal"), (REFUND, "5000", "adjustment")], ids=["paid", "refund"]
)
def test_an_amount_beyond_all_bounds_fails_with_the_name_of_our_field(
    body: dict[str, Any], sent: str, field: str, number: str
) -> None:
    (failure,) = mapped(written(body, sent, number)).failures
    assert failure.reason.startswith(f"{field}.amount must be a decimal number")


def test_an_amount_is_kept_digit_for_digit() -> None:
    long = "12345678901.1234567890123456789012345678901234567"
    (refund,) = mapped(written(REFUND, "5000", long)).events
    assert refund.amount == f"-{long}"  # type: ignore[attr-defined]
    deal = mapped(written(PAID, "123456", long)).events[0]
    assert deal.properties["amount"] == "123456789.011234567890123456789012345678901234567"  # type: ignore[attr-defined]


@pytest.mark.parametrize("currency", [None, 978, ["eur"]], ids=str)
def test_minor_units_of_an_unknown_currency_are_no_amount(currency: Any) -> None:
    """Taken as they are they would be a hundred times as much."""
    body = json.loads(json.dumps(PAID))
    body["data"]["object"]["currency"] = currency
    (failure,) = mapped(body).failures
    assert failure == Failure(
        "event 0", "event.deal.amount counts minor units, and $.data.object.currency names no currency"
    )


@pytest.mark.parametrize(
    "time", ["0" * 17 + "9" * 30, "9" * 30, "0" * 5000, "-1", "1.5", "٣", ""], ids=lambda time: time[:20]
)
def test_a_time_beyond_all_bounds_fails_with_the_name_of_our_field(time: str) -> None:
    (failure,) = mapped({**PAID, "created": time}).failures
    assert failure.reason.startswith("occurred_at must be an RFC 3339 time")


TWO_SAYINGS = """
[desk]
[[desk.mapping.rules]]
when = { "$.kind" = ["7", "true", "deal"] }
event = { type = "deal.updated", id = "$.id", deal = { id = "$.deal", status = "$.status" } }
[[desk.mapping.rules]]
event = { type = "contact.updated", id = "$.id", contact = { id = "$.contact", lifecycle = "mql" } }
"""


def test_two_rules_that_fit_make_two_events_also_of_one_id() -> None:
    body = {"id": "evt_1", "kind": "deal", "deal": "D1", "status": "won", "contact": "C1"}
    deal, contact = mapped(body, TWO_SAYINGS, "desk").events
    assert (deal.type, contact.type) == ("deal.revised", "contact.revised")
    assert deal.event_id == event_id("desk", "evt_1", 0)
    assert contact.event_id != deal.event_id
    assert mapped({**body, "more": 1}, TWO_SAYINGS, "desk").events == (deal, contact), "sent again it is the same"


@pytest.mark.parametrize(("kind", "fits"), [(7, True), (True, True), ("deal", True), (8, False), (None, False)])
def test_a_rule_may_ask_for_a_number_or_a_truth(kind: Any, fits: bool) -> None:
    body = {"id": "evt_1", "kind": kind, "deal": "D1", "contact": "C1"}
    assert len(mapped(body, TWO_SAYINGS, "desk").events) == (2 if fits else 1)


MANY = """
[desk]
crm = "mapped"
[desk.mapping]
each = "$.results[*]"
[[desk.mapping.rules]]
[desk.mapping.rules.event]
type = "contact.updated"
[desk.mapping.rules.event.contact]
id = "$.uid"
emails = [{ each = "$.addresses[*].value", path = "$" }]
lifecycle_stage = "$.phase"
"""


def test_a_body_of_several_things_and_a_list_within_each() -> None:
    body = {
        "results": [
            {"uid": 1, "addresses": [{"value": "a@example.com"}, {"value": "b@example.com"}], "phase": "hot"},
            {"uid": True},
            {"uid": 3, "addresses": []},
        ]
    }
    outcome = mapped(body, MANY, "desk")
    assert [event.contact_id for event in outcome.events] == ["1", "3"]  # type: ignore[attr-defined]
    assert len(outcome.events[0].properties["email_keys"]) == 2  # type: ignore[attr-defined]
    assert [failure.item for failure in outcome.failures] == ["event 1 item 0"]


def test_the_same_body_gives_the_same_identities() -> None:
    assert mapped(PAID) == mapped(PAID)
    assert mapped(PAID).events[0].event_id != mapped(REFUND).events[0].event_id


OWN = """
[desk]
crm = "mapped"
[desk.signed]
signature_header = "X-Desk-Signature"
timestamp_header = "X-Desk-Time"
parts = ["timestamp", "body"]
separator = ":"
version = "sha512="
digest = "sha512"
ticks_per_second = 1000
[desk.mapping]
rules = [{ event = { type = "deal.deleted", deal = { id = "$.id" } } }]
"""


def test_an_own_signature_is_described_and_not_programmed() -> None:
    (verifier,) = parse_connections(OWN).verifiers_of("desk")
    signature = hmac.new(b"secret", b"%d:%b" % (NOW * 1000, b"{}"), hashlib.sha512).hexdigest()
    headers = raw({"x-desk-time": str(NOW * 1000), "x-desk-signature": f"sha512={signature}"})
    assert delivery_of(verifier, "secret", Request(headers, b"{}"), NOW) is not None
    assert delivery_of(verifier, "other", Request(headers, b"{}"), NOW) is None


@pytest.mark.parametrize(
    ("toml", "told"),
    [
        ("[x]\ncolour = 1", "x.colour: Extra inputs are not permitted"),
        ('[x]\ncrm = "sugar"', "x.crm: is none of generic, mapped, hubspot"),
        ('[x]\nsignature = "md5"', "x.signature: is none of standard-webhooks, stripe"),
        ('[x]\nurl = "crm.example.com"', "x.url: String should match pattern"),
        (
            '[x.signed]\nsignature_header = "a"\nparts = ["timestamp"]\ntimestamp_header = "b"',
            "x.signed: parts must have body",
        ),
        (
            '[x.signed]\nsignature_header = "a"\nparts = ["body"]\ntimestamp_header = "b"',
            "x.signed: parts must have timestamp, or anybody",
        ),
        (
            '[x.signed]\nsignature_header = "a"\nparts = ["timestamp", "body"]',
            "x.signed: parts has timestamp, and timestamp_header",
        ),
        ('[x.signed]\nsignature_header = "a"\nparts = ["id", "body"]', "x.signed: parts has id, and id_header"),
        (
            '[x.signed]\nsignature_header = "a"\nparts = ["timestamp", "body"]\npacked = true',
            "x.signed: version must say",
        ),
        ("[x.mapping]\nrules = []", "x.mapping.rules: Tuple should have at least 1 item"),
        ('[[x.mapping.rules]]\nevent = { type = "deal.won" }', "x.mapping.rules.0: event.type must be one of company"),
        (
            '[[x.mapping.rules]]\nevent = { type = "deal.updated", deal = { id = "$[" } }',
            "x.mapping.rules.0: event.deal.id: '$[' is no JSONPath: unexpected end of query",
        ),
        (
            '[[x.mapping.rules]]\nevent = { type = "deal.updated", deal = { id = { path = "$.a", unit = "h" } } }',
            "x.mapping.rules.0: event.deal.id: unit is `s` or `ms`",
        ),
        (
            '[[x.mapping.rules]]\nevent = { type = "deal.updated", deal = { closed_at = 2026-01-01 } }',
            "x.mapping.rules.0: event.deal.closed_at: a date says nothing here",
        ),
        ("[x", "Expected ']' at the end of a table declaration"),
    ],
)
def test_what_is_wrong_in_the_file_is_told_with_its_place(tmp_path: Path, toml: str, told: str) -> None:
    (tmp_path / "connections.toml").write_text(toml)
    with pytest.raises(ValueError) as caught:
        _ = BridgeSettings(data=tmp_path).known_connections
    assert str(caught.value).startswith(str(tmp_path / "connections.toml"))
    assert told in str(caught.value)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "type", "data", "object"]), inner)
    ),
    max_leaves=12,
)


@settings(deadline=None)  # which a busy machine misses
@given(_json)
def test_any_json_is_mapped_skipped_or_told(body: Any) -> None:
    outcome = mapped(body if isinstance(body, dict) else [body])
    assert outcome.events or outcome.failures or outcome.skipped


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from([*PAID["data"]["object"]]), _json))
def test_any_value_in_any_field_too(changed: dict[str, Any]) -> None:
    outcome = mapped({**PAID, "created": changed.get("id"), "data": {"object": PAID["data"]["object"] | changed}})
    assert outcome.events or outcome.failures or outcome.skipped
