"""What the spool promises when processes are killed and disks are full, damaged or slow."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.eventlog.disk_full import disk_full_at
from tests.eventlog.failing_log import FailingLog, drained, spooled, until
from wanamaker_shared.eventlog.port import LogUnavailable, NewRecord
from wanamaker_shared.eventlog.spool import Kept, SpooledLog
from wanamaker_shared.eventlog.spool.spool import Spool

REPOSITORY = Path(__file__).parents[2]


def one(number: int, size: int = 0) -> list[NewRecord]:
    return [NewRecord("topic", "a", b"value-%d" % number + bytes(size))]


async def left_behind(directory: Path, records: int, log: FailingLog, size: int = 0) -> None:
    """A spool with so many records, each in a block of its own, whose process has ended."""
    log.down = True
    both = await spooled(directory, log)
    for number in range(records):
        await both.append(one(number, size))
    await both.close()
    log.down = False


def killed_while_spooling(directory: Path, kill_after: int) -> set[int]:
    """The numbers that a spooling process told before it died of `kill -9`, which comes after so many of them."""
    command = [sys.executable, "-m", "tests.eventlog.spooling", str(directory)]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        assert child.stdout is not None
        told = [child.stdout.readline() for _ in range(kill_after)]
        child.kill()
        return {int(line) for line in told + child.stdout.read().split(b"\n")[:-1]}


async def test_a_killed_collector_loses_nothing_and_its_successor_sends_it_on(tmp_path: Path) -> None:
    for kill_after in (1, 500):
        directory = tmp_path / str(kill_after)
        acknowledged = killed_while_spooling(directory, kill_after)
        assert len(acknowledged) >= kill_after
        log = FailingLog()
        both = await spooled(directory, log)
        await drained(both)
        assert acknowledged <= {int(value) for value in log.values}
        assert len(log.values) == len(set(log.values))
        await both.close()


async def test_a_torn_end_of_the_write_ahead_log_takes_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    acknowledged = killed_while_spooling(tmp_path, 100)
    with (tmp_path / "spool.db-wal").open("ab") as torn:
        torn.write(b"half a frame, from a write that the power cut" * 50)
    log = FailingLog()
    both = await spooled(tmp_path, log)
    await drained(both)
    assert acknowledged <= {int(value) for value in log.values}
    await both.close()


async def test_a_crash_between_sending_and_noting_it_sends_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = FailingLog()
    await left_behind(tmp_path, 5, log)
    sent = asyncio.Event()

    async def never(*_: object) -> None:
        sent.set()
        await asyncio.Event().wait()

    with monkeypatch.context() as crash:
        crash.setattr(Spool, "forget", never)
        first = await spooled(tmp_path, log, deadline=0.1)
        async with asyncio.timeout(10):
            await sent.wait()
        await first.close()

    second = await spooled(tmp_path, log)
    await drained(second)
    assert log.taken[:5] == log.taken[5:] == [record for number in range(5) for record in one(number)]
    await second.close()


async def test_what_was_sent_on_is_not_sent_again_after_a_restart(tmp_path: Path) -> None:
    log = FailingLog()
    for _ in range(3):
        await left_behind(tmp_path, 5, log)
        both = await spooled(tmp_path, log)
        await drained(both)
        await both.close()
    again = await spooled(tmp_path, log)
    await again.close()
    assert len(log.taken) == 15


async def test_the_file_goes_when_all_was_sent_on(tmp_path: Path) -> None:
    log = FailingLog()
    await left_behind(tmp_path, 30, log, size=100_000)
    assert (tmp_path / "spool.db").stat().st_size > 3_000_000
    both = await spooled(tmp_path, log)
    await drained(both)
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 200_000
    await both.close()


async def test_a_full_disk_is_said_and_keeps_what_was_acknowledged(tmp_path: Path) -> None:
    log = FailingLog()
    log.down = True
    both = await spooled(tmp_path, log)
    acknowledged = []
    with disk_full_at(400_000):
        for number in range(60):
            try:
                assert await both.append(one(number, 10_000)) is Kept.SPOOLED
                acknowledged.append(number)
            except LogUnavailable:
                continue
        assert 0 < len(acknowledged) < 60
        with pytest.raises(LogUnavailable, match=r"spool\.db"):
            await both.check()
        log.down = False
        await drained(both)  # which takes no room that is not there
        assert log.taken == [record for number in acknowledged for record in one(number, 10_000)]
        assert await both.append(one(60)) is None
    await both.close()


async def test_a_disk_that_hangs_is_said_within_the_deadline(tmp_path: Path) -> None:
    log = FailingLog()
    log.down = True
    spool = Spool(tmp_path, "collector-serve", limit=1 << 24, deadline=0.2, queue_bytes=1 << 24)
    both = SpooledLog(log, log, spool, topics=["topic"], deadline=1.0, longest_pause=0.01)
    await both.start()
    await both.append(one(0))
    other = sqlite3.connect(tmp_path / "spool.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")  # the writer thread now waits for the lock, as for a disk that hangs
    async with asyncio.timeout(10):
        answers = await asyncio.gather(*(both.append(one(1)) for _ in range(10)), return_exceptions=True)
    assert {type(answer) for answer in answers} == {LogUnavailable}
    other.execute("ROLLBACK")
    other.close()
    log.down = False
    await drained(both)
    await both.close()


@pytest.mark.parametrize("where", ["value", "length"])
async def test_a_damaged_record_is_put_aside_and_the_others_are_sent_on(tmp_path: Path, where: str) -> None:
    log = FailingLog()
    await left_behind(tmp_path, 5, log)
    path = tmp_path / "spool.db"
    sought = {"value": b"value-3", "length": b"\x07\x00\x00\x00topic\0avalue-3"}[where]
    content = path.read_bytes()
    assert content.count(sought) == 1
    path.write_bytes(content.replace(sought, bytes([sought[0] ^ 1]) + sought[1:]))

    both = await spooled(tmp_path, log)
    await drained(both)

    assert log.values == [b"value-0", b"value-1", b"value-2", b"value-4"]
    (aside,) = tmp_path.glob("damaged-*.block")
    assert b"alue-3" in aside.read_bytes()
    await both.close()


async def test_a_file_that_is_damaged_as_a_whole_is_put_aside_and_a_new_one_takes_events(tmp_path: Path) -> None:
    (tmp_path / "spool.db").write_bytes(b"not a database at all, " * 1000)
    log = FailingLog()
    log.down = True
    both = await spooled(tmp_path, log)
    assert await both.append(one(1)) is Kept.SPOOLED
    (aside,) = tmp_path.glob("damaged-*.spool.db")
    assert aside.read_bytes().startswith(b"not a database")
    await both.close()


async def test_a_spool_that_cannot_be_read_keeps_nothing_from_a_log_that_is_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = FailingLog()
    await left_behind(tmp_path, 3, log)

    async def unreadable(_: Spool) -> None:
        raise LogUnavailable("the spool cannot be read: disk I/O error")

    with monkeypatch.context() as broken:
        broken.setattr(Spool, "read", unreadable)
        both = await spooled(tmp_path, log, look_every=0.01)
        await until(lambda: both.outage is None)
        assert await both.append(one(3)) is None
        assert both.waiting["records"] == 3
    await drained(both)
    assert log.values == [b"value-3", b"value-0", b"value-1", b"value-2"]
    await both.close()


async def test_a_file_that_is_damaged_while_it_is_used_keeps_nothing_from_a_log_that_is_well(tmp_path: Path) -> None:
    log = FailingLog()
    log.down = True
    both = await spooled(tmp_path, log, look_every=0.01)
    await both.append(one(1))
    with disk_full_at(1), pytest.raises(LogUnavailable):  # so that it is opened anew
        await both.append(one(2))
    for path in tmp_path.glob("spool.db*"):
        path.unlink()
    (tmp_path / "spool.db").write_bytes(b"not a database at all, " * 1000)
    log.down = False
    await until(lambda: both.outage is None)
    assert await both.append(one(3)) is None
    assert log.values == [b"value-3"]
    await both.close()
    again = await spooled(tmp_path, log)
    assert list(tmp_path.glob("damaged-*.spool.db")), "for somebody to look at"
    await again.close()
