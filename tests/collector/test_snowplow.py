"""Snowplow's events become those that Segment's libraries would have sent: kinds, ids, times, entities, keys."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import urlencode

import pytest

from wanamaker_collector.headers import Headers
from wanamaker_collector.reading import Broken, Envelope
from wanamaker_collector.snowplow import GET_PATH, POST_PATH, read_payload, read_query

SCHEMA = "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4"
SNOWPLOW = "com.snowplowanalytics.snowplow"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


def post(*events: Any, headers: Headers = Headers(), keyed: bool = True) -> Envelope:  # noqa: B008  it is frozen
    return read_payload(json.dumps({"schema": SCHEMA, "data": events}).encode(), headers, keyed=keyed)


def get(headers: Headers = Headers(), **parameters: str) -> Any:  # noqa: B008  it is frozen
    (event,) = read_query(urlencode(parameters).encode(), headers, keyed=True).events
    return event


def one(**parameters: Any) -> Any:
    """What becomes of one event, sent both ways: they must agree."""
    (event,) = post(parameters).events
    if all(isinstance(value, str) for value in parameters.values()):
        assert get(**parameters) == event
    return event


def described(data: Any, name: str = "price_seen", vendor: str = "com.acme") -> str:
    inner = {"schema": f"iglu:{vendor}/{name}/jsonschema/1-0-0", "data": data}
    return json.dumps({"schema": f"iglu:{SNOWPLOW}/unstruct_event/jsonschema/1-0-0", "data": inner})


def encoded(text: str, *, url: bool = True) -> str:
    """As the JavaScript tracker writes it; without `url` as the Python tracker does."""
    return (
        base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
        if url
        else base64.b64encode(text.encode()).decode()
    )


def test_a_page_view_in_full() -> None:
    assert one(
        e="pv", eid="m1", duid="d1", uid="u1", aid="shop", p="web", tv="js-4.6.8", tna="sp", url="https://shop.test/",
        page="Home", refr="https://www.google.com/", dtm="1767607200000", stm="1767607201500", lang="de", tz="Europe/Berlin",
        res="800x600", ip="203.0.113.7", ua=FIREFOX, vid="3",
    ) == {
        "type": "page",
        "name": "Home",
        "messageId": "m1",
        "anonymousId": "d1",
        "userId": "u1",
        "timestamp": "2026-01-05T10:00:00.000+00:00",
        "sentAt": "2026-01-05T10:00:01.500+00:00",
        "context": {
            "page": {"url": "https://shop.test/", "title": "Home", "referrer": "https://www.google.com/"},
            "userAgent": FIREFOX,
            "locale": "de",
            "timezone": "Europe/Berlin",
            "ip": "203.0.113.7",
            "screen": {"width": 800, "height": 600},
            "library": {"name": "snowplow", "version": "js-4.6.8"},
            "app": {"name": "shop"},
            "snowplow": {"p": "web", "tna": "sp", "vid": "3"},
        },
    }  # fmt: skip


EVENTS: list[tuple[dict[str, str], dict[str, Any]]] = [
    ({"e": "pv"}, {"type": "page"}),
    (
        {"e": "se", "se_ca": "shop", "se_ac": "add", "se_la": "web", "se_pr": "pcs", "se_va": "-1.50"},
        {
            "type": "track",
            "event": "add",
            "properties": {"category": "shop", "action": "add", "label": "web", "property": "pcs", "value": -1.5},
        },
    ),
    (
        {"e": "se", "se_ca": "1", "se_ac": "02", "se_la": "0049", "se_pr": "1.10", "se_va": "3"},
        {
            "type": "track",
            "event": "02",
            "properties": {"category": "1", "action": "02", "label": "0049", "property": "1.10", "value": 3},
        },
    ),
    (
        {"e": "se", "se_ac": "add", "se_va": "a lot"},
        {"type": "track", "event": "add", "properties": {"action": "add", "value": "a lot"}},
    ),
    ({"e": "pp", "pp_may": "300"}, {"type": "track", "event": "page_ping", "properties": {"max_y": 300}}),
    (
        {"e": "tr", "tr_id": "T1", "tr_tt": "12.50", "tr_cu": "EUR"},
        {"type": "track", "event": "transaction", "properties": {"order_id": "T1", "total": 12.5, "currency": "EUR"}},
    ),
    (
        {"e": "ti", "ti_id": "007", "ti_sk": "0815", "ti_qu": "2", "ti_pr": "0.50"},
        {
            "type": "track",
            "event": "transaction_item",
            "properties": {"order_id": "007", "sku": "0815", "quantity": 2, "price": 0.5},
        },
    ),
    ({"e": "ue", "ue_pr": described({"plan": "ü"})}, {"type": "track", "event": "price_seen", "properties": {"plan": "ü"}}),
    (
        {"e": "ue", "ue_px": encoded(described({"a": "??>>~~"}))},
        {"type": "track", "event": "price_seen", "properties": {"a": "??>>~~"}},
    ),
    (
        {"e": "ue", "ue_px": encoded(described({"a": "??>>~~"}), url=False)},
        {"type": "track", "event": "price_seen", "properties": {"a": "??>>~~"}},
    ),
    ({"e": "ue", "ue_pr": described([1])}, {"type": "track", "event": "price_seen", "properties": {"value": [1]}}),
    (
        {"e": "ue", "ue_pr": described({"name": "Home"}, "screen_view", "com.snowplowanalytics.mobile")},
        {"type": "screen", "name": "Home", "properties": {"name": "Home"}},
    ),
    (
        {"e": "ue", "ue_pr": described({"formId": "x"}, "submit_form")},
        {"type": "track", "event": "submit_form", "properties": {"formId": "x"}},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("parameters", "event"), EVENTS)
def test_what_becomes_of_each_kind(parameters: dict[str, str], event: dict[str, Any]) -> None:
    found = one(duid="d1", **parameters)
    assert {name: found[name] for name in found if name in ("type", "event", "name", "properties")} == event
    assert "snowplow" not in found["context"]  # everything has found its place


@pytest.mark.parametrize(
    ("cookies", "sender"),
    [
        ({"duid": "d"}, "d"),
        ({"duid": "d", "nuid": "n"}, "n"),
        ({"duid": "d", "nuid": "n", "tnuid": "t"}, "t"),
        ({"duid": "d", "nuid": "00000000-0000-0000-0000-000000000000"}, "d"),
        ({"uid": "u"}, None),
    ],
)
def test_which_id_is_the_cookie(cookies: dict[str, str], sender: str | None) -> None:
    event = one(e="pv", **cookies)
    assert event.get("anonymousId") == sender
    assert event["context"].get("cookies", cookies) == cookies  # none is lost


@pytest.mark.parametrize(
    ("times", "timestamp", "sent_at"),
    [
        ({}, None, None),
        ({"dtm": "1000"}, "1970-01-01T00:00:01.000+00:00", None),
        ({"dtm": "1000", "stm": "2500"}, "1970-01-01T00:00:01.000+00:00", "1970-01-01T00:00:02.500+00:00"),
        ({"dtm": "1393", "stm": "1000"}, "1970-01-01T00:00:01.393+00:00", "1970-01-01T00:00:01.393+00:00"),
        ({"dtm": "1000", "stm": "2500", "ttm": "500"}, "1970-01-01T00:00:00.500+00:00", None),
    ],
)
def test_when_it_happened(times: dict[str, str], timestamp: str | None, sent_at: str | None) -> None:
    event = one(e="pv", duid="d", **times)
    assert (event.get("timestamp"), event.get("sentAt")) == (timestamp, sent_at)


def test_entities_are_kept() -> None:
    entities = [{"schema": "iglu:com.acme/plan/jsonschema/1-0-0", "data": {"plan": "pro"}}]
    text = json.dumps({"schema": f"iglu:{SNOWPLOW}/contexts/jsonschema/1-0-0", "data": entities})
    assert one(e="pv", co=text)["context"]["entities"] == entities
    assert one(e="pv", cx=encoded(text))["context"]["entities"] == entities


def test_what_can_be_mended_is_not_lost() -> None:
    """A `+` of base64 that was not escaped is read as a space; half an emoji in JSON stays a character."""
    text = encoded(described({"a": "??>>~~"}), url=False)
    assert "+" in text
    event = read_query(f"e=ue&duid=d&ue_px={text}".encode(), Headers(), keyed=True).events[0]
    assert event["properties"] == {"a": "??>>~~"}
    half = described({"a": "x"}).replace('"x"', '"\\ud83d"')
    for parameters in ({"ue_pr": half}, {"ue_px": encoded(half)}):
        assert one(e="ue", duid="d", **parameters)["properties"] == {"a": "\ufffd"}


def test_numbers_are_understood_where_texts_should_be() -> None:
    assert one(e="pv", duid=7, dtm=1000)["timestamp"] == "1970-01-01T00:00:01.000+00:00"
    assert one(e="pv", duid=7)["anonymousId"] == "7"
    assert one(e="pv", duid="d", url=None)["context"] == {"library": {"name": "snowplow"}}


def test_only_a_pages_tracker_leaves_the_user_agent_to_the_header() -> None:
    headers = Headers(user_agent=FIREFOX)
    agents = [get(headers, e="pv", p=platform)["context"].get("userAgent") for platform in ("web", "srv", "pc")]
    assert agents == [FIREFOX, None, None]
    assert get(headers, e="pv", p="web", ua="other")["context"]["userAgent"] == "other"


def test_an_anonymous_request_says_so_and_loses_the_address() -> None:
    context = get(Headers(anonymous=True), e="pv", ip="203.0.113.7")["context"]
    assert context == {"library": {"name": "snowplow"}, "cookieless": True}


BROKEN: list[tuple[Any, str]] = [
    (7, "an event must be a JSON object"),
    ({}, "e must be one of pv, pp, se, ue, tr, ti"),
    ({"e": "ad"}, "e must be one of pv, pp, se, ue, tr, ti"),
    ({"e": ["pv"]}, "e must be a text"),
    ({"e": True}, "e must be a text"),
    ({"e": "pv", "url": {"a": 1}}, "url must be a text"),
    ({"e": "pv", "dtm": "noon"}, "dtm must be milliseconds since 1970"),
    ({"e": "pv", "dtm": "-1"}, "dtm must be milliseconds since 1970"),
    ({"e": "pv", "dtm": "٣"}, "dtm must be milliseconds since 1970"),
    ({"e": "pv", "stm": "999999999999999"}, "stm must be milliseconds since 1970"),
    ({"e": "pv", "ttm": "1e3"}, "ttm must be milliseconds since 1970"),
    ({"e": "pv", "co": "{"}, "co must be a JSON object"),
    ({"e": "pv", "co": "[]"}, "co must be a JSON object"),
    ({"e": "pv", "co": "{}"}, "co or cx must hold a list, data, of self-describing JSON"),
    ({"e": "pv", "cx": "ä"}, "cx must be JSON in base64"),
    ({"e": "pv", "cx": "a"}, "cx must be JSON in base64"),
    ({"e": "pv", "cx": "e30%"}, "cx must be JSON in base64"),
    ({"e": "pv", "cx": "/w=="}, "cx must be a JSON object"),
    ({"e": "se"}, "se_ac, the action, is missing"),
    ({"e": "ue"}, "ue_pr or ue_px must hold self-describing JSON"),
    ({"e": "ue", "ue_pr": "{}"}, "ue_pr or ue_px must hold self-describing JSON"),
    ({"e": "ue", "ue_pr": '{"data": {"schema": "price_seen"}}'}, "ue_pr or ue_px must hold self-describing JSON"),
    ({"e": "ue", "ue_pr": "x"}, "ue_pr must be a JSON object"),
]


@pytest.mark.parametrize(("stated", "reason"), BROKEN)
def test_an_event_that_cannot_be_read_is_broken_and_says_why(stated: Any, reason: str) -> None:
    if isinstance(stated, dict):
        stated = {"eid": "m1", "duid": "d1", **stated}
    broken, good = post(stated, {"e": "pv", "duid": "d1"}).events
    assert isinstance(broken, Broken)
    assert broken.reason.startswith(reason)
    assert good["type"] == "page"
    if isinstance(stated, dict):
        assert broken.ids == {"messageId": "m1", "anonymousId": "d1"}


def test_the_first_aid_is_the_key_of_all() -> None:
    events = [{"e": "pv", "duid": "d"}, {"e": "pv", "aid": "K", "duid": "d"}, {"e": "pv", "aid": "L", "duid": "d"}]
    envelope = post(*events, keyed=False)
    assert envelope.write_key == "K"
    assert [isinstance(event, Broken) for event in envelope.events] == [True, False, True]
    assert "app" not in envelope.events[1]["context"]  # it may be the secret key
    keyed = post(*events)
    assert keyed.write_key is None
    assert [event["context"].get("app") for event in keyed.events] == [None, {"name": "K"}, {"name": "L"}]


def test_each_event_is_found_in_the_body_as_it_was_sent() -> None:
    body = b'{"data": [ {"e":  "pv"}, 7 , {"e":"xx", "data":[{}]} ], "batch": [1]}'
    envelope = read_payload(body, Headers(), keyed=True)
    assert envelope.where == POST_PATH
    assert envelope.raws is not None
    assert list(envelope.raws() or ()) == [b'{"e":  "pv"}', b"7", b'{"e":"xx", "data":[{}]}']
    query = read_query(b"e=pv&e=pp&x=", Headers(), keyed=True)
    assert (query.where, query.raws and query.raws()) == (GET_PATH, (b"e=pv&e=pp&x=",))
    assert query.events[0]["event"] == "page_ping"  # of two the last counts
