"""What the collector cannot take is kept and sent again when it says; what it refuses is dropped; offline means wait."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page

from .conftest import Web
from .reading import brief, one_sender
from .running import until
from .test_leaving import QUEUE, ids, queue_is_empty

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_it_is_sent_again(page: Page, shop: Web, status: int) -> None:
    shop.wire.answers.append((status, {}))
    page.goto(shop.address("/"))
    assert brief(shop.collector.until(1)) == ["page /"]
    first, second = ids(shop)
    assert first == second
    until(lambda: queue_is_empty(page), "empty queue")


@pytest.mark.parametrize("status", [429, 503])
def test_not_before_the_server_wants_it(page: Page, shop: Web, status: int) -> None:
    shop.wire.answers.append((status, {"retry-after": "3"}))
    page.goto(shop.address("/"))
    until(shop.wire.batches, "request")
    until(lambda: page.evaluate("localStorage.wm_wait"), "the server's wish")
    # Neither other events, nor another page, nor a network that comes and goes.
    page.evaluate("wanamaker.track('Meanwhile'); dispatchEvent(new Event('online'))")
    page.goto(shop.address("/pricing.html"))
    assert brief(shop.collector.until(3)) == ["page /", "track Meanwhile", "page /pricing.html"]
    first, second = shop.wire.batches()[:2]
    assert second.at - first.at > 2.9
    until(lambda: queue_is_empty(page), "empty queue")
    assert page.evaluate("localStorage.wm_wait") is None


@pytest.mark.parametrize("status", [400, 401, 403, 413])
def test_what_is_refused_is_dropped(page: Page, shop: Web, status: int) -> None:
    shop.wire.answers.append((status, {}))
    page.goto(shop.address("/"))
    until(shop.wire.batches, "request")
    until(lambda: queue_is_empty(page), "empty queue")
    page.evaluate("wanamaker.track('Next')")
    assert brief(shop.collector.until(1)) == ["track Next"]
    assert len(ids(shop)) == 2


def test_offline_and_back(page: Page, context: BrowserContext, shop: Web) -> None:
    page.goto(shop.address("/app"))
    shop.collector.until(1)
    until(lambda: queue_is_empty(page), "empty queue")
    requests = len(shop.wire.batches())
    context.set_offline(True)
    page.click("text=Bells")
    page.evaluate("wanamaker.track('Rung', {tone: 'c'})")
    until(lambda: page.evaluate(QUEUE) == 2, "two events that wait")
    assert len(shop.wire.batches()) == requests
    context.set_offline(False)
    events = shop.collector.until(3)
    assert brief(events) == ["page /app", "page /app/bells", "track Rung"]
    one_sender(events)
    until(lambda: queue_is_empty(page), "empty queue")


def test_the_network_that_comes_back_ends_the_pause(page: Page, context: BrowserContext, shop: Web) -> None:
    """With the page's clock in the test's hand: after eight failures nothing but the event `online` makes a request soon."""
    page.clock.install()
    page.goto(shop.address("/"))
    page.clock.run_for(100)
    shop.collector.until(1)
    until(lambda: queue_is_empty(page), "empty queue")
    page.evaluate(COUNT_FAILURES)
    context.set_offline(True)
    page.evaluate("wanamaker.track('Rung')")
    for failures in range(1, 9):
        until(lambda failures=failures: fails(page) >= failures, "another failure")  # type: ignore[misc]
    requests, now = len(shop.wire.batches()), page.evaluate("Date.now()")
    context.set_offline(False)
    until(lambda: sends(page, shop) > requests, "a request")
    assert page.evaluate("Date.now()") - now < 64_000, "the shortest pause after eight failures"
    assert brief(shop.collector.until(2)) == ["page /", "track Rung"]


COUNT_FAILURES = """() => {
  const real = window.fetch;
  window.failures = 0;
  window.fetch = (...given) => real(...given).catch((error) => { failures++; throw error; });
}"""


def fails(page: Page) -> int:
    """How many requests have failed, half a second of the page's clock from now."""
    page.clock.run_for(500)
    return int(page.evaluate("failures"))


def sends(page: Page, shop: Web) -> int:
    """How many requests there were, a moment of the page's clock from now."""
    page.clock.run_for(20)
    return len(shop.wire.batches())


def test_what_was_done_offline_outlives_the_page(context: BrowserContext, shop: Web) -> None:
    page = context.new_page()
    page.goto(shop.address("/"))
    until(lambda: queue_is_empty(page), "empty queue")
    context.set_offline(True)
    page.evaluate("wanamaker.track('Rung')")
    until(lambda: page.evaluate(QUEUE) == 1, "an event that waits")
    page.close()
    context.set_offline(False)
    page = context.new_page()
    page.goto(shop.address("/pricing.html"))
    events = shop.collector.until(3)
    assert brief(events) == ["page /", "track Rung", "page /pricing.html"]
    one_sender(events)
    until(lambda: queue_is_empty(page), "empty queue")


