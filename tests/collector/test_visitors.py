"""Whose event it is when a browser sends it: token, cookie, body, a hash of the day, or a new visitor."""

from __future__ import annotations

from typing import Any

import pytest

from wanamaker_collector.settings import CollectorSettings

from .conftest import Collector, Opened

SHOP = {"Origin": "https://shop.test", "User-Agent": "Mozilla/5.0"}
PAGE = {"type": "page", "messageId": "m1", "anonymousId": "c1", "context": {"page": {"url": "https://shop.test/"}}}
DAY = 86_400_000_000


def cookie_of(answer: Any) -> str:
    return str(answer.headers["set-cookie"]).partition(";")[0]


async def send(collector: Collector, event: dict[str, Any], **headers: str) -> Any:
    answer = await collector.browser.post("/v1/page", json=event, headers={**SHOP, **headers})
    collector.browser.cookies.clear()
    assert answer.json()["success"], answer.text
    return answer


async def senders(collector: Collector) -> dict[str, str]:
    return {event["event_id"]: event["sender"] for event in await collector.events()}


async def test_the_bodys_id_becomes_the_cookie_and_then_the_cookie_counts(collector: Collector) -> None:
    cookie = cookie_of(await send(collector, PAGE))
    second = await send(collector, {**PAGE, "messageId": "m2", "anonymousId": "c2"}, Cookie=cookie)
    assert "set-cookie" not in second.headers
    third = await send(collector, {"type": "page", "messageId": "m3"}, Cookie=f"a=b; {cookie}; c=d")
    assert third.json()["accepted"] == 1
    assert await senders(collector) == {"m1": "c1", "m2": "c1", "m3": "c1"}
    beside = {event["event_id"]: event["personal"]["v"].get("anonymousId") for event in await collector.events()}
    assert beside == {"m1": None, "m2": "c2", "m3": None}


async def test_a_forged_cookie_counts_nothing_and_is_replaced(collector: Collector) -> None:
    name = cookie_of(await send(collector, PAGE)).partition("=")[0]
    answer = await send(collector, {**PAGE, "messageId": "m2"}, Cookie=f"{name}=dmljdGlt.20000.AAAA")
    assert "set-cookie" in answer.headers
    assert (await senders(collector))["m2"] == "c1"


async def test_the_cookie_is_renewed(collector: Collector) -> None:
    cookie = cookie_of(await send(collector, PAGE))
    collector.now.at += 5 * DAY
    answer = await send(collector, {**PAGE, "messageId": "m2"}, Cookie=cookie)
    assert cookie_of(answer) != cookie


async def test_libraries_get_no_cookie_and_one_batch_may_be_of_many(collector: Collector) -> None:
    batch = [{**PAGE, "messageId": f"m{n}", "anonymousId": f"c{n}"} for n in range(3)]
    answer = await collector.browser.post("/v1/batch", json={"batch": batch})
    assert "set-cookie" not in answer.headers
    assert await senders(collector) == {"m0": "c0", "m1": "c1", "m2": "c2"}


async def test_with_the_secret_key_only_the_body_counts(collector: Collector) -> None:
    cookie = cookie_of(await send(collector, PAGE))
    event = {**PAGE, "messageId": "m2", "anonymousId": "c2"}
    answer = await collector.server.post("/v1/page", json=event, headers={**SHOP, "Cookie": cookie})
    assert "set-cookie" not in answer.headers
    assert (await senders(collector))["m2"] == "c2"


async def test_a_new_visitor_is_one_however_often_the_request_comes(collector: Collector) -> None:
    batch = {"batch": [{"type": "page", "messageId": f"m{n}", "context": PAGE["context"]} for n in range(2)]}
    cookies = set()
    for sent_at in ("2026-01-05T10:00:00Z", "2026-01-05T10:00:01Z"):
        answer = await collector.browser.post("/v1/batch", json={**batch, "sentAt": sent_at}, headers=SHOP)
        collector.browser.cookies.clear()
        cookies.add(cookie_of(answer))
    assert len({event["sender"] for event in await collector.events()}) == len(cookies) == 1


async def test_browsers_that_send_the_same_id_are_not_one_visitor(collector: Collector) -> None:
    newsletter = {"type": "page", "messageId": "newsletter-42", "context": PAGE["context"]}
    for agent in ("Mozilla/5.0 (Macintosh)", "Mozilla/5.0 (X11)", "Mozilla/5.0 (X11)"):
        await send(collector, newsletter, **{"User-Agent": agent})
    assert len({event["sender"] for event in await collector.events()}) == 2


async def test_a_link_token_carries_the_visitor_to_another_domain(collector: Collector) -> None:
    cookie = cookie_of(await send(collector, PAGE))
    asked = await collector.anonymous.get(
        "/v1/link-token", params={"writeKey": collector.keys["write_key"]}, headers={**SHOP, "Cookie": cookie}
    )
    assert (asked.status_code, asked.json()["expires_in"]) == (200, 120)
    assert asked.headers["access-control-allow-origin"] == "https://shop.test"
    landing = {**PAGE, "messageId": "m2", "anonymousId": "c9", "context": {"linkToken": asked.json()["token"]}}
    answer = await send(collector, landing, Origin="https://blog.test")
    assert cookie_of(answer) == cookie
    stolen = {**landing, "messageId": "m3"}
    await send(collector, stolen, **{"User-Agent": "Another"})
    assert await senders(collector) == {"m1": "c1", "m2": "c1", "m3": "c9"}


