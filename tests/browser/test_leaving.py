"""Nothing is lost when a page ends in the middle of it: the next page brings what no answer confirmed."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page

from .conftest import Web
from .reading import brief, one_sender, personal
from .running import until

pytestmark = pytest.mark.browser

QUEUE = "Object.keys(localStorage).filter((name) => name.startsWith('wm_q_')).length"


def ids(shop: Web) -> list[list[str]]:
    """The messageIds of each request."""
    return [[event["messageId"] for event in request.events] for request in shop.wire.batches()]


def queue_is_empty(page: Page) -> bool:
    return bool(page.evaluate(QUEUE) == 0)


def test_a_form_whose_page_goes_before_the_answer_comes(page: Page, shop: Web) -> None:
    page.goto(shop.address("/contact.html"))
    shop.collector.until(1)
    until(lambda: queue_is_empty(page), "empty queue")
    shop.wire.hold()
    page.fill("[name=mail]", "ann@example.com")
    page.click("button")
    page.wait_for_url("**/thanks.html")
    # It is in the log already: it was sent when the form was, not when the page had time.
    assert brief(shop.collector.until(2))[:2] == ["page /contact.html", "form quote"]
    assert page.evaluate(QUEUE) >= 1
    shop.wire.release()
    until(lambda: queue_is_empty(page), "empty queue")
    events = shop.collector.events()
    assert brief(events) == ["page /contact.html", "form quote", "page /thanks.html"]
    one_sender(events)


def test_a_request_that_is_cut_is_made_again_by_the_next_page(page: Page, shop: Web) -> None:
    """The collector never sees the first one."""
    page.goto(shop.address("/"))
    until(lambda: queue_is_empty(page), "empty queue")
    first = len(shop.wire.batches())
    shop.wire.answers += [(503, {})] * 2
    page.evaluate("wanamaker.track('Rung'); location.href = '/pricing.html'")
    page.wait_for_url("**/pricing.html")
    events = shop.collector.until(3)
    assert brief(events) == ["page /", "track Rung", "page /pricing.html"]
    tries = [request for request in shop.wire.batches()[first:] if request.events[0]["event"] == "Rung"]
    assert len(tries) > 1
    assert len({request.events[0]["messageId"] for request in tries}) == 1, "the same event"
    assert len({request.body["sentAt"] for request in tries}) == len(tries), "each with the time of its own sending"
    until(lambda: queue_is_empty(page), "empty queue")


def test_a_tab_that_is_closed_has_said_what_it_had_to_say(context: BrowserContext, shop: Web) -> None:
    page = context.new_page()
    page.goto(shop.address("/"))
    shop.collector.until(1)
    page.evaluate("wanamaker.track('Last')")
    page.close()
    assert brief(shop.collector.until(2)) == ["page /", "track Last"]


def test_more_than_a_page_may_leave_behind(page: Page, shop: Web) -> None:
    """Browsers let 64 KiB of requests outlive a page; the rest waits for the next one."""
    page.goto(shop.address("/"))
    until(lambda: queue_is_empty(page), "empty queue")
    sent = len(shop.wire.batches())
    page.evaluate(
        "for (let n = 0; n < 80; n++) wanamaker.track('Note ' + n, {text: 'é'.repeat(900)}); location.href = '/pricing.html'"
    )
    page.wait_for_url("**/pricing.html")
    events = shop.collector.until(82)
    assert sorted(brief(events)) == sorted(["page /", "page /pricing.html", *(f"track Note {n}" for n in range(80))])
    until(lambda: queue_is_empty(page), "empty queue")
    sizes = [int(request.headers["content-length"]) for request in shop.wire.batches()[sent:]]
    assert len(sizes) > 3
    assert max(sizes) < 32_000


def test_requests_outlive_their_page_where_browsers_let_them(page: Page, shop: Web) -> None:
    page.add_init_script("""
      const real = fetch;
      window.made = [];
      fetch = (url, init) => { made.push([init.body.length, init.keepalive]); return real(url, init); };
    """)
    page.goto(shop.address("/"))
    until(lambda: queue_is_empty(page), "empty queue")
    page.evaluate("wanamaker.track('Novel', {text: 'x'.repeat(70000)})")
    until(lambda: queue_is_empty(page), "empty queue")
    (small, first), (large, second) = page.evaluate("made")
    assert (small < 1_000, first) == (True, True)
    assert (large > 70_000, second) == (True, False), "more than 64 KiB with keepalive would be refused"


def test_one_event_that_is_larger_than_that(page: Page, shop: Web) -> None:
    """It goes as an ordinary request, and the collector says what is wrong with it."""
    page.goto(shop.address("/"))
    shop.collector.until(1)
    page.evaluate("wanamaker.track('Novel', {text: 'x'.repeat(70000)}); wanamaker.track('Note')")
    assert brief(shop.collector.until(2)) == ["page /", "track Note"]
    (failed,) = until(shop.collector.failed, "failed event")
    assert failed["reason"] == "an event may have at most 32768 bytes"
    until(lambda: queue_is_empty(page), "empty queue")


WITHOUT_KEEPALIVE = """
  delete Request.prototype.keepalive;
  const fetched = fetch, beaconed = navigator.sendBeacon.bind(navigator);
  fetch = (url, {keepalive, ...init}) => fetched(url, init);
  navigator.sendBeacon = (url, body) => {
    localStorage.beacons = (+localStorage.beacons || 0) + 1;
    return !localStorage.refuseBeacons && beaconed(url, body);
  };