def test_the_queue_has_an_end_and_forms_still_find_room(page: Page, context: BrowserContext, shop: Web) -> None:
    page.goto(shop.address("/contact.html"))
    until(lambda: queue_is_empty(page), "empty queue")
    context.set_offline(True)
    page.evaluate("for (let n = 0; n < 600; n++) wanamaker.track('Tick ' + n)")
    assert page.evaluate(QUEUE) == 450
    page.evaluate("document.forms[0].onsubmit = () => false")
    page.fill("[name=mail]", "ann@example.com")
    page.click("button")
    assert page.evaluate(QUEUE) == 451
    page.evaluate("for (let n = 0; n < 100; n++) wanamaker.identify('U' + n)")
    assert page.evaluate(QUEUE) == 500
    context.set_offline(False)
    events = shop.collector.until(501)
    ticks = [event["event"] for event in events if event["type"] == "track"]
    assert sorted(ticks) == sorted(f"Tick {n}" for n in range(450)), "the first ones"
    assert sum(event["type"] == "form" for event in events) == 1
    until(lambda: queue_is_empty(page), "empty queue")


def test_large_events_fill_it_too(page: Page, context: BrowserContext, shop: Web) -> None:
    page.goto(shop.address("/"))
    until(lambda: queue_is_empty(page), "empty queue")
    context.set_offline(True)
    page.evaluate("for (let n = 0; n < 20; n++) wanamaker.track('Big', {text: 'x'.repeat(29000)})")
    assert page.evaluate(QUEUE) == 7  # 225,000 characters
    context.set_offline(False)
    assert brief(shop.collector.until(8)) == ["page /", *["track Big"] * 7]


def test_two_tabs_share_the_queue_and_send_nothing_twice(context: BrowserContext, shop: Web) -> None:
    one, other = context.new_page(), context.new_page()
    one.goto(shop.address("/"))
    other.goto(shop.address("/pricing.html"))
    shop.collector.until(2)
    until(lambda: queue_is_empty(one) and queue_is_empty(other), "empty queue")
    requests = len(shop.wire.batches())
    context.set_offline(True)
    for n in range(30):
        one.evaluate(f"wanamaker.track('One {n}')")
        other.evaluate(f"wanamaker.track('Other {n}')")
    until(lambda: one.evaluate(QUEUE) == 60, "sixty events that wait")
    context.set_offline(False)
    events = shop.collector.until(62)
    done = sorted(event["event"] for event in events if event["type"] == "track")
    assert done == sorted([f"{tab} {n}" for tab in ("One", "Other") for n in range(30)])
    until(lambda: queue_is_empty(one), "empty queue")
    sent = [message for request in ids(shop)[requests:] for message in request]
    assert len(sent) == len(set(sent)) == 60
    one_sender(events)


def test_a_tab_waits_for_the_answer_that_another_one_waits_for(context: BrowserContext, shop: Web) -> None:
    """Else a new visitor's second request would leave before the first answer has set the cookie."""
    one, other = context.new_page(), context.new_page()
    one.goto(shop.address("/"))
    other.goto(shop.address("/pricing.html"))
    until(lambda: queue_is_empty(one) and queue_is_empty(other), "empty queue")
    before = len(ids(shop))
    shop.wire.hold()
    one.evaluate("wanamaker.track('One')")
    until(lambda: len(ids(shop)) == before + 1, "the first request")
    other.evaluate("wanamaker.track('Other')")
    until(lambda: other.evaluate("navigator.locks.query().then((held) => held.pending.length)") == 1, "waiting tab")
    assert len(ids(shop)) == before + 1
    shop.wire.release()
    assert brief(shop.collector.until(4))[2:] == ["track One", "track Other"]


@pytest.mark.parametrize("wish", ["Date.now() + 86_400_000", "'soon'"])
def test_a_wish_that_no_clock_of_today_made_is_none(page: Page, shop: Web, wish: str) -> None:
    """The clock was wrong when the server asked for a pause, or somebody else wrote there."""
    page.goto(shop.address("/"))
    until(lambda: queue_is_empty(page), "empty queue")
    page.evaluate(f"localStorage.wm_wait = {wish}")
    page.evaluate("wanamaker.track('Rung')")
    assert brief(shop.collector.until(2)) == ["page /", "track Rung"]


def test_the_longest_pause_that_a_server_gets_is_an_hour(page: Page, shop: Web) -> None:
    shop.wire.answers.append((503, {"retry-after": "86400"}))
    page.goto(shop.address("/"))
    until(lambda: page.evaluate("localStorage.wm_wait"), "the server's wish")
    assert 3_500_000 < page.evaluate("localStorage.wm_wait - Date.now()") <= 3_600_000
