"""Consent by purpose: what holds for an event, and what is left of it in the log."""

from __future__ import annotations

from typing import Any

import pytest

from wanamaker_collector.consent import Consent, Declined, Policy, consent_of
from wanamaker_collector.settings import CollectorSettings

from .conftest import Collector, Opened

FULL = {
    "context": {
        "page": {"url": "https://shop.test/a?utm_source=news&gclid=x1", "referrer": "https://a.test/"},
        "userAgent": "Mozilla/5.0",
    }
}
PAGE = {"type": "page", "messageId": "m1", "anonymousId": "c1", "userId": "u1", **FULL}
FORM = {"type": "track", "event": "Form Submitted", "messageId": "m2", "anonymousId": "c1",
        "properties": {"form": "demo", "email": "ann@example.com", "phone": "123"}}  # fmt: skip


def stated(**purposes: bool) -> dict[str, Any]:
    return {"consent": {"categoryPreferences": purposes}}


def consenting(event: dict[str, Any], **purposes: bool) -> dict[str, Any]:
    return {**event, "context": {**event.get("context", {}), **stated(**purposes)}}


OPT_OUT, OPT_IN, DEAF = Policy(), Policy("opt-in"), Policy(signals=False)
YES = Consent(None, marketing=True, cookie=True)


@pytest.mark.parametrize(
    ("context", "policy", "browser", "opted_out", "expected"),
    [
        ({}, OPT_OUT, True, False, YES),
        ({}, OPT_OUT, True, True, None),
        ({}, DEAF, True, True, YES),
        ({}, OPT_IN, True, False, Consent(None, marketing=False, cookie=False)),
        ({}, OPT_IN, False, False, YES),
        ({}, OPT_OUT, False, True, YES),
        (stated(analytics=True), OPT_OUT, True, True, Consent({"analytics": True}, marketing=False, cookie=True)),
        (stated(analytics=True), OPT_IN, True, False, Consent({"analytics": True}, marketing=False, cookie=True)),
        (stated(analytics=True, marketing=True), OPT_IN, True, True,
         Consent({"analytics": True, "marketing": True}, marketing=True, cookie=True)),
        (stated(analytics=False), OPT_OUT, True, False, None),
        (stated(analytics=False), OPT_OUT, False, False, None),
        (stated(marketing=False), OPT_OUT, True, False, Consent({"marketing": False}, marketing=False, cookie=True)),
        (stated(marketing=False), OPT_OUT, True, True, None),
        (stated(Advertising=False, Statistics=True), OPT_OUT, True, False,
         Consent({"analytics": True, "marketing": False}, marketing=False, cookie=True)),
        (stated(marketing=True, ads=False), OPT_OUT, True, False, Consent({"marketing": False}, marketing=False, cookie=True)),
        (stated(functional=True), OPT_OUT, True, False, YES),
        ({"consent": "yes"}, OPT_OUT, True, False, YES),
        ({"consent": {"categoryPreferences": {"analytics": "no"}}}, OPT_OUT, True, False, YES),
    ],
)  # fmt: skip
def test_what_holds(context: Any, policy: Policy, browser: bool, opted_out: bool, expected: Consent | None) -> None:
    try:
        found: Consent | None = consent_of(context, policy, browser=browser, opted_out=opted_out)
    except Declined:
        found = None
    assert found == expected


async def test_a_declined_event_is_counted_and_leaves_nothing(collector: Collector) -> None:
    batch = [consenting(PAGE, analytics=False), {**PAGE, "messageId": "m3"}]
    answer = await collector.browser.post("/v1/batch", json={"batch": batch})
    assert answer.json() == {"success": True, "accepted": 1, "failed": 0, "declined": 1, "results": []}
    assert [event["event_id"] for event in await collector.events()] == ["m3"]
    assert await collector.failed() == []


@pytest.mark.parametrize("header", ["DNT", "Sec-GPC"])
async def test_a_browser_that_asks_not_to_be_tracked_is_not(collector: Collector, header: str) -> None:
    headers = {"Origin": "https://shop.test", header: "1"}
    answer = await collector.browser.post("/v1/page", json=PAGE, headers=headers)
    assert (answer.json()["accepted"], answer.json()["declined"]) == (0, 1)
    answer = await collector.browser.post("/v1/page", json=consenting(PAGE, analytics=True), headers=headers)
    assert answer.json()["accepted"] == 1


async def test_a_server_speaks_for_its_visitors(collector: Collector) -> None:
    await collector.server.post("/v1/page", json=PAGE, headers={"DNT": "1"})
    assert len(await collector.events()) == 1


async def test_marketing_refused_leaves_nothing_that_names_anybody(collector: Collector) -> None:
    identify = {
        "type": "identify",
        "messageId": "m4",
        "anonymousId": "c1",
        "userId": "u1",
        "traits": {"email": "ann@example.com"},
    }
    batch = [consenting(event, marketing=False) for event in (PAGE, FORM, identify)]
    await collector.browser.post("/v1/batch", json={"batch": batch})
    page, form, who = await collector.events()
    assert page["page"] == {"host": "shop.test", "path": "/a", "utm": {"source": "news"}, "referrer_host": "a.test"}
    assert (form["type"], form["form"]) == ("form", "demo")
    for event in (page, form, who):
        assert event["consent"] == {"marketing": False}
        assert event["personal"] == {"key": "c1", "v": {}}
        assert not {"user_id", "email_key", "email_domain"} & set(event)


async def test_consent_stands_on_the_event(collector: Collector) -> None:
    await collector.browser.post("/v1/page", json=consenting(PAGE, analytics=True, marketing=True))
    (page,) = await collector.events()
    assert page["consent"] == {"analytics": True, "marketing": True}
    assert page["user_id"] == "u1"


async def test_opt_in_stores_nothing_on_the_device_before_consent(
    open_collector: Opened, tmp_path: Any, keys: Any
) -> None:
    collector = await open_collector(CollectorSettings(data=tmp_path, consent="opt-in"))
    headers = {"Origin": "https://shop.test", "User-Agent": "Mozilla/5.0"}
    before = await collector.browser.post("/v1/track", json=FORM, headers=headers)
    assert "set-cookie" not in before.headers
    given = consenting({**PAGE, "messageId": "m5"}, analytics=True)
    after = await collector.browser.post("/v1/page", json=given, headers=headers)
    assert after.headers["set-cookie"].startswith("wm_")
    (form,) = [event for event in await collector.events() if event["type"] == "form"]
    assert form["sender"] != "c1"
    assert "email_key" not in form
