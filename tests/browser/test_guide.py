"""The page of the guide and the element of README, as they stand there, in a browser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

from wanamaker_shared.contracts.identifiers import linkable_email_key

from .conftest import Web
from .reading import brief, one_sender

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]


def example(page: str, web: Web) -> str:
    """The first HTML of a page of the documentation, with this run's address and key."""
    found = re.search(r"^```html\n(.*?)^```", (ROOT / page).read_text(), re.MULTILINE | re.DOTALL)
    assert found is not None
    html = found[1].replace("http://127.0.0.1:8001", f"http://127.0.0.1:{web.wire.port}")
    assert html.count("WRITE_KEY") == 1
    return html.replace("WRITE_KEY", web.collector.keys["write_key"])


def test_ten_lines_to_a_tracked_form(page: Page, shop: Web) -> None:
    shop.site.more["/guide.html"] = example("docs/tracking.md", shop)
    page.goto(f"http://127.0.0.1:{shop.site.port}/guide.html?utm_source=newsletter&utm_medium=email")
    page.fill("[name=email]", "ann@example.com")
    page.click("button")
    page.wait_for_url("**/guide.html?email=*")
    events = shop.collector.until(3)
    assert brief(events) == ["page /guide.html", "form quote", "page /guide.html"]
    assert events[0]["page"]["utm"] == {"source": "newsletter", "medium": "email"}
    assert events[1]["email_key"] == linkable_email_key(shop.collector.workspace_key, "ann@example.com")
    one_sender(events)


def test_the_element_of_readme(page: Page, shop: Web) -> None:
    shop.site.more["/page.html"] = "<!doctype html><title>Any</title>" + example("README.md", shop)
    page.goto(
        f"http://127.0.0.1:{shop.site.port}/page.html?utm_source=google&utm_medium=cpc",
        referer="https://www.google.com/",
    )
    (view,) = shop.collector.until(1)
    assert view["page"]["utm"] == {"source": "google", "medium": "cpc"}
    assert view["page"]["referrer_host"] == "www.google.com"
