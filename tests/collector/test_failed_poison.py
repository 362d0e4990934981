"""Whatever an operator sends to the failed events' routes, the answer is a refusal (4xx) or done, never 5xx."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import quote_from_bytes

import httpx
import pytest

from wanamaker_collector.pixel import PIXEL
from wanamaker_collector.snowplow import GET_PATH, POST_PATH

from .conftest import Collector
from .failed_desk import FORM, admin, append_failed, fail, get, post
from .test_poison import KINDS, PLACES, VALUES, assert_log_is_wholesome

RECORD = (
    b'{"type":"track","workspace":"default","source":"k","sender":"poison","event_id":"p","occurred_at":5,"received_at":5,'
    b'"event":@,"trust":"server","personal":{"key":"poison","v":{"x":@}},"more":@}'
)
FILTERS = (
    b"@",
    b'{"reason":@}',
    b'{"from":@}',
    b'{"to":@}',
    b'{"status":@}',
    b'{"limit":@}',
    b'{"cursor":@}',
    b"{@:1}",
)


def assert_told(answer: httpx.Response, what: object) -> None:
    assert answer.status_code in (200, 400, 409, 413, 422), (answer.status_code, what)
    if answer.status_code != 200:
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("name", VALUES)
async def test_poison_as_an_edit(collector: Collector, name: str) -> None:
    (failed_id,) = await fail(collector, FORM)
    for number, place in enumerate(PLACES):
        edited = place.replace(b"%s", KINDS[number % len(KINDS)].encode()).replace(b"@", VALUES[name])
        assert_told(await post(collector, f"{failed_id}/replay", edited), place)
    assert_told(await collector.anonymous.get(f"/v1/failed/{failed_id}", headers=admin(collector)), name)
    await assert_log_is_wholesome(collector, 0)


@pytest.mark.parametrize("path", [POST_PATH, GET_PATH, PIXEL])
async def test_poison_as_an_edit_of_other_dialects(collector: Collector, path: str) -> None:
    (failed_id,) = await append_failed(collector, b"{}", where=f"{path}[0]")
    for name, value in VALUES.items():
        for edited in (value, b'{"e":"pv","url":%s,"duid":%s}' % (value, value), b"e=pv&d=poison&duid=" + value):
            assert_told(await post(collector, f"{failed_id}/replay", edited), name)
    await assert_log_is_wholesome(collector, 0)


@pytest.mark.parametrize("edited", [b"{},{}", b" ", b'{}],"data":[{},{}', b"],[", b",", b"{}]} "])
@pytest.mark.parametrize("path", [POST_PATH, GET_PATH, PIXEL, "/v1/batch", "/v1/page", "/gone"])
async def test_an_edit_is_one_event(collector: Collector, path: str, edited: bytes) -> None:
    (failed_id,) = await append_failed(collector, b"", where=f"{path}[0]")
    for body in (edited, None):
        answer = await post(collector, f"{failed_id}/replay", body)
        assert answer.status_code == 422, answer.text
    assert await collector.events() == []


@pytest.mark.parametrize("name", VALUES)
async def test_poison_as_an_edited_record(collector: Collector, name: str) -> None:
    (failed_id,) = await append_failed(collector, b"{}", origin="identity", where="web-events/0/0")
    for edited in (VALUES[name], RECORD.replace(b"@", VALUES[name])):
        assert_told(await post(collector, f"{failed_id}/replay", edited), edited[:100])


@pytest.mark.parametrize("name", VALUES)
async def test_poison_as_a_filter(collector: Collector, name: str) -> None:
    await fail(collector, FORM)
    for place in FILTERS:
        answer = await post(collector, "replay", place.replace(b"@", VALUES[name]))
        assert_told(answer, place)
        assert "ann@" not in answer.text.lower()
    text = quote_from_bytes(VALUES[name][:2000])
    for parameter in ("reason", "origin", "where", "from", "to", "status", "limit", "cursor"):
        listed = await collector.anonymous.get(f"/v1/failed?{parameter}={text}", headers=admin(collector))
        assert_told(listed, parameter)
    looked = await collector.anonymous.get(f"/v1/failed/{text}", headers=admin(collector))
    assert looked.status_code in (404, 307)  # a slash at its end


@pytest.mark.parametrize("sent_at", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59.999999-23:59"])
async def test_a_senders_clock_at_the_end_of_time(collector: Collector, sent_at: str) -> None:
    body = {"sentAt": sent_at, "batch": [{**FORM, "timestamp": sent_at}]}
    (verdict,) = (await collector.browser.post("/v1/batch", json=body)).json()["results"]
    answer = await post(collector, f"{verdict['failed_id']}/replay", {**FORM, "anonymousId": "c1"})
    assert_told(answer, sent_at)
    assert (await get(collector, f"/{verdict['failed_id']}"))["status"] == "replayed"


@pytest.mark.parametrize("path", ["replay", "x/replay"])
async def test_a_body_is_read_of_the_keys_owner_only_and_no_more_than_may_be(collector: Collector, path: str) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(1000):
            read += 1 << 16
            yield b" " * (1 << 16)

    url = f"/v1/failed/{path}"
    assert (await collector.anonymous.post(url, content=endless())).status_code == 401
    assert read == 0
    assert (await collector.anonymous.post(url, content=endless(), headers=admin(collector))).status_code == 413
    assert read <= 1 << 21
