"""Events into records: the contract's bytes, what each kind becomes, and which events are refused."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wanamaker_collector.mapping import EVENT_BYTES, Origin, to_record
from wanamaker_collector.refusing import ID_BYTES, Refused
from wanamaker_shared.contracts import web_events
from wanamaker_shared.contracts.identifiers import email_key
from wanamaker_shared.contracts.record import encode

NOW = 1_767_607_201_000_000
HMAC = b"k" * 32
BROWSER = Origin("default", "0123456789ab", True, HMAC)
SERVER = Origin("default", "ba9876543210", False, HMAC)
ANN = email_key(HMAC, "ann@example.com")
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def record(kind: Any, event: Any, origin: Origin = BROWSER, *, sent_at: int | None = None, unsafe: bool = False) -> Any:
    if isinstance(event, dict):
        event = {"anonymousId": "c1", "messageId": "m1", **event}
    new = to_record(event, kind, origin, received_at=NOW, sent_at=sent_at, unsafe=unsafe).record
    return orjson.loads(new.value)


def test_a_page_view_in_full() -> None:
    url = "https://shop.test/a?utm_source=google&gclid=x&secret=1"
    event = {
        "type": "page",
        "writeKey": "hidden",
        "userId": "u7",
        "timestamp": "2026-01-05T10:00:00Z",
        "context": {"page": {"url": url, "referrer": "https://www.google.com/"}, "userAgent": "Mozilla/5.0"},
        "properties": {"title": "A"},
    }
    assert record("page", event) == {
        "type": "page",
        "workspace": "default",
        "source": "0123456789ab",
        "sender": "c1",
        "event_id": "m1",
        "revision": 0,
        "occurred_at": NOW - 1_000_000,
        "received_at": NOW,
        "schema_version": 1,
        "trust": "browser",
        "bot": False,
        "bot_list": version("crawler-user-agents"),
        "user_id": "u7",
        "page": {
            "host": "shop.test",
            "path": "/a",
            "referrer_host": "www.google.com",
            "utm": {"source": "google"},
            "click_id": {"name": "gclid", "value": "x"},
        },
        "personal": {
            "key": "c1",
            "v": {
                "userId": "u7",
                "timestamp": "2026-01-05T10:00:00Z",
                "context": event["context"],
                "properties": {"title": "A"},
            },
        },
    }


KINDS: list[tuple[str, dict[str, Any], Origin, dict[str, Any]]] = [
    ("track", {"event": " Viewed "}, BROWSER, {"type": "track", "event": "Viewed"}),
    ("track", {"event": "Viewed", "properties": {"email": "ann@example.com"}}, BROWSER, {"type": "track"}),
    ("track", {"event": "Form Submitted"}, BROWSER, {"type": "track"}),
    ("track", {"event": "Form Submitted", "properties": {"email": None}}, BROWSER, {"type": "track"}),
    ("track", {"event": "Form Submitted", "properties": {"email": ""}}, BROWSER, {"type": "form", "email_key": None}),
    ("track", {"event": "Form Submitted", "properties": {"email": 7}}, BROWSER, {"type": "form", "email_key": None}),
    ("track", {"event": "Lead", "properties": {"email": "nonsense"}}, BROWSER, {"type": "form", "email_key": None}),
    ("track", {"event": "Lead", "properties": {"email": "test@x.com"}}, BROWSER, {"type": "form", "email_key": None}),
    (
        "track",
        {"event": "Form Submitted", "properties": {"form": "demo", "email": " Ann@Example.COM "}},
        BROWSER,
        {"type": "form", "event": "Form Submitted", "form": "demo", "email_key": ANN, "email_domain": "example.com"},
    ),
    ("track", {"event": "Lead", "traits": {"Email": "ann@example.com"}}, BROWSER, {"type": "form", "email_key": ANN}),
    (
        "track",
        {"event": "Lead", "properties": {"email": "?"}, "context": {"traits": {"email": "ann@example.com"}}},
        BROWSER,
        {"type": "form", "email_key": ANN},
    ),
    ("identify", {"traits": {"email": "ann@example.com"}}, BROWSER, {"type": "identify", "email_key": ANN}),
    ("identify", {"context": {"traits": {"email": "ann@example.com"}}}, SERVER, {"email_key": ANN, "trust": "server"}),
    (
        "identify",
        {"traits": {"email": "b@mail.shop.co.uk"}, "userId": 42},
        BROWSER,
        {"email_domain": "shop.co.uk", "user_id": "42"},
    ),
    ("identify", {"traits": {"email": "not an address"}}, BROWSER, {"type": "identify", "email_key": None}),
    ("identify", {"userId": "anonymous"}, BROWSER, {"type": "identify", "user_id": None}),
    ("identify", {"userId": "ann@example.com"}, BROWSER, {"user_id": ANN, "email_key": None}),
    ("screen", {"name": "Home"}, BROWSER, {"type": "page", "page": {"host": "", "path": "Home", "utm": {}}}),
    ("group", {"groupId": "g1", "traits": {"name": "Example"}}, BROWSER, {"type": "track", "event": "group"}),
    ("alias", {"userId": "u1", "previousId": "u0"}, BROWSER, {"type": "track", "event": "alias", "user_id": "u1"}),
    (
        "alias",
        {"userId": "u1", "previousId": "u0"},
        SERVER,
        {"type": "identify", "user_id": "u1", "previous_user_id": "u0"},
    ),
    ("alias", {"userId": "u1", "previousId": "null"}, SERVER, {"type": "identify", "previous_user_id": None}),
    ("page", {"anonymousId": None, "userId": "u1"}, BROWSER, {"sender": "u:u1", "user_id": "u1"}),
    ("page", {"anonymousId": 17}, BROWSER, {"sender": "17"}),
    ("page", {"context": {"userAgent": GOOGLEBOT}}, BROWSER, {"bot": True}),
    ("page", {"context": {"userAgent": 7}}, BROWSER, {"bot": False}),
]


@pytest.mark.parametrize(("kind", "event", "origin", "expected"), KINDS)
def test_what_an_event_becomes(kind: str, event: dict[str, Any], origin: Origin, expected: dict[str, Any]) -> None:
    found = record(kind, event, origin)
    assert {name: found.get(name) for name in expected} == expected


@pytest.mark.parametrize(("kind", "event", "origin"), [case[:3] for case in KINDS])
def test_records_have_the_contracts_canonical_bytes(kind: str, event: dict[str, Any], origin: Origin) -> None:
    assert_canonical(kind, {"anonymousId": "c1", **event}, origin)


texts = st.text(max_size=8) | st.sampled_from(
    ["ann@example.com", "0", "Lead", "https://a.test/b?utm_source=%00&gclid=1", "\ud800"]
)
bags = st.dictionaries(
    st.sampled_from(["email", "url", "referrer", "form", "page", "traits", "userAgent", "campaign", "a"]),
    st.recursive(
        texts | st.none() | st.floats(allow_nan=False, allow_infinity=False),
        lambda b: st.dictionaries(st.sampled_from(["url", "email", "source", "b"]), b, max_size=3),
        max_leaves=4,
    ),
    max_size=4,
)
events = st.fixed_dictionaries(
    {"anonymousId": texts},
    optional={
        "userId": texts,
        "messageId": texts,
        "event": texts,
        "name": texts,
        "previousId": texts,
        "timestamp": st.sampled_from(["2026-01-05T10:00:00Z", "1999-01-01", "2999-01-01"]),
        "context": bags,
        "properties": bags,
        "traits": bags,
    },
)


@given(st.sampled_from(["page", "screen", "track", "identify", "group", "alias"]), events, st.booleans())
def test_any_record_has_the_contracts_canonical_bytes(kind: str, event: dict[str, Any], browser: bool) -> None:
    try:
        assert_canonical(kind, event, BROWSER if browser else SERVER)
    except Refused:
        return


def assert_canonical(kind: str, event: dict[str, Any], origin: Origin) -> None:
    new = to_record(event, kind, origin, received_at=NOW, sent_at=None, unsafe=True).record
    model = web_events.adapter.validate_json(new.value)
    assert encode(model) == new.value
    assert new.key == web_events.key("default", model.sender)
    assert b"ann@example.com" not in encode(model.model_copy(update={"personal": None}))


@pytest.mark.parametrize(
    ("kind", "event", "reason"),
    [
        ("page", [], "JSON object"),
        ("page", "text", "JSON object"),
        ("purchase", {}, "type must be one of"),
        (None, {}, "type must be one of"),
        (["page"], {}, "type must be one of"),
        ("page", {"anonymousId": "0"}, "anonymousId is a placeholder"),
        ("page", {"anonymousId": "anonymous"}, "anonymousId is a placeholder"),
        ("page", {"anonymousId": ""}, "anonymousId is a placeholder"),
        ("page", {"anonymousId": "00000000-0000-0000-0000-000000000000"}, "anonymousId is a placeholder"),
        ("page", {"anonymousId": None}, "needs an anonymousId"),
        ("page", {"anonymousId": None, "userId": "guest"}, "needs an anonymousId"),
        ("page", {"anonymousId": True}, "anonymousId must be a text"),
        ("page", {"anonymousId": 1.5}, "anonymousId must be a text"),
        ("page", {"anonymousId": {"a": 1}}, "anonymousId must be a text"),
        ("page", {"anonymousId": "x" * (ID_BYTES + 1)}, "at most 512 bytes"),
        ("page", {"messageId": "é" * (ID_BYTES // 2 + 1)}, "at most 512 bytes"),
        ("page", {"timestamp": "yesterday"}, "timestamp must be an RFC 3339 time"),
        ("page", {"timestamp": 1767607200}, "timestamp must be an RFC 3339 time"),
        ("page", {"sentAt": []}, "sentAt must be an RFC 3339 time"),
        ("page", {"context": []}, "context must be an object"),
        ("page", {"properties": "a"}, "properties must be an object"),
        ("identify", {"traits": 7}, "traits must be an object"),
        ("identify", {"context": {"traits": []}}, "traits must be an object"),
        ("track", {}, "name of its event"),
        ("track", {"event": " "}, "name of its event"),
        ("track", {"event": 7}, "name of its event"),
        ("alias", {"userId": "u1"}, "previousId"),
        ("alias", {"previousId": "u1"}, "userId"),
        ("page", {"properties": {"text": "x" * EVENT_BYTES}}, "at most 32768 bytes"),
    ],
)
def test_refused_events_say_why_without_quoting(kind: Any, event: Any, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        record(kind, event)


def test_history_before_1970_is_refused() -> None:
    with pytest.raises(Refused, match="1970"):
        record("page", {"timestamp": "1969-12-31T23:59:59Z"}, SERVER)
    assert record("page", {"timestamp": "1970-01-01T00:00:00Z"}, SERVER)["occurred_at"] == 0


def test_ids_with_characters_that_cleaning_would_change_are_refused() -> None:
    """Two ids that differ in them only must not become one."""
    for name in ("anonymousId", "userId", "messageId"):
        with pytest.raises(Refused, match=f"{name} contains control characters"):
            record("page", {name: "c\x00"}, unsafe=True)


@pytest.mark.parametrize("levels", [33, 200, 300, 900])
def test_a_deep_event_is_refused(levels: int) -> None:
    deep: Any = 1
    for _ in range(levels - 1):
        deep = {"a": deep}
    for unsafe in (False, True):
        with pytest.raises(Refused, match="nested deeper than 32 levels"):
            record("page", {"properties": deep}, unsafe=unsafe)
        with pytest.raises(Refused, match="nested deeper than 32 levels"):
            record("page", {"properties": deep, "messageId": None}, unsafe=unsafe)


def test_many_brackets_are_not_depth() -> None:
    assert record("page", {"properties": {"items": [{} for _ in range(500)]}})["type"] == "page"


def test_without_message_id_the_event_id_is_the_sha256_of_the_event() -> None:
    plain = record("page", {"messageId": None})["event_id"]
    assert len(plain) == 64
    for same in ({"type": "page"}, {"writeKey": "k"}, {"sentAt": "2026-01-05T10:00:00Z"}):
        assert record("page", {"messageId": None, **same})["event_id"] == plain
    others: list[dict[str, Any]] = [
        {"timestamp": "2026-01-05T10:00:00Z"},
        {"properties": {}},
        {"anonymousId": "c2"},
    ]
    for other in others:
        assert record("page", {"messageId": None, **other})["event_id"] != plain
    assert record("screen", {"messageId": None})["event_id"] != plain


def test_an_address_as_an_id_stands_in_personal_only() -> None:
    found = record("page", {"anonymousId": "Ann@Example.com"})
    assert found["sender"] == found["personal"]["key"] == ANN
    assert found["personal"]["v"]["anonymousId"] == "Ann@Example.com"


def test_an_address_as_a_message_id_stands_in_personal_only() -> None:
    found = record("page", {"messageId": "ann@example.com"})
    assert found["event_id"] == ANN
    assert found["personal"]["v"]["messageId"] == "ann@example.com"


def test_the_events_own_sent_at_goes_before_the_batchs() -> None:
    event = {"timestamp": "2026-01-05T09:00:00Z", "sentAt": "2026-01-05T09:00:05Z"}
    assert record("page", event, sent_at=NOW)["occurred_at"] == NOW - 5_000_000
    del event["sentAt"]
    assert record("page", event, sent_at=NOW)["occurred_at"] == NOW - 3_601_000_000


def test_the_given_event_is_not_changed() -> None:
    event = {"type": "page", "anonymousId": "c1", "messageId": "m1", "writeKey": "k"}
    before = dict(event)
    to_record(event, "page", BROWSER, received_at=NOW, sent_at=None, unsafe=False)
    assert event == before
