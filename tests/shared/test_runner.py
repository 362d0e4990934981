"""One transaction a batch; the guilty record is found and set aside; an outage is nobody's fault; a zombie changes nothing."""

from __future__ import annotations

import asyncio
import base64
import json
import sqlite3

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from wanamaker_shared.contracts import failed_events
from wanamaker_shared.eventlog import positions
from wanamaker_shared.eventlog.embedded import EmbeddedLog
from wanamaker_shared.eventlog.port import Batch, NewRecord, TopicPartition
from wanamaker_shared.eventlog.positions import LostOwnership, Progress, TooManyFailed
from wanamaker_shared.eventlog.projection import Counts
from wanamaker_shared.eventlog.runner import (
    Hooks,
    Miscounted,
    prepare_tables,
    progress_of,
    run_projection,
    run_until_caught_up,
    step,
)
from wanamaker_shared.service.database import Database

from .tally import Tally, batch, new

AT = TopicPartition("web-events", 0)


async def emitted(tally: Tally, database: Database) -> list[NewRecord]:
    columns = tally.outbox.c
    rows = await database.read(
        lambda c: c.execute(select(columns.topic, columns.key, columns.value).order_by(columns.id)).all()
    )
    return [NewRecord(topic, key, bytes(data)) for topic, key, data in rows]


@pytest.fixture
async def tally(database: Database) -> Tally:
    tally = Tally()
    await prepare_tables(tally, database)
    return tally


async def test_a_batch_its_position_and_what_it_emits_are_one(tally: Tally, database: Database) -> None:
    counts = await step(tally, database, batch(["a", "skip", "a"]))
    assert counts == Counts(facts=2, skipped=1)
    assert await tally.words(database) == {"a": 2}
    assert [record.value for record in await emitted(tally, database)] == [b"a", b"a"]
    assert await progress_of(database, tally.metadata) == {
        AT: Progress(position=3, records=3, facts=2, duplicates=0, skipped=1, failed=0, fresh_to=1002)
    }


@pytest.mark.parametrize("guilty", [[0], [9], [4], [0, 1, 9], list(range(10))])
async def test_only_the_guilty_are_set_aside(tally: Tally, database: Database, guilty: list[int]) -> None:
    words = ["poison" if n in guilty else "a" for n in range(10)]
    await step(tally, database, batch(words), group="identity", hooks=Hooks(clock=lambda: 77))
    good = 10 - len(guilty)
    assert await tally.words(database) == ({"a": good} if good else {})
    progress = (await progress_of(database, tally.metadata))[AT]
    assert (progress.position, progress.records, progress.facts, progress.failed) == (10, 10, good, len(guilty))
    failed = [
        failed_events.adapter.validate_json(record.value)
        for record in await emitted(tally, database)
        if record.topic == "failed-events"
    ]
    assert [event.where for event in failed] == [f"web-events/0/{n}" for n in guilty]
    event = failed[0]
    assert (event.origin, event.workspace, event.occurred_at) == ("identity", "default", 77)
    assert json.loads(base64.b64decode(event.personal.v["raw"]))["word"] == "poison"
    assert "ValueError" in event.reason
    assert "tally.py" in event.reason
    assert "ann@example.com" not in event.reason


async def test_past_the_limit_the_consumer_stops_before_the_record(tally: Tally, database: Database) -> None:
    with pytest.raises(TooManyFailed, match="more than 2 records of web-events/0"):
        await step(tally, database, batch(["poison", "a", "poison", "poison", "b"]), hooks=Hooks(failed_limit=2))
    progress = (await progress_of(database, tally.metadata))[AT]
    assert (progress.position, progress.facts, progress.failed) == (3, 1, 2)


async def test_restarting_gives_no_new_credit(tally: Tally, database: Database) -> None:
    await step(tally, database, batch(["poison", "poison"]), hooks=Hooks(failed_limit=2))
    for _ in range(3):
        with pytest.raises(TooManyFailed):
            await step(tally, database, batch(["poison"], start=2), hooks=Hooks(failed_limit=2))
    assert (await progress_of(database, tally.metadata))[AT].failed == 2


