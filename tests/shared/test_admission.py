"""So much work may wait, and no more; a refusal costs no task, keeps the connection, and can be read by a page's script."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from wanamaker_shared.service.admission import Admission
from wanamaker_shared.service.receiving import BoundedProtocol, bounded_by

from .test_receiving import Clock, Wire, protocol_on

PATHS = ["/v1/page"]
POST = b"POST /v1/page HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"
Connection = tuple[BoundedProtocol, Clock, Wire]


class Work:
    """A CPU clock: each begun request costs what it is told."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def full(seconds: float = 0.01) -> Admission:
    """One that has let in all it may: a hundred at a tenth of a millisecond each, a guess until something is measured."""
    admission = Admission(PATHS, seconds=seconds, clock=Work())
    while not admission.is_full():
        admission.came()
    return admission


async def test_what_waits_is_bounded_and_what_has_begun_does_not_wait() -> None:
    admission = full()
    assert admission.is_full()
    admission.begin()
    assert not admission.is_full()
    assert not admission.watches(b"/livez")
    for url in (b"/v1/page?x=1", b"/v1/p%61ge", b"http://x/v1/page"):
        assert admission.watches(url)


async def test_what_a_request_costs_is_measured() -> None:
    work = Work()
    admission = Admission(PATHS, seconds=0.01, clock=work)
    for _ in range(60):
        admission.came()
        admission.begin()
        work.now += 0.005
        await asyncio.sleep(0)
    admission.came()
    admission.came()
    assert not admission.is_full()
    admission.came()
    assert admission.is_full()


@pytest.fixture
async def busy() -> Connection:
    return protocol_on(bounded_by(10.0, full()))


async def test_a_refused_request_costs_no_task_and_the_next_one_is_served(busy: Connection) -> None:
    protocol, clock, wire = busy
    for _ in range(2):
        protocol.data_received(POST)
    assert wire.written.count(b"HTTP/1.1 503 ") == 2
    assert b"retry-after: 1\r\n" in wire.written
    assert (clock.tasks, wire.closed) == ([], False)
    assert protocol.admission is not None
    protocol.admission.begin()
    protocol.data_received(POST)
    assert len(clock.tasks) == 1


async def test_who_goes_on_asking_is_not_hung_up_on(busy: Connection) -> None:
    protocol, clock, wire = busy
    protocol.data_received(POST + POST)
    clock.advance(4.0)
    protocol.data_received(POST)
    clock.advance(4.0)
    assert not wire.closed
    clock.advance(2.0)
    assert wire.closed


async def test_a_body_that_comes_later_is_passed_over(busy: Connection) -> None:
    protocol, clock, wire = busy
    head, _, _ = POST.partition(b"{}")
    protocol.data_received(head)
    assert wire.written.startswith(b"HTTP/1.1 503 ")
    protocol.data_received(b"{}")
    protocol.data_received(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
    assert len(clock.tasks) == 1


async def test_a_page_may_read_the_refusal(busy: Connection) -> None:
    protocol, _, wire = busy
    protocol.data_received(POST.replace(b"Host: x", b"Host: x\r\nOrigin: https://shop.test"))
    assert b"access-control-allow-origin: https://shop.test\r\n" in wire.written
    assert b"access-control-expose-headers: retry-after\r\n" in wire.written
    head, _, body = wire.written.partition(b"\r\n\r\n")
    assert f"content-length: {len(body)}".encode() in head


async def test_a_connection_that_was_to_close_closes(busy: Connection) -> None:
    protocol, _, wire = busy
    protocol.data_received(POST.replace(b"Host: x", b"Host: x\r\nConnection: close"))
    assert wire.written.startswith(b"HTTP/1.1 503 ")
    assert wire.closed


async def test_other_paths_are_served_and_not_counted(busy: Connection) -> None:
    protocol, clock, wire = busy
    protocol.data_received(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (len(clock.tasks), wire.written) == (1, b"")
    assert protocol.admission is not None
    protocol.admission.begin()
    assert not protocol.admission.is_full()


async def test_an_idle_connection_is_closed_in_time(busy: Connection) -> None:
    protocol, clock, wire = busy
    protocol.data_received(POST)
    clock.advance(60)
    assert wire.closed


async def test_a_request_behind_another_is_refused_in_its_turn() -> None:
    """Answers stand in the order of their requests, so nothing is answered before what came before it."""
    admission = Admission(PATHS, seconds=0.00005, clock=Work())
    protocol, clock, wire = protocol_on(bounded_by(10.0, admission))
    protocol.data_received(POST + POST + POST)
    assert (len(clock.tasks), wire.written) == (1, b"")
    answered = protocol._running
    assert answered is not None
    answered.response_complete = True
    protocol.on_response_complete()
    assert wire.written.count(b"HTTP/1.1 503 ") == 2
    assert not wire.closed
    admission.begin()
    protocol.data_received(POST)
    assert len(clock.tasks) == 2


async def test_who_hangs_up_waits_no_more() -> None:
    admission = Admission(PATHS, seconds=0.00015, clock=Work())
    protocol, _, _ = protocol_on(bounded_by(10.0, admission))
    protocol.data_received(POST + POST + POST)  # the first begins, the second waits, the third is refused
    assert admission.is_full()
    protocol.connection_lost(None)
    admission.begin()  # a task that was made begins all the same
    assert admission._waiting == 0


@pytest.mark.parametrize("target", [b"http://x", b"http://x:1:2/", b"/%\xff", b"*"])
async def test_a_request_that_nobody_gets_to_does_not_wait_for_ever(target: bytes) -> None:
    admission = Admission(PATHS, clock=Work())
    protocol, clock, _ = protocol_on(bounded_by(10.0, admission))
    protocol.data_received(POST.replace(b"/v1/page", target))
    protocol.connection_lost(None)
    assert admission._waiting == len(clock.tasks)


async def test_who_hangs_up_with_several_requests_under_way_is_marked_for_all(busy: Connection) -> None:
    protocol, _, _ = busy
    protocol.admission = None
    protocol.data_received(POST + POST)
    first: Any = protocol._running
    assert first is not protocol.cycle
    protocol.connection_lost(None)
    assert first.disconnected


async def test_the_later_the_loop_is_the_less_is_let_in_and_a_quiet_one_forgets() -> None:
    admission = Admission(PATHS, seconds=0.01, clock=Work())
    loop = asyncio.get_running_loop()

    def room() -> int:
        """How many may wait now."""
        came = 0
        while not admission.is_full():
            admission.came()
            came += 1
        admission.left(came)
        return came

    in_time = room()
    admission.came()
    admission.begin()
    admission._beat(loop, time.monotonic() - 0.05)
    late = room()
    admission.came()
    admission.begin()
    admission._beat(loop, time.monotonic() - 1.0)
    assert in_time > late > room() > 0
    admission._beat(loop, time.monotonic())  # nobody asked since the last one
    assert room() == in_time
