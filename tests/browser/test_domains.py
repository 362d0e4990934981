"""One visitor on two domains: links and forms carry a token over, and the address bar does not keep it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import BrowserContext, Page

from .conftest import Web
from .reading import brief, one_sender, personal
from .running import until
from .test_leaving import queue_is_empty

pytestmark = pytest.mark.browser

BOTH = 'data-domains="shop.test, blog.test"'


@pytest.fixture
def landed(page: Page, shop: Web) -> Page:
    """On the shop's first page, with the cookie."""
    shop.put_tracker(BOTH)
    page.goto(shop.address("/?utm_source=google"))
    shop.collector.until(1)
    until(lambda: queue_is_empty(page), "empty queue")
    return page


def tokens(shop: Web) -> list[str]:
    """The paths that asked for a token."""
    return [request.path for request in shop.wire.requests if "link-token" in request.path]


def ask_for_a_token(page: Page, sign: Callable[[], object]) -> None:
    """Make a sign that the link will be followed, and wait until it may take a token along."""
    with page.expect_response("**/link-token*") as token:
        sign()
    token.value.finished()


def test_a_link(landed: Page, context: BrowserContext, shop: Web) -> None:
    ask_for_a_token(landed, lambda: landed.hover("#blog"))
    landed.click("#blog")
    landed.wait_for_url("**/story.html")
    events = shop.collector.until(2)
    assert brief(events) == ["page /", "page /story.html"]
    assert [event["page"]["host"] for event in events] == ["shop.test", "blog.test"]
    one_sender(events)
    assert landed.evaluate("location.href") == shop.address("/story.html", "blog.test")
    assert personal(events[1])["page"]["url"] == shop.address("/story.html", "blog.test")
    assert {cookie["domain"] for cookie in context.cookies()} == {"t.shop.test", "t.blog.test"}
    # The token goes along until it was heard; then the other domain's own cookie tells.
    until(lambda: queue_is_empty(landed), "empty queue")
    landed.evaluate("wanamaker.track('Read')")
    read = shop.collector.until(3)[2]
    assert "linkToken" not in personal(read)
    one_sender([*events, read])
    # And back again, by the same visitor.
    ask_for_a_token(landed, lambda: landed.hover("#shop"))
    landed.click("#shop")
    landed.wait_for_url(shop.address("/", "shop.test"))
    one_sender(shop.collector.until(4))


def test_the_link_itself_stays_as_it_was(landed: Page, shop: Web) -> None:
    plain = landed.get_attribute("#blog", "href")
    landed.evaluate("""document.getElementById("blog").addEventListener("click", (event) => {
      window.followed = event.target.href;
      event.preventDefault();
    })""")
    with landed.expect_response("**/link-token*"):
        landed.hover("#blog")
    # The answer is there a moment before the page has read it.
    until(lambda: landed.click("#blog") or "_wm=" in landed.evaluate("followed"), "link with a token")  # type: ignore[func-returns-value]
    until(lambda: landed.get_attribute("#blog", "href") == plain, "plain link again")


def test_other_links_ask_for_nothing(landed: Page, shop: Web) -> None:
    landed.click("#prices")
    landed.wait_for_url("**/pricing.html")
    shop.collector.until(2)
    assert tokens(shop) == []


def test_a_link_in_another_tab(landed: Page, context: BrowserContext, shop: Web) -> None:
    landed.evaluate("document.getElementById('blog').target = '_blank'")
    ask_for_a_token(landed, lambda: landed.hover("#blog"))
    with context.expect_page() as opened:
        landed.click("#blog")
    opened.value.wait_for_url("**/story.html")
    one_sender(shop.collector.until(2))


def test_by_keyboard(landed: Page, shop: Web) -> None:
    ask_for_a_token(landed, lambda: landed.focus("#blog"))
    landed.keyboard.press("Enter")
    landed.wait_for_url("**/story.html")
    one_sender(shop.collector.until(2))


