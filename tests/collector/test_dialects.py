"""Snowplow's endpoints, the pixel, gzip and analytics.js's settings over HTTP: keys, answers, and what the log holds."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any
from urllib.parse import urlencode

import pytest

from wanamaker_collector.pixel import PIXEL
from wanamaker_collector.segment_settings_api import protocol_of
from wanamaker_collector.settings import CollectorSettings
from wanamaker_collector.snowplow import GET_PATH, POST_PATH

from .conftest import NOW, Collector, Opened
from .test_endpoints import PAGE, assert_problem

VIEW = {"e": "pv", "eid": "m1", "duid": "c1", "url": "https://shop.test/a?utm_source=google"}


def with_key(collector: Collector, event: dict[str, str], key: str = "write_key") -> dict[str, str]:
    return {**event, "aid": collector.keys[key]}


async def test_several_events_of_snowplow(collector: Collector) -> None:
    events = [with_key(collector, VIEW), with_key(collector, {"e": "se", "se_ac": "add", "duid": "c1", "eid": "m2"})]
    answer = await collector.anonymous.post(POST_PATH, json={"schema": "iglu:…", "data": events})
    assert (answer.status_code, answer.text) == (200, "ok")
    page, action = await collector.events()
    assert (page["type"], page["sender"], page["event_id"], page["trust"]) == ("page", "c1", "m1", "browser")
    assert page["page"] == {"host": "shop.test", "path": "/a", "utm": {"source": "google"}}
    assert (action["type"], action["event"], action["event_id"]) == ("track", "add", "m2")
    assert collector.keys["write_key"] not in json.dumps([page, action])


@pytest.mark.parametrize("path", [GET_PATH, PIXEL])
async def test_a_picture_of_one_dot(collector: Collector, path: str) -> None:
    answer = await collector.browser.get(path, params={**VIEW, "a": "c1"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/gif")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.content[:10] == b"GIF89a\x01\x00\x01\x00"
    assert len(answer.content) == 43
    assert len(await collector.events()) == 1


async def test_one_event_of_snowplow(collector: Collector) -> None:
    await collector.anonymous.get(GET_PATH, params=with_key(collector, VIEW, "secret_key"))
    (page,) = await collector.events()
    assert (page["page"]["path"], page["trust"]) == ("/a", "server")
    assert collector.keys["secret_key"] not in json.dumps(page)


async def test_the_key_in_the_header_makes_aid_a_name(collector: Collector) -> None:
    await collector.browser.get(GET_PATH, params={**VIEW, "aid": "shop"})
    (page,) = await collector.events()
    assert page["personal"]["v"]["context"]["app"] == {"name": "shop"}


async def test_without_a_key_nothing_is_taken(collector: Collector) -> None:
    for parameters in ({}, {"aid": "nobody", "k": "nobody"}, {"aid": collector.keys["analyst_key"]}):
        event = {**VIEW, **parameters}
        assert_problem(await collector.anonymous.post(POST_PATH, json={"data": [event]}), 401)
        assert_problem(await collector.anonymous.get(GET_PATH, params=event), 401)
        assert_problem(await collector.anonymous.get(PIXEL, params=event), 401)
    assert await collector.events() == await collector.failed() == []


async def test_an_event_that_fails_is_kept_as_it_was_sent(collector: Collector) -> None:
    good, bad = with_key(collector, VIEW), {**with_key(collector, VIEW), "eid": "m2", "dtm": "noon"}
    placeholder = {**good, "duid": "anonymous"}
    body = json.dumps({"data": [bad, good, placeholder]}, indent=1)
    answer = await collector.anonymous.post(POST_PATH, content=body)
    assert (answer.status_code, answer.text) == (200, "ok")
    first, second = await collector.failed()
    assert [first["where"], second["where"]] == [f"{POST_PATH}[0]", f"{POST_PATH}[2]"]
    assert first["reason"] == "dtm must be milliseconds since 1970"
    assert second["reason"] == "an event needs an anonymousId, or a userId that is no placeholder"
    raw = base64.b64decode(first["personal"]["v"]["raw"])
    assert json.loads(raw) == bad
    assert raw in body.encode()
    assert first["personal"]["key"] == "c1"
    assert [each["event_id"] for each in await collector.events()] == ["m1"]


async def test_a_query_that_fails_is_kept_as_it_was_sent(collector: Collector) -> None:
    query = "e=pv&duid=c1&dtm=%6eoon&aid=" + collector.keys["write_key"]
    assert (await collector.anonymous.get(f"{GET_PATH}?{query}")).headers["content-type"] == "image/gif"
    (failed,) = await collector.failed()
    assert failed["where"] == f"{GET_PATH}[0]"
    assert base64.b64decode(failed["personal"]["v"]["raw"]) == query.encode()


async def test_the_pixel_tells_a_page_view_or_an_action(collector: Collector) -> None:
    agent = {"Referer": "https://shop.test/mail?utm_source=letter", "User-Agent": "Mozilla/5.0 Thunderbird"}
    key = collector.keys["write_key"]
    await collector.anonymous.get(PIXEL, params={"k": key, "a": "c1", "u": "u1", "issue": "7"}, headers=agent)
    link = {"k": key, "a": "c1", "e": "Opened", "url": "https://shop.test/b", "r": "https://mail.test/", "m": "m9"}
    await collector.anonymous.get(PIXEL, params=link, headers=agent)  # what it says goes before
    page, opened = sorted(await collector.events(), key=lambda event: event["type"])
    assert page["page"] == {"host": "shop.test", "path": "/mail", "utm": {"source": "letter"}}
    assert (page["sender"], page["user_id"], page["occurred_at"]) == ("c1", "u1", NOW)
    assert page["personal"]["v"]["properties"] == {"issue": "7"}
    assert page["personal"]["v"]["context"]["userAgent"] == "Mozilla/5.0 Thunderbird"
    assert (opened["type"], opened["event"], opened["event_id"]) == ("track", "Opened", "m9")
    context = opened["personal"]["v"]["context"]
    assert context["page"] == {"url": "https://shop.test/b", "referrer": "https://mail.test/"}
    assert key not in json.dumps([page, opened])


async def test_each_showing_of_a_pixel_counts(collector: Collector) -> None:
    for _ in range(2):
        await collector.browser.get(PIXEL, params={"a": "c1"})
        collector.now.at += 1
    assert len({event["event_id"] for event in await collector.events()}) == 2


async def test_other_methods(collector: Collector) -> None:
    refused = await collector.browser.get(POST_PATH)
    assert_problem(refused, 405)
    assert refused.headers["allow"] == "POST, OPTIONS"
    for path in (GET_PATH, PIXEL):
        refused = await collector.browser.post(path)
        assert_problem(refused, 405)
        assert refused.headers["allow"] == "GET, OPTIONS"
        preflight = await collector.browser.options(path, headers={"Origin": "https://shop.test"})
        assert preflight.headers["access-control-allow-origin"] == "https://shop.test"
        assert preflight.headers["access-control-allow-credentials"] == "true"


async def test_a_page_may_read_answers_to_what_it_sent_with_cookies(collector: Collector) -> None:
    for origin, told in (("https://shop.test", "https://shop.test"), ("null", "null")):
        body = {"data": [with_key(collector, VIEW)]}
        answer = await collector.anonymous.post(POST_PATH, json=body, headers={"Origin": origin})
        assert answer.headers.get_list("access-control-allow-origin") == [told]
        assert answer.headers["access-control-allow-credentials"] == "true"
        assert answer.headers["vary"] == "Origin"


async def test_a_body_may_be_compressed(collector: Collector) -> None:
    headers = {"Content-Encoding": "gzip"}
    zipped = gzip.compress(json.dumps(PAGE).encode())
    assert (await collector.browser.post("/v1/page", content=zipped, headers=headers)).json()["accepted"] == 1
    snowplow = gzip.compress(json.dumps({"data": [VIEW]}).encode())
    assert (await collector.browser.post(POST_PATH, content=snowplow, headers=headers)).text == "ok"
    assert len(await collector.events()) == 2
    assert_problem(await collector.browser.post("/v1/page", content=zipped[:-1], headers=headers), 400)
    assert_problem(await collector.browser.post("/v1/page", content=b"{}", headers=headers), 400)
    bomb = gzip.compress(bytes(2 << 20))
    assert_problem(await collector.browser.post("/v1/page", content=bomb, headers=headers), 413)


async def test_what_is_too_long(tmp_path: Any, open_collector: Opened) -> None:
    collector = await open_collector(CollectorSettings(data=tmp_path, body_bytes=4096))
    assert_problem(await collector.browser.post(POST_PATH, json={"data": [{**VIEW, "x": "x" * 4096}]}), 413)
    for path in (GET_PATH, PIXEL):
        assert_problem(await collector.browser.get(f"{path}?{urlencode({**VIEW, 'x': 'x' * 4096})}"), 414)
    assert await collector.events() == await collector.failed() == []


async def test_the_settings_of_analytics_js(collector: Collector) -> None:
    key = collector.keys["write_key"]
    answer = await collector.anonymous.get(f"/v1/projects/{key}/settings", headers={"Origin": "https://shop.test"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.json()["integrations"] == {
        "Segment.io": {"apiKey": key, "apiHost": "collector/v1", "protocol": "https"}
    }
    for other in ("nobody", collector.keys["secret_key"], collector.keys["analyst_key"]):
        refused = await collector.anonymous.get(f"/v1/projects/{other}/settings")
        assert_problem(refused, 404)
        assert other not in refused.text


@pytest.mark.parametrize(
    ("scheme", "forwarded", "origin", "protocol"),
    [
        ("http", "", "", "http"),
        ("http", "", "http://shop.test", "http"),
        ("https", "", "http://shop.test", "https"),
        ("http", "HTTPS, http", "", "https"),
        ("http", "", "https://shop.test", "https"),
        ("http", "http", "null", "http"),
    ],
)
def test_a_page_on_https_sends_by_https(scheme: str, forwarded: str, origin: str, protocol: str) -> None:
    assert protocol_of(scheme, forwarded, origin) == protocol


async def test_openapi_describes_them(collector: Collector) -> None:
    paths = (await collector.anonymous.get("/openapi.json")).json()["paths"]
    assert set(paths[POST_PATH]["post"]["responses"]) == {"200", "400", "401", "403", "408", "413", "415", "429", "503"}
    for path in (GET_PATH, PIXEL):
        assert set(paths[path]["get"]["responses"]) == {"200", "401", "403", "414", "429", "503"}
    assert "/v1/projects/{write_key}/settings" in paths


async def test_snowplow_under_a_path_of_ones_own(tmp_path: Any, open_collector: Opened) -> None:
    collector = await open_collector(CollectorSettings(data=tmp_path, snowplow_paths=("/com.acme/track", "/v1/page")))
    body = {"data": [with_key(collector, VIEW)]}
    assert (await collector.anonymous.post("/com.acme/track", json=body)).text == "ok"
    assert_problem(await collector.browser.get("/com.acme/track"), 405)
    assert (await collector.browser.post("/v1/page", json=PAGE)).json()["accepted"] == 1  # ours go before
    with pytest.raises(ValueError, match="begins with a slash"):
        CollectorSettings(data=tmp_path, snowplow_paths=("track",))
