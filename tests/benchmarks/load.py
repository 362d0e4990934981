"""A small HTTP client that keeps some connections busy, for benchmarks: whole requests go out, statuses are counted."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import cast

_OK = b"HTTP/1.1 200"
_BUSY = b"HTTP/1.1 503"
_PAUSE = 0.05
"""Seconds until who was refused for the moment sends the next request."""
_HEAD_END = b"\r\n\r\n"


async def load(port: int, supply: Iterator[bytes], *, connections: int, seconds: float) -> tuple[int, float]:
    """Requests answered with 200, and the seconds that took. Raises RuntimeError at an answer that is neither that nor 503."""
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    clients = [
        (await loop.create_connection(lambda: _Client(supply, started + seconds), "127.0.0.1", port))[1]
        for _ in range(connections)
    ]
    await asyncio.gather(*(client.done for client in clients))
    return sum(client.answered for client in clients), time.perf_counter() - started


class _Client(asyncio.Protocol):
    """One connection, one request under way."""

    def __init__(self, supply: Iterator[bytes], until: float) -> None:
        self.answered = 0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._supply = supply
        self._until = until
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own is no subclass
        self._transport.write(next(self._supply))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not _complete(self._buffer):
            return
        if self._buffer.startswith(_BUSY):
            self._buffer = b""
            asyncio.get_running_loop().call_later(_PAUSE, self._next)
            return
        if not self._buffer.startswith(_OK):
            self._end(RuntimeError(f"the server answered {self._buffer[:300]!r}"))
            return
        self._buffer = b""
        self.answered += 1
        self._next()

    def _next(self) -> None:
        if time.perf_counter() < self._until:
            self._transport.write(next(self._supply))
        else:
            self._end(None)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or RuntimeError("the server hung up"))

    def _end(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error) if error else self.done.set_result(None)
        self._transport.close()


def _complete(answer: bytes) -> bool:
    head = answer.find(_HEAD_END)
    if head < 0:
        return False
    place = answer.lower().find(b"content-length:", 0, head)
    length = int(answer[place + 15 : answer.find(b"\r", place)])
    return len(answer) >= head + len(_HEAD_END) + length