@pytest.mark.parametrize(
    ("key", "headers", "status"),
    [
        ("write_key", {}, 404),
        ("write_key", {"Cookie": "wm_37a8eec1=x"}, 404),
        ("secret_key", {}, 401),
        ("admin_key", {}, 401),
    ],
)
async def test_who_gets_no_link_token(collector: Collector, key: str, headers: dict[str, str], status: int) -> None:
    answer = await collector.anonymous.get("/v1/link-token", params={"writeKey": collector.keys[key]}, headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


async def test_cookieless_visitors_are_one_for_a_day(open_collector: Opened, tmp_path: Any, keys: Any) -> None:
    collector = await open_collector(CollectorSettings(data=tmp_path, cookieless=True))
    answers = [await send(collector, PAGE), await send(collector, {**PAGE, "messageId": "m2", "anonymousId": "c2"})]
    await send(collector, {**PAGE, "messageId": "m3"}, **{"User-Agent": "Another"})
    collector.now.at += DAY
    await send(collector, {**PAGE, "messageId": "m4"})
    assert not any("set-cookie" in answer.headers for answer in answers)
    found = await senders(collector)
    assert found["m1"] == found["m2"]
    assert len({*found.values(), "c1", "c2"}) == 5


async def test_an_event_may_ask_for_it_alone(collector: Collector) -> None:
    answer = await send(collector, {**PAGE, "context": {"cookieless": True}})
    assert "set-cookie" not in answer.headers
    assert (await senders(collector))["m1"] != "c1"


async def test_refusal_takes_the_cookie_away(collector: Collector) -> None:
    cookie = cookie_of(await send(collector, PAGE))
    refused = {**PAGE, "messageId": "m2", "context": {"consent": {"categoryPreferences": {"analytics": False}}}}
    answer = await send(collector, refused, Cookie=cookie)
    assert "Max-Age=0" in answer.headers["set-cookie"]


async def test_the_browsers_own_user_agent_counts_where_the_event_names_none(collector: Collector) -> None:
    robot = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
    await send(collector, PAGE, **{"User-Agent": robot})
    await collector.browser.post("/v1/page", json={**PAGE, "messageId": "m2"}, headers={"User-Agent": robot})
    found = {event["event_id"]: event for event in await collector.events()}
    assert (found["m1"]["bot"], found["m2"]["bot"]) == (True, False)
    assert found["m1"]["personal"]["v"]["context"]["userAgent"] == robot


@pytest.mark.parametrize(
    ("ip", "kept"),
    [
        ("203.0.113.77", "203.0.113.0"),
        ("2001:db8:1:2::5", "2001:db8:1::"),
        ("::ffff:203.0.113.77", "203.0.113.0"),
        ("home", None),
        (7, None),
    ],
)
async def test_addresses_are_truncated(collector: Collector, ip: Any, kept: str | None) -> None:
    await collector.server.post("/v1/page", json={**PAGE, "context": {"ip": ip, "locale": "pl"}})
    (page,) = await collector.events()
    assert page["personal"]["v"]["context"] == {"locale": "pl"} | ({"ip": kept} if kept else {})


async def test_what_follows_a_landing_in_one_request_is_the_same_visitors(collector: Collector) -> None:
    """A queue that waited longer than the token lasts comes in one request; by two requests the cookie would tell."""
    cookie = cookie_of(await send(collector, PAGE))
    asked = await collector.anonymous.get(
        "/v1/link-token", params={"writeKey": collector.keys["write_key"]}, headers={**SHOP, "Cookie": cookie}
    )
    context = {"linkToken": asked.json()["token"]}
    landing = {
        "type": "page",
        "messageId": "m2",
        "anonymousId": "c9",
        "timestamp": "2026-01-05T10:00:02Z",
        "context": context,
    }
    later = {**landing, "messageId": "m3", "timestamp": "2026-01-05T10:05:00Z"}
    collector.now.at += 600_000_000
    batch = {"sentAt": "2026-01-05T10:10:01Z", "batch": [landing, later]}
    answer = await collector.browser.post("/v1/batch", json=batch, headers={**SHOP, "Origin": "https://blog.test"})
    assert await senders(collector) == {"m1": "c1", "m2": "c1", "m3": "c1"}
    assert cookie_of(answer) == cookie


@pytest.mark.parametrize("everywhere", [True, False])
async def test_nothing_that_outlives_the_day_stands_beside_the_hash_of_a_day(
    open_collector: Opened, tmp_path: Any, keys: Any, everywhere: bool
) -> None:
    """The id that a library stores by itself would join the days again."""
    collector = await open_collector(CollectorSettings(data=tmp_path, cookieless=everywhere))
    context = {"locale": "pl", **({} if everywhere else {"cookieless": True})}
    await send(collector, {**PAGE, "context": {"linkToken": "6331.1.a.b", **context}})
    (page,) = await collector.events()
    assert page["personal"]["v"] == {"context": {**context, "userAgent": "Mozilla/5.0"}}
