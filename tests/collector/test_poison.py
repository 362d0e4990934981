"""Whatever is sent, the answer is a refusal (4xx) or a verdict, never 5xx; the good events around it arrive, and what
the log holds can be stored anywhere."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from wanamaker_collector.front_door import ENDPOINTS
from wanamaker_collector.settings import CollectorSettings
from wanamaker_shared.contracts import failed_events, web_events

from .conftest import Collector, Opened

DEEP = 3_000

VALUES: dict[str, bytes] = {
    "NUL": rb'"a\u0000b"',
    "control characters": rb'"\u0001\u001b[2J\b\f"',
    "DEL and C1": '"\x7f\x85\x9b"'.encode(),
    "raw control character": b'"a\x00b"',
    "lone high surrogate": rb'"\ud800"',
    "lone low surrogate": rb'"\udc00x"',
    "swapped surrogates": rb'"\udc00\ud800"',
    "noncharacters": '"\uffff\ufffe"'.encode(),
    "right-to-left override": '"\u202e"'.encode(),
    "NaN": b"NaN",
    "Infinity": b"-Infinity",
    "1e999": b"1e999",
    "1e-999": b"1e-999",
    "5000 digits": b"9" * 5000,
    "beyond 64 bits": b"123456789012345678901234567890",
    "most negative": b"-9223372036854775809",
    "minus zero": b"-0.0",
    "deep lists": b"[" * DEEP + b"]" * DEEP,
    "deep objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "somewhat deep": b"[" * 40 + b"]" * 40,
    "deeper than the encoder": b"[" * 400 + b"]" * 400,
    "bad UTF-8": b'"\xff\xfe"',
    "overlong UTF-8": b'"\xc0\x80"',
    "UTF-8 surrogate": b'"\xed\xa0\x80"',
    "cut UTF-8": b'"\xe2\x82"',
    "byte order mark inside": b"\xef\xbb\xbf1",
    "duplicate keys": b'{"a":1,"a":{"a":2,"a":3}}',
    "key with NUL": rb'{"\u0000":1,"\u0001":2}',
    "empty key": b'{"":""}',
    "__proto__": b'{"__proto__":{"x":1}}',
    "null": b"null",
    "true": b"true",
    "number": b"17",
    "fraction": b"1.5",
    "list": b"[]",
    "list of lists": b"[[],[[]]]",
    "object": b"{}",
    "empty text": b'""',
    "spaces": b'"  \\t "',
    "long text": b'"' + b"x" * 40_000 + b'"',
    "many members": b"{" + b",".join(b'"k%d":1' % n for n in range(5000)) + b"}",
    "placeholder": b'"[object Object]"',
    "an address": b'"Ann@Example.com"',
    "fullwidth address": '"ann＠example.com"'.encode(),
    "half an address": b'"@"',
    "URL": b'"http://[::1"',
    "URL with NUL": b'"https://shop.test/%00?utm_source=%00%ff&gclid=%ED%A0%80"',
    "time of year zero": b'"0000-00-00T00:00:00Z"',
    "time of year 1": b'"0001-01-01T00:00:00+23:59"',
    "time of year 9999": b'"9999-12-31T23:59:59.999999-23:59"',
    "comment": b"/* */ 1",
    "single quotes": b"'a'",
    "not closed": b'"',
    "bracket too many": b"1}",
    "bracket missing": b"{",
}

UNTELLABLE = ("not closed", "bracket too many", "bracket missing")
"""Where quotes or brackets do not close, nobody can tell where an event ends."""

PLACES = (
    b'{"type":"%s","anonymousId":"poison","messageId":"p","event":"Lead","userId":"u","previousId":"v","properties":{"email":@}}',
    b'{"type":"%s","anonymousId":"poison","messageId":"p","event":"Lead","userId":"u","previousId":"v","traits":{"email":@}}',
    b'{"type":"%s","anonymousId":"poison","messageId":"p","event":@,"userId":"u","previousId":@,"name":@}',
    b'{"type":"%s","anonymousId":@,"messageId":"p","event":"e","userId":"u","previousId":"v"}',
    b'{"type":"%s","anonymousId":"poison","messageId":@,"event":"e","userId":"u","previousId":"v"}',
    b'{"type":"%s","messageId":"p","event":"e","userId":@,"previousId":"v"}',
    b'{"type":"%s","anonymousId":"poison","timestamp":@,"event":"e","userId":"u","previousId":"v"}',
    b'{"type":"%s","anonymousId":"poison","sentAt":@,"event":"e","userId":"u","previousId":"v"}',
    b'{"type":"%s","anonymousId":"poison","context":@,"properties":@,"traits":@,"event":"e","userId":"u","previousId":"v"}',
    b'{"type":"%s","anonymousId":"poison","context":{"page":{"url":@,"referrer":@},"userAgent":@,"traits":@,"campaign":@},"event":"e",'
    b'"userId":"u","previousId":"v"}',
    b'{"type":"%s","anonymousId":"poison","context":{"page":@,"campaign":{"source":@}},"event":"e","userId":"u","previousId":"v"}',
    b'{"type":"%s","anonymousId":"poison",@:1,"event":"e","userId":"u","previousId":"v"}',
    b"@",
)

KINDS = [kind for kind in ENDPOINTS.values() if kind != "batch"]


@pytest.mark.parametrize("name", VALUES)
async def test_poison_anywhere(tmp_path: Path, open_collector: Opened, name: str) -> None:
    collector = await open_collector(CollectorSettings(data=tmp_path, body_bytes=1 << 24))
    good = 0
    for number, place in enumerate(PLACES):
        poisons = [place.replace(b"%s", kind.encode()).replace(b"@", VALUES[name]) for kind in KINDS]
        kind = number % len(KINDS)
        alone = await collector.server.post(f"/v1/{KINDS[kind]}", content=poisons[kind])
        assert alone.status_code in (200, 400), place
        if alone.status_code == 200:
            assert alone.json()["accepted"] + alone.json()["failed"] == 1
        neighbours = [b'{"type":"page","anonymousId":"good","messageId":"%d-%d"}' % (number, n) for n in range(7)]
        mixed = [event for pair in zip(neighbours, poisons, strict=False) for event in pair] + neighbours[-1:]
        batch = await collector.server.post("/v1/batch", content=b'{"batch":[' + b",".join(mixed) + b"]}")
        if name in UNTELLABLE:
            assert batch.status_code in (200, 400), place
            continue
        assert batch.status_code == 200, place
        assert batch.json()["accepted"] + batch.json()["failed"] == len(mixed), place
        good += len(neighbours)
    await assert_log_is_wholesome(collector, good)


async def assert_log_is_wholesome(collector: Collector, good: int) -> None:
    events = await collector.events()
    assert len({event["event_id"] for event in events if event["sender"] == "good"}) >= good
    for event in events:
        text = orjson.dumps(event).decode().replace("\\\\", "")  # a backslash that was sent as one
        assert not any(f"\\u00{code:02x}" in text for code in range(32))
        assert "\x7f" not in text
        web_events.adapter.validate_python(event)
        event.pop("personal")
        assert "@example.com" not in orjson.dumps(event).decode().lower()
    for failed in await collector.failed():
        if failed["type"] == "event.replayed":
            failed_events.replayed_adapter.validate_python(failed)
            continue
        failed_events.adapter.validate_python(failed)
        assert "example.com" not in failed["reason"].lower()


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"\x00",
        b"\xef\xbb\xbf",
        "{}".encode("utf-16"),
        b"{" * 100_000,
        b'{"a":' * 100_000,
        b'{"batch":' + b"[" * 100_000,
        b'{"batch":[' + b'"' * 100_000,
        b'{"batch":[' + b"x," * 100_000 + b"x]}",
        b"--boundary\r\nContent-Disposition: form-data\r\n\r\n1\r\n--boundary--",
        b"a=1&b=2",
    ],
    ids=lambda body: repr(body[:12]),
)
async def test_bodies_that_hold_no_event(collector: Collector, path: str, body: bytes) -> None:
    answer = await collector.browser.post(path, content=body)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert await collector.events() == []


async def test_a_batch_of_too_many_events_is_refused_whole(collector: Collector) -> None:
    for event in (b"{}", b"NaN"):
        body = b'{"batch":[' + b",".join([event] * 100_000) + b"]}"
        assert (await collector.browser.post("/v1/batch", content=body)).status_code == 400
    assert await collector.failed() == []


async def test_good_values_among_the_poison_are_not_lost(collector: Collector) -> None:
    """Cleaning replaces characters; it does not fail an event that a careful reader can take."""
    taken = [
        "NUL",
        "control characters",
        "DEL and C1",
        "lone high surrogate",
        "swapped surrogates",
        "key with NUL",
        "duplicate keys",
    ]
    for name in taken:
        body = b'{"batch":[{"type":"track","event":"e","anonymousId":"c","properties":{"x":' + VALUES[name] + b"}}]}"
        assert (await collector.browser.post("/v1/batch", content=body)).json()["accepted"] == 1, name
    texts = [event["personal"]["v"]["properties"]["x"] for event in await collector.events()]
    assert "a\ufffdb" in texts
    assert "\ufffd" in texts
    assert {"a": {"a": 3}} in texts
