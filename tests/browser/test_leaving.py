"""Nothing is lost when a page ends in the middle of it: the next page brings what no answer confirmed."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page

from .conftest import Web
from .reading import brief, one_sender
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
