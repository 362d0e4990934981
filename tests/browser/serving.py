"""Small web servers in threads: the demo websites, and a wire to the collector that can be slow or cut."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

SITE = Path(__file__).parent / "site"
_TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css", ".svg": "image/svg+xml"}
_OF_ONE_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"}


@dataclass(slots=True)
class Site:
    """The files of site/, under every host name. `tracker` stands in their head where they say so, with the host for HOST.

    `more`: further pages, path → HTML.
    """

    port: int = 0
    tracker: str = ""
    more: dict[str, str] = field(default_factory=dict)

    def page(self, path: str, host: str) -> tuple[int, str, bytes]:
        """Status, type and content; the single-page app answers for every path below /app. PORT is the port."""
        file = SITE / ("app.html" if path.startswith("/app") else path.lstrip("/") or "index.html")
        if path in self.more:
            text = self.more[path]
        elif file.is_file():
            text = file.read_text()
        else:
            return 404, "text/plain", b"no such page"
        text = text.replace("<!-- tracker -->", self.tracker).replace("HOST", host).replace("PORT", str(self.port))
        return 200, _TYPES[file.suffix or ".html"], text.encode()


@dataclass(slots=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: Any
    """JSON, if it is."""
    at: float = field(default_factory=time.monotonic)

    @property
    def events(self) -> list[dict[str, Any]]:
        """Those of a batch."""
        return self.body["batch"]  # type: ignore[no-any-return]


@dataclass(slots=True)
class Wire:
    """Hands requests on to the collector, and writes them down when they are complete.

    `answers`: (status, headers) to give to a POST instead of asking the collector, each once.
    """

    collector: int
    port: int = 0
    requests: list[Request] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    _open: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._open.set()

    def hold(self) -> None:
        """Take requests and hand them on, but let no answer through; the tracker itself excepted."""
        self._open.clear()

    def release(self) -> None:
        self._open.set()

    def batches(self) -> list[Request]:
        return [request for request in list(self.requests) if request.path.endswith(("/batch", "/b"))]

    def forward(self, request: Request, raw: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        """What the collector answers, when the wire lets it through."""
        self.requests.append(request)
        if self.answers and request.method == "POST":
            status, headers = self.answers.pop(0)
            website = request.headers.get("origin", "*")
            cors = {
                "access-control-allow-origin": website,
                "access-control-allow-credentials": "true",
                "access-control-expose-headers": "retry-after",
            }
            return status, [*cors.items(), *headers.items()], b""
        address = f"http://127.0.0.1:{self.collector}{request.path}"
        answer = httpx.request(request.method, address, headers=request.headers, content=raw, trust_env=False)
        if request.path != "/t.js":
            self._open.wait(60)
        kept = [(name, value) for name, value in answer.headers.multi_items() if name not in _OF_ONE_CONNECTION]
        return answer.status_code, [pair for pair in kept if pair[0] != "content-encoding"], answer.content


@contextmanager
def serving_site() -> Iterator[Site]:
    site = Site()

    class Handler(_Quiet):
        def do_GET(self) -> None:
            host = self.headers["host"].partition(":")[0]
            status, media_type, content = site.page(self.path.partition("?")[0], host)
            self.answer(status, [("content-type", media_type), ("cache-control", "no-store")], content)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            _, question, query = self.path.partition("?")
            self.answer(303, [("location", f"/thanks.html{question}{query}")], b"")

    with _serving(Handler) as site.port:
        yield site


@contextmanager
def serving_wire(collector: int) -> Iterator[Wire]:
    wire = Wire(collector)

    class Handler(_Quiet):
        def do_GET(self) -> None:
            raw = self.rfile.read(int(self.headers.get("content-length", 0)))
            try:
                body = json.loads(raw)
            except ValueError:
                body = None
            headers = {name.lower(): value for name, value in self.headers.items()}
            self.answer(*wire.forward(Request(self.command, self.path, headers, body), raw))

        do_POST = do_OPTIONS = do_GET

    with _serving(Handler) as wire.port:
        yield wire
        wire.release()


class _Quiet(BaseHTTPRequestHandler):
    def answer(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
        try:
            self.send_response(status)
            for name, value in [*headers, ("content-length", str(len(content)))]:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)
        except OSError:
            pass  # the browser went away meanwhile, as browsers do

    def log_message(self, *_: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """A connection that the browser cut is no news."""


@contextmanager
def _serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[int]:
    server = _Server(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
