"""What the spool promises while the log behind fails: everything is kept, in order, and the log gets it when it is back."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from tests.eventlog.failing_log import FailingLog, drained, spooled, until
from wanamaker_shared.eventlog.port import LogUnavailable, NewRecord
from wanamaker_shared.eventlog.spool import Kept
from wanamaker_shared.eventlog.spool.file import BATCH_RECORDS


def numbered(start: int, end: int) -> list[NewRecord]:
    return [NewRecord(f"topic-{number % 2}", f"key {number}\0é", b"%d" % number) for number in range(start, end)]


async def test_a_log_that_acknowledges_gets_everything_and_the_spool_nothing(tmp_path: Path) -> None:
    log = FailingLog()
    both = await spooled(tmp_path, log)
    assert [await both.append([record]) for record in numbered(0, 10)] == [None] * 10
    assert log.taken == numbered(0, 10)
    assert (both.outage, both.waiting) == (None, {"records": 0, "bytes": 0})
    await both.close()
    assert log.closed


async def test_what_is_not_acknowledged_is_spooled_and_sent_on_as_it_was_and_in_order(tmp_path: Path) -> None:
    log = FailingLog()
    both = await spooled(tmp_path, log)
    log.down = True
    for record in numbered(0, 50):
        assert await both.append([record]) is Kept.SPOOLED
    assert await both.append(numbered(50, 100)) is Kept.SPOOLED
    assert both.outage == "the log is down"
    assert both.waiting["records"] == 100

    log.down = False
    await drained(both)

    assert log.taken == numbered(0, 100)
    assert await both.append(numbered(100, 101)) is None
    assert both.waiting == {"records": 0, "bytes": 0}
    await both.close()


async def test_nobody_waits_for_a_log_that_is_known_to_be_gone(tmp_path: Path) -> None:
    log = FailingLog()
    both = await spooled(tmp_path, log, deadline=0.2)
    log.going_on.clear()
    log.down = True
    await both.append(numbered(0, 1))
    log.down = False  # it only hangs: whoever asks it now, waits
    await until(lambda: log.asked > 1)  # the drainer does
    asked = log.asked

    async with asyncio.timeout(5):
        for record in numbered(1, 20):
            assert await both.append([record]) is Kept.SPOOLED

    assert log.asked == asked, "the drainer alone asks"
    log.going_on.set()
    await drained(both)
    assert log.taken == numbered(0, 20)
    await both.close()


async def test_order_is_kept_through_outages_under_load(tmp_path: Path) -> None:
    """Each sender sends its next record when the one before was answered; so the log has them in that order."""
    log = FailingLog()
    both = await spooled(tmp_path, log)
    answers: set[Kept | None] = set()
    over = False

    async def send(sender: int) -> int:
        number = 0
        while not over:
            answers.add(await both.append([NewRecord("topic", f"{sender}", b"%d" % number)]))
            number += 1
            await asyncio.sleep(0)
        return number

    senders = [asyncio.create_task(send(sender)) for sender in range(20)]
    for _ in range(10):
        log.down = True
        await until(lambda: both.waiting["records"] > 100)
        log.down = False
        await until(lambda: both.outage is None)
    over = True
    sent = await asyncio.gather(*senders)
    await drained(both)

    for sender, count in enumerate(sent):
        mine = [int(record.value) for record in log.taken if record.key == f"{sender}"]
        assert mine == list(range(count))
    assert answers == {None, Kept.SPOOLED}
    await both.close()


async def test_more_than_one_batch_is_sent_on_and_its_room_comes_back_bit_by_bit(tmp_path: Path) -> None:
    log = FailingLog()
    log.down = True
    both = await spooled(tmp_path, log, limit=4 << 20)
    records = [NewRecord("topic", "a", b"%05d" % number + bytes(1000)) for number in range(3 * BATCH_RECORDS)]
    taken = 0

    async def fill() -> None:
        nonlocal taken
        while taken < len(records):
            await both.append(records[taken : taken + 100])
            taken += 100

    with pytest.raises(LogUnavailable, match=r"spool .* is full: it holds \d+ bytes of the 4194304 it may hold"):
        await fill()
    assert 3_900 <= taken <= 4_200
    with pytest.raises(LogUnavailable, match="is full"):
        await both.check()
    held = both.waiting["bytes"]

    gate = asyncio.Semaphore(0)

    async def one_at_a_time() -> None:
        await gate.acquire()

    log._answer = one_at_a_time  # type: ignore[method-assign]
    gate.release()
    await until(lambda: both.waiting["bytes"] < held)
    assert 0 < both.waiting["records"] < taken
    await both.check()
    assert await both.append(records[taken : taken + 100]) is Kept.SPOOLED
    for _ in range(20):
        gate.release()
    await drained(both)
    assert log.taken == records[: taken + 100]
    await both.close()


async def test_a_lost_acknowledgement_sends_again_and_loses_nothing(tmp_path: Path) -> None:
    log = FailingLog()
    both = await spooled(tmp_path, log)
    log.ambiguous = True
    assert await both.append(numbered(0, 5)) is Kept.SPOOLED
    await until(lambda: len(log.taken) >= 15)
    log.ambiguous = False
    await drained(both)
    assert set(log.values) == {b"%d" % number for number in range(5)}
    assert log.taken[:5] == log.taken[5:10] == numbered(0, 5)
    await both.close()


async def test_the_last_of_the_spool_holds_new_records_up_no_longer_than_the_deadline(tmp_path: Path) -> None:
    log = FailingLog()
    both = await spooled(tmp_path, log, deadline=0.3)
    log.down = True
    await both.append(numbered(0, 1))
    began = time.monotonic()
    waiting = asyncio.Event()
    answers = 0

    async def takes_one_then_hangs() -> None:
        nonlocal answers
        answers += 1
        if answers > 1:
            waiting.set()
            await log.going_on.wait()

    log.going_on.clear()
    log._answer = takes_one_then_hangs  # type: ignore[method-assign]
    async with asyncio.timeout(20):
        number = 1
        while not waiting.is_set():
            await both.append(numbered(number, number + 1))
            number += 1
        assert await both.append(numbered(number, number + 1)) is Kept.SPOOLED
    assert time.monotonic() - began < 10
    log.going_on.set()
    await drained(both)
    assert set(log.values) == {b"%d" % each for each in range(number + 1)}
    await both.close()


async def test_a_log_that_is_gone_at_the_start_costs_the_deadline_at_most(tmp_path: Path) -> None:
    for down in (True, False):
        log = FailingLog()
        log.down = down
        log.going_on.clear()
        began = time.monotonic()
        both = await spooled(tmp_path / str(down), log, deadline=0.2)
        assert time.monotonic() - began < 3
        assert both.outage == ("the log is down" if down else "the log was not asked yet")
        assert await both.append(numbered(0, 3)) is Kept.SPOOLED
        log.down = False
        log.going_on.set()
        await drained(both)
        assert log.taken == numbered(0, 3)
        await both.close()


async def test_an_outage_is_noticed_and_its_end_too_while_nothing_is_sent(tmp_path: Path) -> None:
    log = FailingLog()
    both = await spooled(tmp_path, log, look_every=0.01)
    log.down = True
    await until(lambda: both.outage is not None)
    log.down = False
    await until(lambda: both.outage is None)
    assert log.asked == 0
    await both.close()


async def test_closing_leaves_the_rest_in_the_spool_and_the_next_start_sends_it_on(tmp_path: Path) -> None:
    log = FailingLog()
    log.down = True
    first = await spooled(tmp_path, log)
    await first.append(numbered(0, 7))
    await first.close()
    with pytest.raises(LogUnavailable, match="closed"):
        await first.append(numbered(7, 8))
    log.down = False

    second = await spooled(tmp_path, log)
    await drained(second)
    assert log.taken == numbered(0, 7)
    await second.append(numbered(7, 8))
    await second.close()
    assert log.taken == numbered(0, 8)


async def test_a_second_collector_is_told_to_take_a_spool_of_its_own(tmp_path: Path) -> None:
    first = await spooled(tmp_path, FailingLog())
    with pytest.raises(LogUnavailable, match=r"spool\.db is written by collector-serve \(pid \d+\) .*WANAMAKER_SPOOL"):
        await spooled(tmp_path, FailingLog())
    await first.close()
    await (await spooled(tmp_path, FailingLog())).close()
