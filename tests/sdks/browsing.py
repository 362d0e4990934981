"""A shop's page with somebody's SDK in it, in Debian's Chromium; the collector is a host of the same shop."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

SHOP = "shop.test"
COLLECT = "collect.shop.test"

QUERY = "utm_source=google&utm_medium=cpc&utm_campaign=brand&gclid=G1"

AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
"""A visitor's, since HeadlessChrome is on the list of robots."""

_PAGE = """<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>Pricing</title>
<form id="demo"><input name="email" type="email" autocomplete="off"><input name="pin" autocomplete="off">
<input name="secret" type="password" autocomplete="off"><button>Send</button></form>
<noscript><img src="http://{collect}/pixel.gif?k={key}&a=no-script&e=Seen" alt=""></noscript>
<script src="/{script}.js" data-address="http://{collect}" data-key="{key}" data-method="{method}"></script>
"""


def bundle(packages: Path, script: str) -> str:
    """The script with the packages it imports, as esbuild puts them into one file."""
    command = ["node_modules/.bin/esbuild", f"{script}.js", "--bundle", "--log-level=error"]
    return subprocess.run(command, cwd=packages, check=True, capture_output=True, text=True, timeout=60).stdout


@contextmanager
def shop(packages: Path, script: str, key: str, method: str = "post") -> Iterator[int]:
    """Serve the page and its script; the port."""
    page = _PAGE.format(script=script, collect=COLLECT, key=key, method=method)
    files = {
        "/pricing": ("text/html", page.encode()),
        f"/{script}.js": ("text/javascript", bundle(packages, script).encode()),
    }
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(files))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(files: Mapping[str, tuple[str, bytes]]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, content = files.get(self.path.partition("?")[0], ("text/plain", b""))
            self.send_response(200 if content else 404)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *arguments: Any) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def browsing(chromium: str, ports: Mapping[str, int], *, scripts: bool = True) -> Iterator[Page]:
    """A page of a browser for which each host is at that port of this machine, and no other host exists."""
    rules = ", ".join(f"MAP {host} 127.0.0.1:{port}" for host, port in ports.items())
    with sync_playwright() as playwright:
        browser: Browser = playwright.chromium.launch(
            executable_path=chromium,
            args=[
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                f"--host-resolver-rules={rules}, MAP * ~NOTFOUND",
            ],
        )
        try:
            yield browser.new_page(locale="de-DE", user_agent=AGENT, java_script_enabled=scripts)
        finally:
            browser.close()