async def test_enough_good_records_forget_the_failures(
    tally: Tally, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(positions, "GOOD_STREAK", 3)
    hooks = Hooks(failed_limit=1)
    await step(tally, database, batch(["poison", "a", "a", "a", "poison"]), hooks=hooks)
    with pytest.raises(TooManyFailed):
        await step(tally, database, batch(["a", "a", "poison"], start=5), hooks=hooks)


async def test_a_batch_delivered_twice_counts_once(tally: Tally, database: Database) -> None:
    await step(tally, database, batch(["a", "b"]))
    with pytest.raises(LostOwnership):
        await step(tally, database, batch(["a", "b"]))
    assert await tally.words(database) == {"a": 1, "b": 1}


async def test_of_two_owners_at_once_one_wins(tally: Tally, database: Database) -> None:
    answers = await asyncio.gather(
        *(step(tally, database, batch(["a"] * 20)) for _ in range(8)), return_exceptions=True
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Counts"] + ["LostOwnership"] * 7
    assert await tally.words(database) == {"a": 20}


async def test_a_batch_from_the_future_is_refused(tally: Tally, database: Database) -> None:
    with pytest.raises(LostOwnership):
        await step(tally, database, batch(["a"], start=5))
    assert await progress_of(database, tally.metadata) == {}


async def test_a_gap_without_records_is_passed(tally: Tally, database: Database) -> None:
    await step(tally, database, Batch("web-events", 0, 0, 7, ()))
    progress = (await progress_of(database, tally.metadata))[AT]
    assert (progress.position, progress.records) == (7, 0)


async def test_an_outage_sets_nothing_aside(sqlite: Database) -> None:
    def out_of_order(_: Batch) -> None:
        raise OperationalError("SELECT 1", {}, sqlite3.OperationalError("disk I/O error"))

    tally = Tally(out_of_order)
    await prepare_tables(tally, sqlite)
    with pytest.raises(OperationalError):
        await step(tally, sqlite, batch(["a", "b"]))
    assert await progress_of(sqlite, tally.metadata) == {}


async def test_wrong_counts_are_our_mistake_and_stop_it(sqlite: Database) -> None:
    class Forgetful(Tally):
        def apply(self, connection: object, batch: Batch) -> Counts:
            return Counts()

    tally = Forgetful()
    await prepare_tables(tally, sqlite)
    with pytest.raises(Miscounted):
        await step(tally, sqlite, batch(["a"]))
    assert await emitted(tally, sqlite) == []


async def test_caught_up_means_all_is_in_and_relayed(database: Database, log: EmbeddedLog) -> None:
    tally = Tally()
    await log.append(new(["a", "b", "poison", "a"] * 3))
    assert await run_until_caught_up(tally, log, database, "test") == 12
    assert await tally.words(database) == {"a": 6, "b": 3}
    assert await emitted(tally, database) == []
    ends = await log.end_positions(["identity-updates", "failed-events"])
    assert sum(end for at, end in ends.items() if at.topic == "identity-updates") == 9
    assert sum(end for at, end in ends.items() if at.topic == "failed-events") == 3
    assert await run_until_caught_up(tally, log, database, "test") == 0


async def test_the_runner_follows_waits_out_an_outage_and_stops(sqlite: Database, log: EmbeddedLog) -> None:
    left = 2
    stop = asyncio.Event()

    def flaky(batch: Batch) -> None:
        nonlocal left
        left -= 1
        if left >= 0:
            raise OperationalError("SELECT 1", {}, sqlite3.OperationalError("database is locked"))

    tally = Tally(flaky)
    hooks = Hooks()
    await log.append(new(["a", "b", "c"]))
    running = asyncio.create_task(run_projection(tally, log, sqlite, "test", stop, hooks=hooks))
    while sum(progress.position for progress in (await _progress(tally, sqlite)).values()) < 3:
        await asyncio.wait_for(hooks.committed.wait(), 10)
        hooks.committed.clear()
    stop.set()
    await asyncio.wait_for(running, 10)
    assert await tally.words(sqlite) == {"a": 1, "b": 1, "c": 1}
    assert left < 0
    assert hooks.waiting_for is None


async def _progress(tally: Tally, database: Database) -> dict[TopicPartition, Progress]:
    await prepare_tables(tally, database)
    return await progress_of(database, tally.metadata)
