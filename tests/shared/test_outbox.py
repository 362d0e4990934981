"""What a projection emits reaches the log whatever dies, in order, and processes leave each other's rows alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TypeVar

import pytest
from sqlalchemy import Connection, func, select, update

from wanamaker_shared.eventlog.embedded import EmbeddedLog
from wanamaker_shared.eventlog.outbox import newest_row, relay
from wanamaker_shared.eventlog.port import LogUnavailable, NewRecord, TopicPartition
from wanamaker_shared.eventlog.relay import run_relay
from wanamaker_shared.eventlog.runner import Hooks, prepare_tables, step
from wanamaker_shared.service.database import Database

from .tally import Tally, batch

T = TypeVar("T")


async def logged(log: EmbeddedLog) -> list[bytes]:
    ends = await log.end_positions(["identity-updates"])
    return [
        record.value
        for at, end in sorted(ends.items())
        async for part in log.read(*at, 0, end)
        for record in part.records
    ]


async def waiting(tally: Tally, database: Database) -> int:
    return await database.read(lambda c: c.scalar(select(func.count()).select_from(tally.outbox)) or 0)


@pytest.fixture
async def tally(database: Database) -> Tally:
    tally = Tally()
    await prepare_tables(tally, database)
    return tally


class Crash(Exception):
    pass


class DiesAtWriting:
    """A database whose process dies before the next write."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def write(self, work: Callable[[Connection], T]) -> T:
        raise Crash

    async def read(self, work: Callable[[Connection], T]) -> T:
        return await self._database.read(work)

    async def close(self) -> None: ...


class Down(EmbeddedLog):
    async def append(self, records: Sequence[NewRecord]) -> None:
        raise LogUnavailable("down")


async def test_a_crash_between_commit_and_relay_loses_nothing(
    tally: Tally, database: Database, log: EmbeddedLog
) -> None:
    await step(tally, database, batch(["a", "b"]))
    assert await relay(tally.outbox, database, log) == 2
    assert sorted(await logged(log)) == [b"a", b"b"]
    assert await waiting(tally, database) == 0


async def test_a_crash_between_append_and_delete_relays_the_same_again(
    tally: Tally, database: Database, log: EmbeddedLog
) -> None:
    await step(tally, database, batch(["a", "b"]))
    with pytest.raises(Crash):
        await relay(tally.outbox, DiesAtWriting(database), log)
    assert await relay(tally.outbox, database, log) == 2
    assert sorted(await logged(log)) == [b"a", b"a", b"b", b"b"]


async def test_a_refused_append_keeps_the_rows_in_order(
    tally: Tally, database: Database, log: EmbeddedLog, tmp_path: object
) -> None:
    await step(tally, database, batch(["a"] * 3))
    down = Down.__new__(Down)
    with pytest.raises(LogUnavailable):
        await relay(tally.outbox, database, down)
    assert await waiting(tally, database) == 3


async def test_more_rows_than_one_read_go_in_order(tally: Tally, database: Database, log: EmbeddedLog) -> None:
    words = [f"w{n:04d}" for n in range(1201)]
    await step(tally, database, batch(words))
    assert await relay(tally.outbox, database, log) == 1201
    by_partition = await logged(log)
    assert sorted(by_partition) == [word.encode() for word in words]
    assert sum(a > b for a, b in pairwise(by_partition)) <= 1  # in order in each of two


async def test_another_process_rows_are_left_until_they_are_old(
    tally: Tally, database: Database, log: EmbeddedLog
) -> None:
    await step(tally, database, batch(["theirs"]))
    await database.write(lambda c: c.execute(update(tally.outbox).values(writer="another")).rowcount)
    theirs = await newest_row(tally.outbox, database)
    await step(tally, database, batch(["ours"], start=1))
    assert await relay(tally.outbox, database, log, others_upto=0) == 1
    assert await logged(log) == [b"ours"]
    assert await relay(tally.outbox, database, log, others_upto=theirs) == 1
    assert await newest_row(tally.outbox, database) == 0


async def test_the_relay_is_woken_by_a_commit_and_empties_the_outbox_at_the_end(
    tally: Tally, database: Database, log: EmbeddedLog
) -> None:
    hooks, stop = Hooks(), asyncio.Event()
    relaying = asyncio.create_task(run_relay(tally.outbox, database, log, hooks.committed, stop))
    seen = log.subscribe(["identity-updates"], "test", lambda _: _nowhere())
    await step(tally, database, batch(["a"]), hooks=hooks)
    first = await asyncio.wait_for(anext(seen), 2)  # far below the five seconds of looking unasked
    assert [record.value for record in first.records] == [b"a"]
    await seen.aclose()  # type: ignore[attr-defined]
    await step(tally, database, batch(["b"], start=1))  # nobody rings for this one
    stop.set()
    await asyncio.wait_for(relaying, 10)
    assert sorted(await logged(log)) == [b"a", b"b"]


async def _nowhere() -> dict[TopicPartition, int]:
    return {}
