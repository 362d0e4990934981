"""A replay makes of the log what the live consumer made of it, up to the positions asked for, and can be taken up again."""

from __future__ import annotations

from wanamaker_shared.eventlog.compare import digest
from wanamaker_shared.eventlog.embedded import EmbeddedLog
from wanamaker_shared.eventlog.port import TopicPartition
from wanamaker_shared.eventlog.replay import ReplayProgress, replay
from wanamaker_shared.eventlog.runner import progress_of, run_until_caught_up
from wanamaker_shared.service.database import Database, SqliteDatabase

from .tally import Tally, new

WORDS = ["a", "b", "skip", "poison", "c"] * 40


async def test_a_replay_equals_the_live_tables(database: Database, log: EmbeddedLog, tmp_path: object) -> None:
    live, again = Tally(), Tally()
    await log.append(new(WORDS))
    await run_until_caught_up(live, log, database, "identity")
    scratch = SqliteDatabase(log.directory / "scratch.db", durable=False)
    seen: list[ReplayProgress] = []
    upto = {at: progress.position for at, progress in (await progress_of(database, live.metadata)).items()}
    await replay(again, log, scratch, upto, group="identity", max_records=7, progress=seen.append)
    assert await scratch.read(lambda c: digest(c, again.metadata)) == await database.read(
        lambda c: digest(c, live.metadata)
    )
    assert await progress_of(scratch, again.metadata) == await progress_of(database, live.metadata)
    assert (seen[-1].done, seen[-1].total) == (200, 200)
    assert [step.done for step in seen] == sorted(step.done for step in seen)
    await scratch.close()


async def test_it_stops_where_it_is_told_and_goes_on_from_there(log: EmbeddedLog, sqlite: Database) -> None:
    tally = Tally()
    await log.append(new(["a"] * 10))
    (at,) = (at for at, end in (await log.end_positions(tally.topics)).items() if end)
    await replay(tally, log, sqlite, {at: 4}, group="identity")
    assert await tally.words(sqlite) == {"a": 4}
    await replay(tally, log, sqlite, {at: 4}, group="identity")
    await replay(tally, log, sqlite, {at: 9, TopicPartition("web-events", 1 - at.partition): 0}, group="identity")
    assert await tally.words(sqlite) == {"a": 9}
