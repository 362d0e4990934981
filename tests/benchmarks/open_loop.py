"""A client that sends on schedule, whatever the answers: requests wait for nobody, as visitors do not.

Latencies count from the moment at which a request was due, not from when it could be written (no coordinated omission). The
connections are many and kept open; on one that still waits for an answer the next request is written behind it.
"""

from __future__ import annotations

import asyncio
import gc
import time
from array import array
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, cast

import uvloop

CONNECTIONS = 500
PATIENCE = 5.0
"""Seconds after the last request in which answers are waited for."""
LOST = 0
"""The status of a request that was not answered: in time, or before its connection ended."""

_TICK = 0.001
_HEAD_END, _LENGTH = b"\r\n\r\n", b"content-length: "


class Stretch(NamedTuple):
    """So many requests a second, for so many seconds."""

    rate: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """By request, in the order of the schedule. Times in seconds; `due` from the start, `late` is when it was written."""

    first: int
    """The number of the first request, by which its events are known (`browser.serial_of`)."""
    due: array[float]
    late: array[float]
    latency: array[float]
    status: array[int]


class Numbered(Protocol):
    """Requests by number: `browser.Traffic`, or others'."""

    def request(self, number: int) -> bytes: ...


def offer(port: int, traffic: Numbered, plan: Sequence[Stretch], first: int) -> Outcome:
    """Send what the plan says, requests numbered from `first`; end when all is settled, `PATIENCE` over or the server gone."""
    due = array("d", schedule(plan))
    times, status = bytes(8 * len(due)), bytes(2 * len(due))
    outcome = Outcome(first, due, array("d", times), array("d", times), array("H", status))
    gc.disable()  # its pauses would be taken for the server's
    try:
        uvloop.run(_Offer(port, traffic, outcome).run())
    finally:
        gc.enable()
    return outcome


def schedule(plan: Iterable[Stretch]) -> Iterator[float]:
    """When each request is due, in seconds from the start."""
    start = 0.0
    for rate, seconds in plan:
        for nth in range(round(rate * seconds)):
            yield start + nth / rate
        start += seconds


class _Offer:
    """One run of a plan."""

    def __init__(self, port: int, traffic: Numbered, outcome: Outcome) -> None:
        self._port = port
        self._traffic = traffic
        self._outcome = outcome
        self._lines: list[_Line] = []
        self._open = 0
        self._gone = False
        self._reconnecting: set[asyncio.Task[None]] = set()
        self._started = 0.0

    async def run(self) -> None:
        self._lines = [await self._connect(place) for place in range(CONNECTIONS)]
        self._started = time.perf_counter() + 0.05
        await self._send_all()
        until = time.perf_counter() + PATIENCE
        while self._open and not self._gone and time.perf_counter() < until:  # noqa: ASYNC110 - a look now and then is enough
            await asyncio.sleep(0.05)
        self._gone = True
        for line in self._lines:
            line.transport.abort()

    async def _send_all(self) -> None:
        due, late, first = self._outcome.due, self._outcome.late, self._outcome.first
        nth, number = 0, len(due)
        while nth < number and not self._gone:
            now = time.perf_counter() - self._started
            while nth < number and due[nth] <= now:
                late[nth] = time.perf_counter() - self._started - due[nth]
                self._lines[nth % CONNECTIONS].send(nth, self._traffic.request(first + nth))
                self._open += 1
                nth += 1
            await asyncio.sleep(_TICK)

    def settle(self, nth: int, status: int) -> None:
        self._open -= 1
        self._outcome.status[nth] = status
        self._outcome.latency[nth] = time.perf_counter() - self._started - self._outcome.due[nth]

    def lost(self, place: int) -> None:
        """A connection ended: open another in its place."""
        if not self._gone:
            task = asyncio.get_running_loop().create_task(self._reconnect(place))
            self._reconnecting.add(task)
            task.add_done_callback(self._reconnecting.discard)

    async def _reconnect(self, place: int) -> None:
        try:
            self._lines[place] = await self._connect(place)
        except OSError:
            self._gone = True  # nobody listens any more

    async def _connect(self, place: int) -> _Line:
        loop = asyncio.get_running_loop()
        _, line = await loop.create_connection(lambda: _Line(self, place), "127.0.0.1", self._port)
        return line


class _Line(asyncio.Protocol):
    """One connection, and the requests on it that wait for an answer, which come in their order."""

    transport: asyncio.Transport

    def __init__(self, offer: _Offer, place: int) -> None:
        self._offer = offer
        self._place = place
        self._waiting: deque[int] = deque()
        self._buffer = b""
        self._ended = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's own is no subclass

    def send(self, nth: int, request: bytes) -> None:
        self._waiting.append(nth)
        if self._ended:
            self._offer.settle(self._waiting.pop(), LOST)
        else:
            self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer + data if self._buffer else data
        while (head := buffer.find(_HEAD_END)) >= 0:
            length = buffer.index(_LENGTH, 0, head) + len(_LENGTH)
            end = head + len(_HEAD_END) + int(buffer[length : buffer.index(b"\r", length)])
            if len(buffer) < end:
                break
            self._offer.settle(self._waiting.popleft(), int(buffer[9:12]))
            buffer = buffer[end:]
        self._buffer = buffer

    def connection_lost(self, error: Exception | None) -> None:
        self._ended = True
        while self._waiting:
            self._offer.settle(self._waiting.popleft(), LOST)
        self._offer.lost(self._place)
