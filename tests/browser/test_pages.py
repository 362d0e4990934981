"""Page views of a three-page site and of a single-page application, each compared with what arrived in the log."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from .conftest import Web
from .reading import brief, nothing_failed, one_sender, personal, told
from .running import until

pytestmark = pytest.mark.browser


def test_three_pages(page: Page, context: BrowserContext, shop: Web) -> None:
    landing = "/?utm_source=google&utm_medium=cpc&utm_campaign=bells&gclid=G1"
    page.goto(shop.address(landing), referer="https://www.google.com/")
    page.click("#prices")
    page.click("#quote")
    home, prices, quote = shop.collector.until(3)

    assert told(home) == {
        "type": "page",
        "page": {
            "host": "shop.test",
            "path": "/",
            "utm": {"source": "google", "medium": "cpc", "campaign": "bells"},
            "click_id": {"name": "gclid", "value": "G1"},
            "referrer_host": "www.google.com",
        },
    }
    assert told(prices) == {
        "type": "page",
        "page": {"host": "shop.test", "path": "/pricing.html", "utm": {}, "referrer_host": "shop.test"},
    }
    assert told(quote) == {
        "type": "page",
        "page": {"host": "shop.test", "path": "/contact.html", "utm": {}, "referrer_host": "shop.test"},
    }
    assert [personal(record) for record in (home, prices, quote)] == [
        {"page": seen(shop, landing, "Bell & Sons", "https://www.google.com/")},
        {"page": seen(shop, "/pricing.html", "Prices", shop.address(landing))},
        {"page": seen(shop, "/contact.html", "Ask for a quote", shop.address("/pricing.html"))},
    ]
    # The cookie that the server set, and the id that the tracker keeps for the case that it does not come back.
    stored = page.evaluate("localStorage.wm_id")
    assert stored == one_sender([home, prices, quote])
    (cookie,) = context.cookies()
    assert (cookie["domain"], cookie["httpOnly"], cookie["secure"]) == ("t.shop.test", True, True)
    assert nothing_failed(shop.collector)


def seen(shop: Web, address: str, title: str, referrer: str) -> dict[str, Any]:
    path, question, query = address.partition("?")
    return {
        "url": shop.address(address),
        "path": path,
        "search": question + query,
        "title": title,
        "referrer": referrer,
    }


def pages_of(records: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """Path, title and referrer of each."""
    stated = [record["personal"]["v"]["context"]["page"] for record in records]
    return [(each["path"], each["title"], each["referrer"]) for each in stated]


def test_routes_of_a_single_page_application(page: Page, shop: Web) -> None:
    page.goto(shop.address("/app"))
    shop.collector.until(1)
    page.click("text=Bells")
    shop.collector.until(2)
    page.click("text=Bell 7")
    shop.collector.until(3)
    page.go_back()
    shop.collector.until(4)
    page.click("text=Start")
    shop.collector.until(5)
    page.click("text=Moved")  # pushes one address and replaces it by another at once
    page.evaluate("location.hash = 'details'")  # the same page
    page.evaluate("history.replaceState({}, '', '?sort=weight')")  # the same page, sorted
    page.evaluate("wanamaker.track('Done')")
    events = shop.collector.until(7)
    assert brief(events) == [
        "page /app",
        "page /app/bells",
        "page /app/bells/7",
        "page /app/bells",
        "page /app",
        "page /app/bells",
        "track Done",
    ]
    assert pages_of(events) == [
        ("/app", "Configurator", ""),
        ("/app/bells", "All bells", shop.address("/app")),
        ("/app/bells/7", "Bell 7", shop.address("/app/bells")),
        ("/app/bells", "All bells", shop.address("/app/bells/7")),
        ("/app", "Configurator", shop.address("/app/bells")),
        ("/app/bells", "All bells", shop.address("/app")),
        ("/app/bells", "All bells", shop.address("/app")),
    ]
    one_sender(events)


def test_two_routes_in_one_moment_are_told_apart_by_what_was_done_on_them(page: Page, shop: Web) -> None:
    page.goto(shop.address("/app"))
    shop.collector.until(1)
    page.evaluate(
        "history.pushState({}, '', '/app/bells'); wanamaker.track('Rung'); history.pushState({}, '', '/app');"
    )
    events = shop.collector.until(4)
    assert brief(events) == ["page /app", "page /app/bells", "track Rung", "page /app"]


def test_routes_behind_the_hash_count_where_they_are_pages(page: Page, shop: Web) -> None:
    shop.put_tracker('data-pages="hash"')
    page.goto(shop.address("/app#/one"))
    shop.collector.until(1)
    page.evaluate("location.hash = '#/two'")
    events = shop.collector.until(2)
    assert [event["personal"]["v"]["context"]["page"]["url"] for event in events] == [
        shop.address("/app#/one"),
        shop.address("/app#/two"),
    ]
    assert pages_of(events)[1][2] == shop.address("/app#/one")


def test_pages_that_the_owner_counts(page: Page, shop: Web) -> None:
    shop.put_tracker('data-pages="manual"')
    page.goto(shop.address("/app"))
    page.click("text=Bells")
    page.evaluate("wanamaker.push(['page', {section: 'bells'}], ['track', 'Seen'])")
    view, seen = shop.collector.until(2)
    assert brief([view, seen]) == ["page /app/bells", "track Seen"]
    assert personal(view)["properties"] == {"section": "bells"}


def test_calls_before_the_tracker_is_there(page: Page, shop: Web) -> None:
    shop.put_tracker(
        before="""<script>
          window.wanamaker = window.wanamaker || [];
          wanamaker.push(["track", "Film Played", {film: "Casting", seconds: 12}]);
          wanamaker.push(["identify", "U1", {email: "ann@example.com", plan: "gold"}]);
          wanamaker.push(["consent", {analytics: true, marketing: true}]);
        </script>"""
    )
    page.goto(shop.address("/pricing.html"))
    events = shop.collector.until(3)
    assert brief(events) == ["page /pricing.html", "track Film Played", "identify"]
    page_view, played, identified = events
    assert personal(played)["properties"] == {"film": "Casting", "seconds": 12}
    assert identified["user_id"] == "U1"
    assert identified["email_key"]
    assert personal(identified)["traits"] == {"email": "ann@example.com", "plan": "gold"}
    assert [event["consent"] for event in events] == [{"analytics": True, "marketing": True}] * 3
    assert one_sender(events) == page_view["sender"]


def test_a_page_that_has_the_script_twice_is_counted_once(page: Page, shop: Web) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    shop.site.tracker *= 2
    page.goto(shop.address("/"))
    page.evaluate("wanamaker.track('End')")
    assert brief(shop.collector.until(2)) == ["page /", "track End"]
    assert errors == []


def test_a_script_without_a_key_says_so_and_leaves_the_page_alone(page: Page, shop: Web) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    shop.site.tracker = f'<script async src="http://t.HOST:{shop.wire.port}/t.js"></script>'
    page.goto(shop.address("/"))
    until(lambda: page.title() and said, "message on the console")
    assert said == ["wanamaker tracks nothing: its script element has no data-key."]
    assert page.evaluate("window.wanamaker") is None


def test_a_page_from_the_back_forward_cache_is_seen_again(page: Page, shop: Web) -> None:
    """Whether Chromium keeps the page or loads it anew, it is one view."""
    page.goto(shop.address("/"))
    shop.collector.until(1)
    page.click("#prices")
    shop.collector.until(2)
    page.go_back()
    assert brief(shop.collector.until(3)) == ["page /", "page /pricing.html", "page /"]


def test_an_unknown_command_does_not_stop_the_others(page: Page, shop: Web) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(shop.address("/"))
    page.evaluate("wanamaker.push(['trak', 'A'], ['track', 'B'])")
    assert brief(shop.collector.until(2)) == ["page /", "track B"]
    assert said == ['wanamaker has no command "trak"; it has track,identify,page,consent,push.']


def test_the_owners_own_path_and_endpoint(page: Page, shop: Web) -> None:
    """Ad blockers know `/v1/batch`."""
    shop.put_tracker('data-endpoint="/v1/b"')
    page.goto(shop.address("/"))
    shop.collector.until(1)
    assert [request.path for request in shop.wire.requests] == ["/t.js", "/v1/b"]


def test_a_prerendered_page_whose_router_replaces_its_address_still_works(page: Page, shop: Web) -> None:
    """Routers do so when they start, which is before anybody looks at the page. (Chromium prerenders none under automation.)"""
    page.add_init_script("""
      window.unseen = true;
      Object.defineProperty(Document.prototype, "prerendering", {get: () => unseen});
    """)
    page.goto(shop.address("/app"))
    until(lambda: page.evaluate("window.wanamaker && !Array.isArray(wanamaker)"), "tracker")
    page.evaluate("history.replaceState({}, '', '/app/bells')")
    page.evaluate("unseen = false; document.dispatchEvent(new Event('prerenderingchange')); wanamaker.track('Seen')")
    assert brief(shop.collector.until(2)) == ["page /app/bells", "track Seen"]


def test_a_call_that_cannot_be_made_stops_no_other(page: Page, shop: Web) -> None:
    """Neither those after it, nor the forms and the end of the page, which the tracker watches afterwards."""
    shop.put_tracker(
        before="""<script>
          window.wanamaker = window.wanamaker || [];
          wanamaker.push(["track", "Around", {window}], null, ["track", "Good"]);
        </script>"""
    )
    page.goto(shop.address("/contact.html"))
    shop.collector.until(2)
    page.evaluate("wanamaker.push(['track', 'Around', {window}], ['track', 'Better'])")
    page.fill("[name=mail]", "ann@example.com")
    page.click("button")
    page.wait_for_url("**/thanks.html")
    assert brief(shop.collector.until(6)) == [
        "page /contact.html",
        "track Good",
        "track Better",
        "form quote",
        "page /thanks.html",
        "track Good",
    ]