def test_a_click_waits_for_a_token_under_way(landed: Page, shop: Web) -> None:
    landed.clock.install()
    landed.clock.pause_at(datetime.now(UTC) + timedelta(seconds=1))  # half a second is too little for some machines
    shop.wire.hold()
    landed.click("#blog", no_wait_after=True)
    until(lambda: tokens(shop), "request for a token")
    assert "shop.test" in landed.url, "it waits"
    shop.wire.release()
    landed.wait_for_url("**/story.html")
    landed.clock.resume()
    one_sender(shop.collector.until(2))


def test_a_token_that_does_not_come_keeps_nobody(landed: Page, shop: Web) -> None:
    shop.wire.hold()
    landed.click("#blog")
    landed.wait_for_url("**/story.html")
    shop.wire.release()
    first, second = shop.collector.until(2)
    assert first["sender"] != second["sender"], "a visitor of their own rather than a click that hangs"


@pytest.mark.parametrize(("method", "query"), [("get", "?q=bells"), ("post", "")])
def test_a_form(landed: Page, shop: Web, method: str, query: str) -> None:
    landed.evaluate(
        """([method, action]) => document.body.insertAdjacentHTML("beforeend",
           `<form id="away" method="${method}" action="${action}"><input name="q" value="bells"><button>Go</button></form>`)""",
        [method, shop.address("/story.html", "blog.test")],
    )
    with landed.expect_response("**/link-token*") as token:
        landed.focus("#away input")
    token.value.finished()
    landed.click("#away button")
    landed.wait_for_url(lambda address: "blog.test" in address or "thanks" in address)
    events = shop.collector.until(3)
    one_sender(events)
    if method == "get":
        assert landed.evaluate("location.search") == query


def test_the_rest_of_the_address_is_left_alone(page: Page, shop: Web) -> None:
    shop.put_tracker(BOTH)
    for before, after in [
        ("?a=1&_wm=x&b=%20+2#part", "?a=1&b=%20+2#part"),
        ("?_wm=x", ""),
        ("?_wm=x&b=2", "?b=2"),
        ("?a=1&_wm=x", "?a=1"),
        ("?not_wm=x", "?not_wm=x"),
    ]:
        shop.collector.empty()
        page.goto(shop.address("/story.html" + before, "blog.test"))
        (view,) = shop.collector.until(1)
        assert page.evaluate("location.href") == shop.address("/story.html" + after, "blog.test")
        assert personal(view)["page"]["url"] == shop.address("/story.html" + after, "blog.test")
        assert personal(view)["page"]["referrer"] == ""


def test_without_consent_nobody_is_carried_over(page: Page, shop: Web) -> None:
    shop.put_tracker(BOTH + ' data-consent="required"')
    page.goto(shop.address("/"))
    shop.collector.until(1)
    page.click("#blog")
    page.wait_for_url("**/story.html")
    view = shop.collector.until(2)[1]
    assert tokens(shop) == []
    assert "linkToken" not in personal(view)


def test_a_mouse_that_came_before_the_cookie_keeps_nobody_from_a_token(page: Page, shop: Web) -> None:
    def comes_again() -> bool:
        page.hover("#prices")
        page.hover("#blog")
        return len(tokens(shop)) > 1

    shop.put_tracker(BOTH)
    shop.wire.hold()
    page.goto(shop.address("/"))
    until(shop.wire.batches, "first event")
    page.hover("#blog")
    until(lambda: tokens(shop), "request for a token")
    with page.expect_response("**/link-token*") as refused:
        shop.wire.release()
    assert refused.value.status == 404
    until(lambda: queue_is_empty(page), "empty queue")
    # The answer is there a moment before the page has read it.
    ask_for_a_token(page, lambda: until(comes_again, "another request for a token"))
    page.click("#blog")
    page.wait_for_url("**/story.html")
    one_sender(shop.collector.until(2))
