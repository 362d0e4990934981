"""One Chromium, one collector and one wire between them for a test file; each test has a browser context of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.parts.chromium import command as chromium_command
from tests.parts.missing import PartMissing, without

from .running import RunningCollector, running_collector
from .serving import Site, Wire, serving_site, serving_wire

USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
"""Chromium's own says that it is headless, which makes it a robot. One set by playwright is not that of all requests."""

HOSTS = ("shop.test", "t.shop.test", "blog.test", "t.blog.test")


@dataclass(slots=True)
class Web:
    """Websites at `http://<host>:<port>`, whose tracker comes from `t.<host>`, which is the wire to the collector."""

    site: Site
    wire: Wire
    collector: RunningCollector

    def address(self, path: str = "/", host: str = "shop.test") -> str:
        return f"http://{host}:{self.site.port}{path}"

    def put_tracker(self, attributes: str = "", *, before: str = "") -> None:
        """The script element of the guide, on all pages; `before`: another one in front of it."""
        source = f"http://t.HOST:{self.wire.port}/t.js"
        key = self.collector.keys["write_key"]
        self.site.tracker = f'{before}<script async src="{source}" data-key="{key}" {attributes}></script>'


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    with (
        running_collector(tmp_path_factory.mktemp("collector")) as collector,
        serving_wire(collector.port) as wire,
        serving_site() as site,
    ):
        yield Web(site, wire, collector)


@pytest.fixture(scope="module")
def chromium(web: Web) -> Iterator[Browser]:
    try:
        command = chromium_command()
    except PartMissing as missing:
        without("BROWSER", str(missing))
    secure = ",".join(f"http://{host}:{port}" for host in HOSTS for port in (web.site.port, web.wire.port))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=command,
            args=[
                "--disable-gpu",
                f"--user-agent={USER_AGENT}",
                "--no-sandbox",
                "--host-resolver-rules=MAP *.test 127.0.0.1",
                f"--unsafely-treat-insecure-origin-as-secure={secure}",
            ],
        )
        yield browser
        browser.close()


@pytest.fixture
def shop(web: Web) -> Web:
    """The websites with the tracker as the guide has it, and an empty log."""
    web.wire.release()
    web.wire.answers.clear()
    web.wire.requests.clear()
    web.site.more.clear()
    web.collector.empty()
    web.put_tracker()
    return web


@pytest.fixture
def context(chromium: Browser, shop: Web) -> Iterator[BrowserContext]:
    context = chromium.new_context(locale="en-GB")
    context.set_default_timeout(20_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()
