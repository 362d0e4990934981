"""How long a request may take to arrive, and how long its head may be: uvicorn bounds neither.

Without it a client that sends one header byte a minute keeps a connection for ever (slowloris), and one that sends headers
without end fills the memory.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 10.0
BODY_SECONDS = 120.0
HEAD_BYTES = 64 * 1024
_LOOK_SECONDS = 2.0


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's HTTP/1.1, with a look at each connection every two seconds."""

    body_seconds = BODY_SECONDS

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._begun: float | None = self.loop.time()  # a connection is given as long as a head
        self._in_head = True
        self._head_bytes = 0
        self._look = self.loop.call_later(_LOOK_SECONDS, self._look_at_it)

    def connection_lost(self, exc: Exception | None) -> None:
        self._look.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        began_in_head = self._in_head
        super().data_received(data)
        if began_in_head and self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES and not self.transport.is_closing():
                self.send_400_response("The request's head is too long.")

    def on_message_begin(self) -> None:
        self._begun, self._in_head, self._head_bytes = self.loop.time(), True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._begun = None
        super().on_message_complete()

    def _look_at_it(self, *_: Any) -> None:
        if self._begun is not None:
            waited = self.loop.time() - self._begun
            if waited > (HEAD_SECONDS if self._in_head else self.body_seconds):
                self.transport.close()
                return
        self._look = self.loop.call_later(_LOOK_SECONDS, self._look_at_it)


def bounded_by(body_seconds: float) -> type[BoundedProtocol]:
    """The protocol with another limit on the time from a request's first to its last byte."""
    return type("BoundedProtocol", (BoundedProtocol,), {"body_seconds": body_seconds})
