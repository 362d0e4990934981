"""How long a request may take to arrive, how long its head may be, and how many may wait: uvicorn bounds none of them.

Without it a client that sends one header byte a minute keeps a connection for ever (slowloris), one that sends headers
without end fills the memory, and everybody waits for whoever came before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from .admission import LET_IN, Admission
from .problems import MEDIA_TYPE, problem_body

HEAD_SECONDS = 10.0
BODY_SECONDS = 120.0
HEAD_BYTES = 64 * 1024
_LOOK_SECONDS = 2.0

_BUSY = problem_body(
    503, "Service Unavailable", "Nothing was taken: more requests come than can be. Send the same request again."
)
_REFUSAL = (
    f"HTTP/1.1 503 Service Unavailable\r\ncontent-type: {MEDIA_TYPE}\r\ncontent-length: {len(_BUSY)}\r\nretry-after: 1\r\n"
).encode()
_READABLE = b"access-control-allow-credentials: true\r\naccess-control-expose-headers: retry-after\r\nvary: Origin\r\n"


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's HTTP/1.1, with a look at each connection every two seconds, and at each request before it costs anything."""

    body_seconds = BODY_SECONDS
    admission: Admission | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._begun: float | None = self.loop.time()  # a connection is given as long as a head
        self._in_head = True
        self._unread = 0
        """Bytes that came since the parser last had something to hand on: a head's, or a trailer's behind a body."""
        self._refused = False
        self._running: RequestResponseCycle | None = None
        self._let_in: set[RequestResponseCycle] = set()
        """Those whose turn has not come."""
        self._to_refuse: set[RequestResponseCycle] = set()
        self._look = self.loop.call_later(_LOOK_SECONDS, self._look_at_it)

    def connection_lost(self, exc: Exception | None) -> None:
        self._look.cancel()
        if self._running is not None:
            # uvicorn marks the newest request, and another may be under way before it.
            self._running.disconnected = True
        if self.admission is not None:
            self.admission.left(len(self._let_in))
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._begun is None and (self.cycle is None or self.cycle.response_complete):
            # uvicorn waits no more for the next request, also where this is none: an empty line, or bytes after an upgrade.
            self._begun, self._in_head = self.loop.time(), True
        self._unread += len(data)
        super().data_received(data)
        if self._unread > HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response("The request's head is too long.")

    def on_message_begin(self) -> None:
        self._begun, self._in_head, self._refused = self.loop.time(), True, False
        self._unset_keepalive_if_required()  # uvicorn does so once for all that comes in one piece
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head, self._unread = False, 0
        admission = self.admission
        if admission is None or not admission.watches(self.url):
            super().on_headers_complete()
        elif not admission.is_full():
            super().on_headers_complete()  # raises for a target that is no URL: nobody would ever get to that one
            admission.came()
            self.scope[LET_IN] = True  # type: ignore[literal-required]
            if self.cycle is not self._running:  # its turn comes later
                self._let_in.add(self.cycle)
        elif self.cycle is None or self.cycle.response_complete:
            self._refused = True
            self._refuse(self.headers)
        else:  # answers stand in the order of their requests
            super().on_headers_complete()
            self._to_refuse.add(self.cycle)

    def on_body(self, body: bytes) -> None:
        self._unread = 0
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        self._begun, self._unread = None, 0
        if not self._refused:
            super().on_message_complete()
        elif self.parser.should_keep_alive():
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )
        else:
            self.transport.close()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        if cycle in self._to_refuse:
            self._to_refuse.discard(cycle)
            self._refuse(cycle.scope["headers"])
            cycle.response_started = cycle.response_complete = True
            if not cycle.keep_alive:
                self.transport.close()
            self.on_response_complete()
        else:
            self._let_in.discard(cycle)
            self._running = cycle
            super()._start_asgi_task(cycle, app)

    def _refuse(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        website = next((value for name, value in headers if name == b"origin"), None)
        readable = b"" if website is None else b"access-control-allow-origin: " + website + b"\r\n" + _READABLE
        self.transport.write(_REFUSAL + readable + b"\r\n" + _BUSY)

    def _look_at_it(self, *_: Any) -> None:
        if self._begun is not None:
            waited = self.loop.time() - self._begun
            if waited > (HEAD_SECONDS if self._in_head else self.body_seconds):
                self.transport.close()
                return
        self._look = self.loop.call_later(_LOOK_SECONDS, self._look_at_it)


def bounded_by(body_seconds: float, admission: Admission | None = None) -> type[BoundedProtocol]:
    """The protocol with another limit on the time from a request's first to its last byte, and on how many may wait."""
    return type("BoundedProtocol", (BoundedProtocol,), {"body_seconds": body_seconds, "admission": admission})
