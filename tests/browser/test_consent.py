"""Consent: what is stored on the device and what is sent before it, after a refusal, and after it is given."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from .conftest import Web
from .reading import brief, one_sender, personal
from .running import until
from .test_leaving import queue_is_empty

pytestmark = pytest.mark.browser

GIVE = "wanamaker.consent({analytics: true, marketing: true})"
REFUSE = "wanamaker.consent({analytics: false, marketing: false})"


def stored(page: Page) -> dict[str, str]:
    return dict(page.evaluate("Object.fromEntries(Object.entries(localStorage))"))


def sent(shop: Web) -> list[dict[str, Any]]:
    return [event for request in shop.wire.batches() for event in request.events]


def test_required_consent_that_is_refused_then_given(page: Page, context: BrowserContext, shop: Web) -> None:
    shop.put_tracker('data-consent="required"')
    page.goto(shop.address("/app"))
    page.click("text=Bells")
    unasked = shop.collector.until(2)
    assert brief(unasked) == ["page /app", "page /app/bells"]
    assert stored(page) == {}
    assert context.cookies() == []
    assert all(personal(event)["cookieless"] is True for event in unasked)
    assert all("anonymousId" not in event for event in sent(shop))
    assert all("cookie" not in request.headers for request in shop.wire.batches())
    daily = one_sender(unasked)

    page.evaluate(REFUSE)
    page.evaluate("wanamaker.track('Unseen')")
    page.goto(shop.address("/pricing.html"))
    page.evaluate("wanamaker.track('Unseen too')")
    assert stored(page) == {"wm_consent": '{"analytics":false,"marketing":false}'}
    assert context.cookies() == []

    page.evaluate(GIVE)
    page.evaluate("wanamaker.track('Seen')")
    page.goto(shop.address("/"))
    events = shop.collector.until(4)
    assert brief(events) == ["page /app", "page /app/bells", "track Seen", "page /"]
    known = events[2:]
    assert [event["consent"] for event in known] == [{"analytics": True, "marketing": True}] * 2
    assert one_sender(known) == page.evaluate("localStorage.wm_id") != daily
    (cookie,) = context.cookies()
    assert cookie["name"].startswith("wm_")
    assert {event["event"] for event in sent(shop) if event["type"] == "track"} == {"Seen"}


def test_a_refusal_takes_everything_off_the_device(page: Page, context: BrowserContext, shop: Web) -> None:
    page.goto(shop.address("/"))
    (view,) = shop.collector.until(1)
    until(lambda: queue_is_empty(page), "empty queue")
    assert context.cookies()
    before = len(sent(shop))

    shop.wire.hold()
    page.evaluate("wanamaker.track('Waiting')")
    page.evaluate(REFUSE)
    page.evaluate("wanamaker.track('Unseen')")
    shop.wire.release()
    until(lambda: context.cookies() == [], "browser without our cookie")
    assert stored(page) == {"wm_consent": '{"analytics":false,"marketing":false}'}
    # The one message says nothing but the refusal.
    (refusal,) = [event for event in sent(shop)[before:] if event.get("event") != "Waiting"]
    assert {name: refusal[name] for name in refusal if name != "messageId"} == {
        "type": "track",
        "event": "Consent Refused",
        "context": {"consent": {"categoryPreferences": {"analytics": False, "marketing": False}}},
    }
    page.goto(shop.address("/pricing.html"))
    page.evaluate("wanamaker.track('Unseen')")
    page.evaluate(GIVE)
    page.evaluate("wanamaker.track('Seen')")
    until(lambda: "track Seen" in brief(shop.collector.events()), "event")
    events = shop.collector.events()
    assert {"page /pricing.html", "track Unseen", "track Consent Refused"}.isdisjoint(brief(events))
    assert events[-1]["sender"] != view["sender"], "another visitor, as far as anybody can tell"


def test_what_waits_without_consent_waits_in_memory_and_a_refusal_drops_it(page: Page, shop: Web) -> None:
    shop.put_tracker('data-consent="required"')
    shop.wire.hold()
    page.goto(shop.address("/"))
    until(shop.wire.batches, "request")
    page.evaluate("wanamaker.track('Waiting')")
    assert stored(page) == {}
    page.evaluate(REFUSE)
    page.evaluate(GIVE)
    page.evaluate("wanamaker.track('Seen')")
    shop.wire.release()
    assert brief(shop.collector.until(2)) == ["page /", "track Seen"]
    until(lambda: queue_is_empty(page), "empty queue")
    assert "Waiting" not in [event.get("event") for event in sent(shop)]


def test_without_consent_an_old_cookie_is_not_sent_either(page: Page, context: BrowserContext, shop: Web) -> None:
    page.goto(shop.address("/"))
    shop.collector.until(1)
    until(lambda: queue_is_empty(page), "empty queue")
    assert context.cookies()
    shop.put_tracker('data-consent="required"')
    page.goto(shop.address("/pricing.html"))
    known, unasked = shop.collector.until(2)
    assert known["sender"] != unasked["sender"]
    assert "cookie" not in shop.wire.batches()[-1].headers


def test_one_purpose_alone(page: Page, shop: Web) -> None:
    """Without `marketing` the server keeps nothing that names a person; the tracker sends the statement along."""
    shop.put_tracker('data-consent="required"')
    page.goto(shop.address("/contact.html?utm_source=google&gclid=G1"))
    shop.collector.until(1)
    page.evaluate("wanamaker.consent({analytics: true, marketing: false})")
    page.fill("[name=mail]", "ann@example.com")
    page.click("button")
    page.wait_for_url("**/thanks.html")
    _, form, thanks = shop.collector.until(3)
    assert [event["consent"] for event in (form, thanks)] == [{"analytics": True, "marketing": False}] * 2
    assert "email_key" not in form
    assert form["personal"]["v"] == {}
    assert one_sender([form, thanks]) == page.evaluate("localStorage.wm_id")


def test_consent_is_remembered_on_the_next_page(page: Page, shop: Web) -> None:
    shop.put_tracker('data-consent="required"', before="<script>(window.wanamaker = window.wanamaker || [])</script>")
    page.goto(shop.address("/"))
    shop.collector.until(1)
    page.evaluate(GIVE)
    page.goto(shop.address("/pricing.html"))
    _, view = shop.collector.until(2)
    assert view["consent"] == {"analytics": True, "marketing": True}
    assert view["sender"] == page.evaluate("localStorage.wm_id")


def test_consent_of_the_queue_holds_for_the_first_page_view(page: Page, shop: Web) -> None:
    shop.put_tracker(
        'data-consent="required"',
        before="<script>(window.wanamaker = window.wanamaker || []).push(['consent', {analytics: true}])</script>",
    )
    page.goto(shop.address("/"))
    (view,) = shop.collector.until(1)
    assert view["consent"] == {"analytics": True}
    assert view["sender"] == page.evaluate("localStorage.wm_id")


def test_where_nothing_can_be_stored_nobody_is_recognised(page: Page, context: BrowserContext, shop: Web) -> None:
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError') }})"
    )
    page.goto(shop.address("/"))
    (view,) = shop.collector.until(1)
    assert personal(view)["cookieless"] is True
    assert context.cookies() == []


def test_a_refusal_that_overtakes_an_answer_takes_its_cookie_back_too(
    page: Page, context: BrowserContext, shop: Web
) -> None:
    shop.wire.hold()
    page.goto(shop.address("/"))
    until(shop.wire.batches, "the first event, on its way")
    page.evaluate(REFUSE)
    until(lambda: len(sent(shop)) == 2, "the refusal, on its way")
    shop.wire.release()
    until(lambda: "cookie" in shop.wire.batches()[-1].headers, "the refusal with the cookie")
    until(lambda: context.cookies() == [], "browser without our cookie")
    assert stored(page) == {"wm_consent": '{"analytics":false,"marketing":false}'}


def test_an_answer_after_the_refusal_stores_nothing(page: Page, shop: Web) -> None:
    page.goto(shop.address("/"))
    until(lambda: queue_is_empty(page), "empty queue")
    page.evaluate("""
      window.asked = [];
      fetch = () => new Promise((answer) => asked.push(answer));
      wanamaker.track('Waiting');
    """)
    until(lambda: page.evaluate("asked.length") == 1, "request")
    page.evaluate(REFUSE)
    page.evaluate("asked[0](new Response('', {status: 503, headers: {'retry-after': '60'}}))")
    page.evaluate("new Promise((settled) => setTimeout(settled))")
    assert stored(page) == {"wm_consent": '{"analytics":false,"marketing":false}'}
