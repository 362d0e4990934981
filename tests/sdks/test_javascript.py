"""The JavaScript libraries of Segment and Snowplow: in Node, and in a page of a real browser."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Request, Response

from tests.parts import chromium
from tests.parts.missing import PartMissing, without

from .browsing import AGENT, COLLECT, QUERY, SHOP, browsing, shop
from .running import RunningCollector
from .test_python import PAGE, SECOND, key_of, told

pytestmark = pytest.mark.sdks

PATIENCE = 60.0


@dataclass(slots=True)
class Visit:
    """`open` are the requests with events that were not answered yet, `answers` the answers to the others, and `complaints` what
    the browser or the script found wrong.
    """

    page: Page
    collector: RunningCollector
    open: set[Request] = field(default_factory=set)
    answers: list[Response] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def answered(self, answer: Response) -> None:
        if answer.request in self.open:
            self.open.discard(answer.request)
            self.answers.append(answer)

    def until(self, events: int) -> None:
        """Wait until so many events arrived, and every request was answered 200."""
        deadline = time.monotonic() + PATIENCE
        while (len(self.collector.events()) < events or self.open) and time.monotonic() < deadline:
            self.page.wait_for_timeout(20)  # the browser's events are handled meanwhile
        assert self.open == set()
        assert {answer.status for answer in self.answers} == {200}


@contextmanager
def visiting(
    packages: Path, collector: RunningCollector, script: str, method: str = "post", *, scripts: bool = True
) -> Iterator[Visit]:
    """The shop's page in a browser, with the script in it; without `scripts` the browser runs none."""
    try:
        command = chromium.command()
    except PartMissing as missing:
        without("BROWSER", str(missing))
        raise
    with (
        shop(packages, script, collector.keys["write_key"], method) as port,
        browsing(command, {SHOP: port, COLLECT: collector.port}, scripts=scripts) as page,
    ):
        visit = Visit(page, collector)
        page.on("request", lambda asked: visit.open.add(asked) if _has_events(asked) else None)
        page.on("response", lambda answer: visit.answered(answer))
        page.on("pageerror", lambda error: visit.complaints.append(str(error)))
        page.on("console", lambda said: visit.complaints.append(said.text) if said.type == "error" else None)
        page.on("requestfailed", lambda request: visit.complaints.append(f"{request.url}: {request.failure}"))
        page.goto(f"http://{SHOP}/pricing?{QUERY}", referer="https://www.google.com/search")
        yield visit
        assert visit.complaints == []


def _has_events(asked: Request) -> bool:
    address = urlsplit(asked.url)
    return address.netloc == COLLECT and asked.method in ("POST", "GET") and not address.path.endswith("/settings")


def send_form(page: Page) -> None:
    page.fill("[name=email]", " Ann@Example.com")
    page.fill("[name=pin]", "pin-4711")
    page.fill("[name=secret]", "open sesame")
    page.click("button")


def test_segment_in_node(collector: RunningCollector, packages: Path) -> None:
    began = time.time_ns() // 1000
    program = ["node", "segment_node.mjs", collector.address, collector.keys["secret_key"]]
    ended = subprocess.run(program, cwd=packages, capture_output=True, text=True, check=False, timeout=60)
    assert (ended.returncode, ended.stderr) == (0, "")
    events, done = collector.events(), time.time_ns() // 1000
    assert collector.failed() == []
    name, user = "segment-node", "u-segment-node"
    assert told(events) == sorted(
        [
            ("page", None, name, None),
            ("form", "Form Submitted", name, None),
            ("identify", None, name, user),
            ("identify", None, f"u:{user}", user),
            ("track", "group", f"u:{user}", user),
        ],
        key=str,
    )
    by_type = {(each["type"], each["sender"]): each for each in events}
    assert by_type["page", name]["page"] == PAGE
    assert by_type["form", name]["email_key"] == key_of(collector, "ann@example.com")
    assert by_type["form", name]["form"] == "demo"
    assert by_type["identify", f"u:{user}"]["previous_user_id"] == f"old-{name}"
    for event in events:
        assert began - SECOND <= event["occurred_at"] <= done + SECOND
        assert event["event_id"].startswith("node-next-")
        assert (event["trust"], event["bot"]) == ("server", False)