"""
"""A browser whose `fetch` knows no `keepalive`, as Firefox was until 133. It counts its beacons, and can be told to take none."""


TIME_STANDS_STILL = "setTimeout = () => 0;"
"""The page ends before the moment is over in which more might have come, on a slow machine too."""


@pytest.fixture
def old(context: BrowserContext) -> BrowserContext:
    context.add_init_script(WITHOUT_KEEPALIVE)
    return context


def test_a_browser_without_keepalive_sends_a_beacon_when_its_tab_is_closed(old: BrowserContext, shop: Web) -> None:
    page = old.new_page()
    page.goto(shop.address("/"))
    until(lambda: queue_is_empty(page), "empty queue")
    before = len(ids(shop))
    page.evaluate(TIME_STANDS_STILL + "wanamaker.track('Before'); wanamaker.track('Last', {tone: 'c'})")
    page.close()
    events = shop.collector.until(3)
    assert brief(events) == ["page /", "track Before", "track Last"]
    assert personal(events[2])["properties"] == {"tone": "c"}
    one_sender(events)
    beacon = shop.wire.batches()[before]
    assert [event["event"] for event in beacon.events] == ["Before", "Last"]
    assert beacon.headers["content-type"] == "text/plain;charset=UTF-8", (
        "else the browser would ask for permission first"
    )
    assert beacon.headers["cookie"].startswith("wm_")

    # A beacon brings no answer, so the next page sends the same again, and each counts once.
    page = old.new_page()
    page.goto(shop.address("/pricing.html"))
    until(lambda: queue_is_empty(page), "empty queue")
    assert page.evaluate("+localStorage.beacons") == 1
    events = shop.collector.until(4)
    assert brief(events) == ["page /", "track Before", "track Last", "page /pricing.html"]
    one_sender(events)
    again = shop.wire.batches()[-1]
    assert [event["messageId"] for event in again.events[:2]] == [event["messageId"] for event in beacon.events]
    assert again.body["sentAt"] > beacon.body["sentAt"]


def test_a_form_without_keepalive(old: BrowserContext, shop: Web) -> None:
    page = old.new_page()
    page.goto(shop.address("/contact.html"))
    until(lambda: queue_is_empty(page), "empty queue")
    page.evaluate(TIME_STANDS_STILL)
    page.fill("[name=mail]", "ann@example.com")
    page.click("button")
    page.wait_for_url("**/thanks.html")
    until(lambda: queue_is_empty(page), "empty queue")
    events = shop.collector.until(3)
    assert brief(events) == ["page /contact.html", "form quote", "page /thanks.html"]
    one_sender(events)
    assert page.evaluate("+localStorage.beacons") == 1, "one for the form, none for the end of its page right after it"


def test_a_browser_that_takes_no_beacon_leaves_it_to_the_next_page(old: BrowserContext, shop: Web) -> None:
    page = old.new_page()
    page.goto(shop.address("/"))
    until(lambda: queue_is_empty(page), "empty queue")
    page.evaluate(TIME_STANDS_STILL + "localStorage.refuseBeacons = 1; wanamaker.track('Last')")
    page.close()
    page = old.new_page()
    page.goto(shop.address("/pricing.html"))
    assert brief(shop.collector.until(3)) == ["page /", "track Last", "page /pricing.html"]
    assert page.evaluate("+localStorage.beacons") >= 1
    until(lambda: queue_is_empty(page), "empty queue")


def test_a_beacon_would_carry_the_cookie_so_the_unrecognised_send_none(old: BrowserContext, shop: Web) -> None:
    shop.put_tracker('data-consent="required"')
    page = old.new_page()
    page.goto(shop.address("/"))
    shop.collector.until(1)
    page.evaluate("wanamaker.track('Last'); dispatchEvent(new Event('pagehide'))")
    assert brief(shop.collector.until(2)) == ["page /", "track Last"]
    assert page.evaluate("localStorage.beacons") is None
    assert not any("cookie" in request.headers for request in shop.wire.batches())
