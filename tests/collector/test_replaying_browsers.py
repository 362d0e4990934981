"""Failed events of browsers and Snowplow's trackers, sent in again: the cookie's visitor and a visitor's refusal still count."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import orjson
import pytest

from wanamaker_collector.snowplow import GET_PATH, POST_PATH

from .conftest import Collector
from .failed_desk import get, replay

SHOP = {"Origin": "https://shop.test", "User-Agent": "Mozilla/5.0"}
NAMELESS = {"type": "track", "messageId": "m2", "anonymousId": "c2", "properties": {"price": 5}}


async def first_visit(collector: Collector) -> str:
    page = {"type": "page", "messageId": "m1", "anonymousId": "c1"}
    answer = await collector.browser.post("/v1/page", json=page, headers=SHOP)
    collector.browser.cookies.clear()
    return str(answer.headers["set-cookie"]).partition(";")[0]


async def test_the_cookies_visitor_stays_the_sender(collector: Collector) -> None:
    headers = {**SHOP, "Cookie": await first_visit(collector)}
    answer = await collector.browser.post("/v1/batch", json={"batch": [NAMELESS]}, headers=headers)
    (verdict,) = answer.json()["results"]
    await replay(collector, verdict["failed_id"], {**NAMELESS, "event": "Bought", "anonymousId": None})
    bought = next(event for event in await collector.events() if event["event_id"] == "m2")
    assert (bought["sender"], bought["event"]) == ("c1", "Bought")


@pytest.mark.parametrize(("agent", "is_bot"), [("Mozilla/5.0 (X11) Firefox/130.0", False), ("Googlebot/2.1", True)])
async def test_a_robot_stays_one(collector: Collector, agent: str, is_bot: bool) -> None:
    headers = {**SHOP, "User-Agent": agent}
    answer = await collector.browser.post("/v1/track", json=NAMELESS, headers=headers)
    (verdict,) = answer.json()["results"]
    await replay(collector, verdict["failed_id"], {**NAMELESS, "event": "Bought"})
    (bought,) = await collector.events()
    assert bought["bot"] is is_bot
    assert bought["personal"]["v"]["context"] == {"userAgent": agent}


@pytest.mark.parametrize(
    ("consent", "failed", "declined"), [({}, 0, 1), ({"consent": {"categoryPreferences": {"analytics": True}}}, 1, 0)]
)
async def test_an_event_that_fails_is_not_kept_against_its_visitors_wish(
    collector: Collector, consent: dict[str, Any], failed: int, declined: int
) -> None:
    event = {**NAMELESS, "context": consent}
    answer = (await collector.browser.post("/v1/track", json=event, headers={**SHOP, "DNT": "1"})).json()
    assert (answer["accepted"], answer["failed"], answer.get("declined", 0)) == (0, failed, declined)
    assert len(await collector.failed()) == failed


@pytest.mark.parametrize("key", ["write_key", "secret_key"])
async def test_snowplows_events_come_in_again_by_their_own_path(collector: Collector, key: str) -> None:
    good = {"e": "pv", "aid": collector.keys[key], "eid": "e1", "duid": "d1", "url": "https://shop.test/a"}
    bad = {**good, "e": "se", "eid": "e2"}
    assert (await collector.anonymous.post(POST_PATH, json={"data": [good, bad]})).text == "ok"
    await collector.anonymous.get(f"{GET_PATH}?{urlencode({**bad, 'eid': 'e3'})}")
    listed = (await get(collector))["failed"]
    assert {item["where"].partition("[")[0] for item in listed} == {POST_PATH, GET_PATH}
    for item in listed:
        raw = (await get(collector, f"/{item['failed_id']}"))["raw"]
        if item["where"].startswith(POST_PATH):
            edited: bytes = orjson.dumps({**orjson.loads(raw), "se_ca": "shop", "se_ac": "add"})
        else:
            edited = f"{raw}&se_ca=shop&se_ac=add".encode()
        await replay(collector, item["failed_id"], edited)
    assert {event["event_id"]: event["sender"] for event in await collector.events()} == {
        "e1": "d1",
        "e2": "d1",
        "e3": "d1",
    }
    assert collector.keys[key] not in str(await collector.events())


async def test_a_snowplow_application_keeps_its_name_when_its_event_comes_in_again(collector: Collector) -> None:
    bad = {"e": "se", "aid": "shop", "eid": "e1", "duid": "d1"}
    assert (await collector.server.post(POST_PATH, json={"data": [bad]})).text == "ok"
    (item,) = (await get(collector))["failed"]
    await replay(collector, item["failed_id"], orjson.dumps({**bad, "se_ac": "add"}))
    (event,) = await collector.events()
    assert event["personal"]["v"]["context"]["app"] == {"name": "shop"}