@pytest.mark.parametrize("script", ["segment_page", "segment_batching"])
def test_segment_in_a_page(collector: RunningCollector, packages: Path, script: str) -> None:
    began = time.time_ns() // 1000
    with visiting(packages, collector, script) as visit:
        send_form(visit.page)
        visit.until(3)
        cookie = next(each["value"] for each in visit.page.context.cookies() if each["name"] == "ajs_anonymous_id")
    events = collector.events()
    assert collector.failed() == []
    assert [(kind, event, user) for kind, event, _, user in told(events)] == [
        ("form", "Form Submitted", None),
        ("identify", None, "u-segment-page"),
        ("page", None, None),
    ]
    by_type = {each["type"]: each for each in events}
    assert by_type["page"]["page"] == PAGE
    assert by_type["form"]["form"] == "demo"
    assert by_type["form"]["email_key"] == by_type["identify"]["email_key"] == key_of(collector, "ann@example.com")
    for event in events:
        assert event["sender"] == cookie
        assert began - SECOND <= event["occurred_at"] <= event["received_at"] + SECOND
        assert (event["trust"], event["bot"]) == ("browser", False)
        context = event["personal"]["v"]["context"]
        assert context["locale"] == "de-DE"
        assert context["userAgent"] == AGENT


@pytest.mark.parametrize("method", ["post", "get"])
def test_snowplow_in_a_page(collector: RunningCollector, packages: Path, method: str) -> None:
    began = time.time_ns() // 1000
    with visiting(packages, collector, "snowplow_page", method) as visit:
        send_form(visit.page)
        visit.until(10)
        cookies = {each["name"]: each["value"] for each in visit.page.context.cookies()}
        domain_user = next(value for name, value in cookies.items() if name.startswith("_sp_id")).partition(".")[0]
    events = collector.events()
    assert collector.failed() == []
    assert [(kind, event) for kind, event, _, _ in told(events)] == [
        ("form", "Form Submitted"),
        ("page", None),
        ("track", "add-to-basket"),
        ("track", "change_form"),
        ("track", "change_form"),
        ("track", "change_form"),
        ("track", "focus_form"),
        ("track", "focus_form"),
        ("track", "focus_form"),
        ("track", "price_seen"),
    ]
    by_name = {each.get("event") or each["type"]: each for each in events}
    assert by_name["page"]["page"] == PAGE
    form = by_name["Form Submitted"]
    assert (form["form"], form["email_key"]) == ("demo", key_of(collector, "ann@example.com"))
    assert form["personal"]["v"]["properties"]["fields"] == {"email": "Ann@Example.com"}
    assert by_name["add-to-basket"]["personal"]["v"]["properties"]["value"] == 1.5
    assert by_name["price_seen"]["personal"]["v"]["properties"] == {"plan": "pro ü"}
    for event in events:
        assert event["sender"] == domain_user
        assert event.get("user_id") == (
            None if event["type"] == "page" or event.get("event") == "add-to-basket" else "u-snowplow-page"
        )
        assert began - SECOND <= event["occurred_at"] <= event["received_at"] + SECOND
        assert (event["trust"], event["bot"]) == ("browser", False)
        assert not re.search("open sesame|pin-4711", str(event["personal"]["v"]))
        context = event["personal"]["v"]["context"]
        assert (context["locale"], context["userAgent"]) == ("de-DE", AGENT)


def test_the_pixel_in_a_page_without_scripts(collector: RunningCollector, packages: Path) -> None:
    with visiting(packages, collector, "snowplow_page", scripts=False) as visit:
        visit.until(1)
        assert [answer.headers["content-type"] for answer in visit.answers] == ["image/gif"]
    (seen,) = collector.events()
    assert (seen["type"], seen["event"], seen["sender"], seen["bot"]) == ("track", "Seen", "no-script", False)
    context = seen["personal"]["v"]["context"]
    assert context["page"] == {"url": f"http://{SHOP}/"}  # a browser tells another origin no more
    assert context["userAgent"] == AGENT
