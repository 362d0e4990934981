"""Poison for Snowplow's endpoints and the pixel: a refusal or an answer, never 5xx; nothing of a request disappears."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

import pytest

from wanamaker_collector.pixel import PARAMETERS, PIXEL
from wanamaker_collector.settings import CollectorSettings
from wanamaker_collector.snowplow import GET_PATH, POST_PATH

from .conftest import Collector, Opened
from .test_poison import UNTELLABLE, VALUES, assert_log_is_wholesome

NAMES = (
    "e eid duid nuid tnuid uid dtm stm ttm url page refr ua lang tz res ip tv "
    "co cx ue_pr ue_px se_ac se_va tr_id pp_mix other"
).split()

UE = '{"schema":"iglu:x/unstruct_event/jsonschema/1-0-0","data":%s}'
SUBMIT = '{"schema":"iglu:com.snowplowanalytics.snowplow/submit_form/jsonschema/1-0-0","data":@}'
ELEMENTS = SUBMIT.replace("@", '{"formId":@,"elements":[{"name":@,"value":@,"type":@},@]}')
ACTION = '{"schema":"iglu:com.acme/act/jsonschema/1-0-0","data":@}'
SCREEN = '{"schema":"iglu:com.snowplowanalytics.mobile/screen_view/jsonschema/1-0-0","data":{"name":@}}'
INNER = [UE % text for text in (SUBMIT, ELEMENTS, ACTION, SCREEN, "@", '{"schema":@,"data":{}}')]
"""Self-describing JSON with a value anywhere in it."""


def kinds(name: str) -> str:
    """A kind of event that looks at the parameter."""
    return {"ue_pr": "ue", "ue_px": "ue", "se_ac": "se", "se_va": "se", "tr_id": "tr", "pp_mix": "pp"}.get(name, "pv")


def stated(name: str, value: bytes) -> bytes:
    others = {"e": kinds(name), "eid": "p", "duid": "poison", "se_ac": "a"}
    members = [f'"{other}":"{text}"'.encode() for other, text in others.items() if other != name]
    return b"{" + b",".join([*members, b'"%s":%s' % (name.encode(), value)]) + b"}"


def meant(value: bytes) -> bytes:
    """The bytes of a JSON text, without quotes and escapes."""
    try:
        text = json.loads(value)
    except (ValueError, RecursionError):
        return value.strip(b'"')
    return text.encode("utf-8", "surrogatepass") if isinstance(text, str) else value


async def asked(collector: Collector, path: str, query: bytes, key: str = "secret_key") -> tuple[int, int]:
    """Status and length of the answer to a query string of any bytes, which HTTP clients would not send."""
    basic = base64.b64encode(f"{collector.keys.get(key)}:".encode())
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": query,
        "headers": [(b"authorization", b"Basic " + basic)],
    }
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await collector.door(scope, nothing_comes, send)
    return sent[0]["status"], len(sent[1]["body"])


async def nothing_comes() -> Any:
    raise AssertionError("a picture has no body")


@pytest.mark.parametrize("poison", VALUES)
async def test_poison_in_a_body(tmp_path: Path, open_collector: Opened, poison: str) -> None:
    collector = await open_collector(CollectorSettings(data=tmp_path, body_bytes=1 << 24))
    value = VALUES[poison]
    events = [stated(name, value) for name in NAMES]
    events += [value, b"{%s:1}" % value, b'{"e":"pv","duid":"poison",%s:"x"}' % value]
    inner = [text.encode().replace(b"@", value) for text in INNER]
    events += [stated("ue_pr", json.dumps(text.decode("latin-1")).encode()) for text in inner]
    events += [stated("ue_px", b'"%s"' % base64.b64encode(text)) for text in inner]
    events += [stated("cx", b'"%s"' % base64.urlsafe_b64encode(text)) for text in (value, b'{"data":[%s]}' % value)]
    good = [b'{"e":"pv","duid":"good","eid":"%d"}' % number for number in range(len(events))]
    mixed = [event for pair in zip(good, events, strict=True) for event in pair]
    body = b'{"data":[' + b",".join(mixed) + b"]}"
    answer = await collector.server.post(POST_PATH, content=body)
    if poison in UNTELLABLE:
        assert answer.status_code in (200, 400)
        good = []
    else:
        assert (answer.status_code, answer.text) == (200, "ok")
        assert len(await collector.events()) + len(await collector.failed()) == len(mixed)
    await assert_log_is_wholesome(collector, len(good))


@pytest.mark.parametrize("poison", VALUES)
async def test_poison_in_a_query(collector: Collector, poison: str) -> None:
    texts = [VALUES[poison], meant(VALUES[poison]), base64.b64encode(VALUES[poison])]
    sent = 0
    for text in texts:
        value = quote_from_bytes(text)
        for name in NAMES:
            query = f"e={kinds(name)}&duid=poison&se_ac=a&{name}={value}"
            assert await asked(collector, GET_PATH, query.encode()) == (200, 43)
            sent += 1
        for name in PARAMETERS:
            query = f"a=poison&{name}={value}&{value}=1"
            assert await asked(collector, PIXEL, query.encode()) == (200, 43)
            sent += 1
    assert len(await collector.events()) + len(await collector.failed()) == sent
    await assert_log_is_wholesome(collector, 0)


@pytest.mark.parametrize(
    "query",
    [
        b"",
        b"&&&",
        b"=",
        b"%",
        b"%zz=%f",
        b"e=pv;duid=1",
        b"\xff\xfe=\xff",
        b"e",
        b"&".join([b"a=1"] * 20_000),
        b"e=pv" * 9999,
    ],
    ids=lambda query: repr(query[:12]),
)
@pytest.mark.parametrize("path", [GET_PATH, PIXEL])
async def test_queries_that_hold_no_event(collector: Collector, path: str, query: bytes) -> None:
    assert await asked(collector, path, query) == (200, 43)
    assert (await asked(collector, path, query, "nobody"))[0] == 401
    assert len(await collector.failed()) + len(await collector.events()) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x00",
        b"[]",
        b"null",
        b"{}",
        b'{"batch":[]}',
        b'{"data":{}}',
        b'{"data":"x"}',
        b'{"data":' + b"[" * 100_000,
        b'{"data":[' + b"x," * 100_000 + b"x]}",
        b'{"data":[' + b"{}," * 2500 + b"{}]}",
        b"e=pv&duid=c1",
    ],
    ids=lambda body: repr(body[:12]),
)
async def test_bodies_that_hold_no_event(collector: Collector, body: bytes) -> None:
    answer = await collector.server.post(POST_PATH, content=body)
    assert answer.status_code == 400
    assert (await collector.anonymous.post(POST_PATH, content=body)).status_code == 401
    assert await collector.events() == await collector.failed() == []


async def test_an_event_too_large_fails_alone(collector: Collector) -> None:
    events = [{"e": "pv", "duid": "c1", "url": "x" * 40_000}, {"e": "pv", "duid": "c1"}]
    assert (await collector.server.post(POST_PATH, json={"data": events})).text == "ok"
    assert len(await collector.events()) == 1
    (failed,) = await collector.failed()
    assert "32768 bytes" in failed["reason"]
