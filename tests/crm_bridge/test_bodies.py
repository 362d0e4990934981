"""Bodies meant to break a parser: each becomes a failure with a reason, or is taken; none raises, none is quoted."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wanamaker_crm_bridge.dialects import DIALECTS
from wanamaker_crm_bridge.emitting import event_record, failed_record
from wanamaker_crm_bridge.mapping import Context, Mapped, Webhook
from wanamaker_shared.contracts import crm_events, failed_events

KEY = bytes(32)


def map_body(body: bytes) -> Mapped:
    return DIALECTS["generic"](Webhook("w", "generic", "msg_1", 1_767_607_200_000_000, body), Context(KEY))


def deal(**fields: Any) -> bytes:
    return json.dumps({"type": "deal.updated", "id": "e", "deal": {"id": "D1", **fields}}).encode()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "body is not JSON at character 0"),
        (b"\xff\xfe{}", "body is not UTF-8 at byte 0"),
        (b'{"type": "deal.updated"', "body is not JSON at character 23"),
        (b"{} {}", "body is not JSON at character 3"),
        (b'"secret"', "body must be an object"),
        (b"17", "body must be an object"),
        (b"null", "body must be an object"),
        (b"NaN", "body holds NaN or Infinity"),
        (b'{"type": "deal.updated", "deal": {"id": "D1", "amount": -Infinity}}', "body holds NaN or Infinity"),
        (b'{"type": "deal.updated", "type": "deal.deleted"}', "one key twice"),
        (b'{"type": "deal.updated", "deal": {"id": "D1", "id": "D2"}}', "one key twice"),
        (b"[" * 100_000 + b"]" * 100_000, "body is nested too deeply"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "body is nested too deeply"),
        (b"[" + b"0," * 1000 + b"0]", "body must have at most 1000 entries"),
        (b"{}", "type is missing"),
        (b'{"type": null}', "type is missing"),
        (b'{"type": 3}', "type must be text"),
        (b'{"type": "deal.updated"}', "deal is missing"),
        (b'{"type": "deal.updated", "deal": []}', "deal must be an object"),
        (b'{"type": "deal.updated", "deal": {}}', "deal.id is missing"),
        (b'{"type": "deal.updated", "deal": {"id": ""}}', "deal.id must have 1 to 256 characters"),
        (b'{"type": "deal.updated", "deal": {"id": "secret\\u0000"}}', "deal.id must not be blank or hold control"),
        (b'{"type": "deal.updated", "deal": {"id": "secret\\ud800"}}', "deal.id must not be blank or hold control"),
        (b'{"type": "deal.updated", "deal": {"id": 1.5}}', "deal.id must be text or a whole number"),
        (b'{"type": "deal.updated", "deal": {"id": {"a": "secret"}}}', "deal.id must be text or a whole number"),
        (b'{"type": "deal.updated", "id": [], "deal": {"id": "D1"}}', "id must be text or a whole number"),
        (b'{"type": "deal.updated", "occurred_at": 5, "deal": {"id": "D1"}}', "occurred_at must be an RFC 3339 time"),
        (deal(amount="secret"), "deal.amount must be a decimal number"),
        (deal(amount=True), "deal.amount must be a decimal number"),
        (deal(amount="1e999"), "deal.amount must be a decimal number"),
        (deal(amount="1e99"), "deal.amount must be smaller than 10^14"),
        (b'{"type": "deal.updated", "deal": {"id": "D1", "amount": 1e999}}', "deal.amount must be a decimal number"),
        (b'{"type": "deal.updated", "deal": {"id": "D1", "amount": %s}}' % (b"9" * 5000), "deal.amount must be a dec"),
        (deal(amount="٣"), "deal.amount must be a decimal number"),
        (deal(currency="secret"), "deal.currency must be an ISO 4217 code"),
        (deal(currency="XXX"), "deal.currency must be an ISO 4217 code"),
        (deal(currency=978), "deal.currency must be an ISO 4217 code"),
        (deal(status="secret"), "deal.status must be one of open, won, lost"),
        (deal(status=["won"]), "deal.status must be one of open, won, lost"),
        (deal(stage={}), "deal.stage must be text"),
        (deal(name=["secret"]), "deal.name must be text"),
        (deal(created_at="2026-02-30"), "deal.created_at is a day that the calendar does not have"),
        (deal(closed_at="2026-01-01T10:00:00"), "deal.closed_at must be an RFC 3339 time with an offset"),
        (deal(closed_at="2026-01-01T25:00:00Z"), "deal.closed_at is a time that the calendar"),
        (deal(closed_at="9999-12-31"), "deal.closed_at must lie in the years 1900 to 2199"),
        (deal(closed_at=1767607200), "deal.closed_at must be an RFC 3339 time"),
        (deal(company="secret"), "deal.company must be an object"),
        (deal(contacts={"id": "C1"}), "deal.contacts must be a list"),
        (deal(contacts=[{"id": str(n)} for n in range(1001)]), "deal.contacts must have at most 1000 entries"),
    ],
)
def test_an_unreadable_body_fails_with_the_field_and_without_the_value(body: bytes, reason: str) -> None:
    mapped = map_body(body)
    (failure,) = mapped.failures
    assert reason in failure.reason
    assert "secret" not in failure.reason
    assert mapped.events == ()


def test_a_byte_order_mark_is_allowed() -> None:
    assert len(map_body(b"\xef\xbb\xbf" + deal()).events) == 1


def test_texts_are_made_safe_for_every_database() -> None:
    (event,) = map_body(
        b'{"type": "deal.updated", "deal": {"id": "D1", "name": "a\\u0000b\\ud83d", "stage": "\\u001b[2J"}}'
    ).events
    assert isinstance(event, crm_events.DealRevised)
    assert event.personal is not None
    assert event.personal.v == {"name": "a\ufffdb\ufffd"}
    assert event.properties["stage"] == "\ufffd[2J"


def test_lists_and_texts_are_taken_up_to_their_bounds() -> None:
    """A longer list fails, for half of it would be a false statement; a longer text is cut."""
    mapped = map_body(deal(contacts=[str(n) for n in range(1000)], name="ä" * 1001, stage="x" * 1001))
    event = mapped.events[0]
    assert isinstance(event, crm_events.DealRevised)
    assert (len(mapped.events), len(event.contacts or [])) == (1001, 1000)
    assert event.personal is not None
    assert event.personal.v == {"name": "ä" * 1000}
    assert event.properties["stage"] == "x" * 1000


def test_a_bad_event_in_a_list_does_not_harm_the_others() -> None:
    good = {"type": "deal.deleted", "deal": {"id": "D1"}}
    mapped = map_body(json.dumps([good, 3, {"type": "deal.deleted"}, {"type": "x"}, good]).encode())
    assert [type(event) for event in mapped.events] == [crm_events.DealDeleted, crm_events.DealDeleted]
    assert len({event.event_id for event in mapped.events}) == 2
    assert [failure.item for failure in mapped.failures] == ["event 1", "event 2 item 0"]
    assert mapped.skipped == 1


_names = st.sampled_from(
    "type id occurred_at deal contact contacts company amount currency status stage emails email user_ids from into "
    "adjustment deal_id at lifecycle domain closed_at".split()
)
_texts = st.sampled_from(
    ["deal.updated", "contact.updated", "revenue.adjusted", "", "\x00", "\ud800", "won", "a@b.c", "1e5", "EUR"]
)
_leaves = st.none() | st.booleans() | st.integers() | st.floats() | _texts | st.just("2026-01-01")
_objects = st.dictionaries(_names, _leaves, max_size=3)
_values = _leaves | _objects | st.lists(_leaves | _objects, max_size=2)


@given(
    kind=st.sampled_from(
        ["deal.updated", "contact.updated", "contact.merged", "deal.merged", "revenue.adjusted", "deal.restored"]
    ),
    fields=st.dictionaries(_names, _values, max_size=4),
)
@settings(max_examples=300)
def test_no_json_raises_and_what_is_made_can_be_written_and_read(kind: str, fields: dict[str, Any]) -> None:
    body = json.dumps({"type": kind, **fields, "deal": {"id": "D", **_dict(fields.get("deal"))}}).encode()
    _all_can_be_written(body)


@given(body=st.binary(max_size=60))
def test_no_bytes_raise(body: bytes) -> None:
    _all_can_be_written(body)


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _all_can_be_written(body: bytes) -> None:
    mapped = map_body(body)
    assert mapped.events or mapped.failures or mapped.skipped or json.loads(body) == []
    for event in mapped.events:
        record = event_record(event)
        assert b"\\u0000" not in record.value
        assert crm_events.adapter.validate_json(record.value) == event
    if mapped.failures:
        record = failed_record(Webhook("w", "generic", "msg_1", 0, body), mapped.failures, "here", body)
        failed_events.adapter.validate_python(orjson.loads(record.value))
