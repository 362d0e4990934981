"""A request that arrives too slowly, or with too long a head, is cut off; one that takes its time to be answered is not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from uvicorn.config import Config
from uvicorn.server import ServerState

from wanamaker_shared.service.receiving import BODY_SECONDS, HEAD_BYTES, HEAD_SECONDS, BoundedProtocol


class Later:
    def __init__(self) -> None:
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class Clock:
    """An event loop's clock, moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0
        self._due: list[tuple[float, Callable[..., Any], Later]] = []
        self.tasks: list[Any] = []

    def time(self) -> float:
        return self.now

    def call_later(self, seconds: float, callback: Callable[..., Any], *_: Any) -> Later:
        self._due.append((self.now + seconds, callback, later := Later()))
        return later

    def create_task(self, coroutine: Any, **_: Any) -> asyncio.Future[None]:
        coroutine.close()
        self.tasks.append(coroutine)
        return asyncio.get_event_loop().create_future()

    def advance(self, seconds: float) -> None:
        end = self.now + seconds
        while due := [entry for entry in self._due if entry[0] <= end and not entry[2].cancelled]:
            entry = min(due, key=lambda entry: entry[0])
            self._due.remove(entry)
            self.now = entry[0]
            entry[1]()
        self.now = end


class Wire(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return default


async def _app(scope: Any, receive: Any, send: Any) -> None: ...


def protocol_on(kind: type[BoundedProtocol]) -> tuple[BoundedProtocol, Clock, Wire]:
    """A connection that was just made."""
    clock, wire = Clock(), Wire()
    config = Config(app=_app, http=kind, log_config=None)
    config.load()
    protocol = kind(config=config, server_state=ServerState(), app_state={}, _loop=clock)  # type: ignore[arg-type]
    protocol.connection_made(wire)
    return protocol, clock, wire


@pytest.fixture
async def connection() -> tuple[BoundedProtocol, Clock, Wire]:
    return protocol_on(BoundedProtocol)


Connection = tuple[BoundedProtocol, Clock, Wire]


async def test_a_head_that_drips_is_cut_off(connection: Connection) -> None:
    protocol, clock, wire = connection
    protocol.data_received(b"GET / HTTP/1.1\r\n")
    for _ in range(int(HEAD_SECONDS) + 6):
        if not wire.closed:
            protocol.data_received(b"X-Slow: 1\r\n")
        clock.advance(1)
    assert wire.closed


async def test_a_connection_that_says_nothing_is_cut_off(connection: Connection) -> None:
    _, clock, wire = connection
    clock.advance(HEAD_SECONDS + 6)
    assert wire.closed


async def test_a_body_is_given_longer_but_not_for_ever(connection: Connection) -> None:
    protocol, clock, wire = connection
    protocol.data_received(b"POST / HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n")
    clock.advance(BODY_SECONDS - 1)
    assert not wire.closed
    clock.advance(10)
    assert wire.closed


async def test_a_slow_answer_is_waited_for(connection: Connection) -> None:
    protocol, clock, wire = connection
    protocol.data_received(b"GET / HTTP/1.1\r\n\r\n")
    assert len(clock.tasks) == 1
    clock.advance(3600)
    assert not wire.closed


async def test_a_head_without_end_is_refused(connection: Connection) -> None:
    protocol, _, wire = connection
    protocol.data_received(b"GET / HTTP/1.1\r\nX-Long: ")
    for _ in range(HEAD_BYTES // 4096 + 2):
        if not wire.closed:
            protocol.data_received(b"x" * 4096)
    assert wire.closed
    assert wire.written.startswith(b"HTTP/1.1 400 ")


async def test_a_long_body_is_no_long_head(connection: Connection) -> None:
    protocol, _, wire = connection
    protocol.data_received(b"POST / HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n")
    for _ in range(10):
        protocol.data_received(b"x" * 100_000)
    assert not wire.closed
    assert wire.written == b""


async def test_trailers_without_end_are_refused(connection: Connection) -> None:
    """They stand behind the body, and would be kept as headers."""
    protocol, _, wire = connection
    protocol.data_received(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n")
    for _ in range(HEAD_BYTES // 4096 + 2):
        if not wire.closed:
            protocol.data_received(b"X-Long: " + b"x" * 4096 + b"\r\n")
    assert wire.closed


async def test_many_requests_at_once_are_no_long_head(connection: Connection) -> None:
    protocol, _, wire = connection
    get = b"GET / HTTP/1.1\r\n\r\n"
    for _ in range(3):  # each piece begins and ends within a head
        protocol.data_received(b"T / HTTP/1.1\r\n\r\n" * bool(protocol.cycle) + get * 4000 + b"GE")
    assert wire.written == b""


@pytest.mark.parametrize("nothing", [b"\r\n", b"\r\n" * 1000], ids=["one", "many"])
async def test_empty_lines_after_an_answer_keep_no_connection(connection: Connection, nothing: bytes) -> None:
    protocol, clock, wire = connection
    protocol.data_received(b"GET / HTTP/1.1\r\n\r\n")
    answered(protocol)
    for _ in range(int(HEAD_SECONDS) + 6):
        if not wire.closed:
            protocol.data_received(nothing)
        clock.advance(1)
    assert wire.closed


async def test_an_empty_line_behind_a_request_does_not_cut_its_answer_off(connection: Connection) -> None:
    protocol, clock, wire = connection
    protocol.data_received(b"GET / HTTP/1.1\r\n\r\n")
    protocol.data_received(b"\r\n")
    clock.advance(3600)
    assert not wire.closed
    answered(protocol)
    clock.advance(60)
    assert wire.closed


def answered(protocol: BoundedProtocol) -> None:
    protocol.cycle.response_complete = True
    protocol.on_response_complete()
