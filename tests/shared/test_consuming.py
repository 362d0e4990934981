"""`consume` follows the log, moves to a new generation by itself, waits out a database that is away, and stops cleanly."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from wanamaker_shared.eventlog.embedded import EmbeddedLog
from wanamaker_shared.eventlog.port import TopicPartition
from wanamaker_shared.eventlog.positions import TooManyFailed
from wanamaker_shared.eventlog.replay import replay
from wanamaker_shared.service.consuming import WhyNot, consume
from wanamaker_shared.service.database import prepare
from wanamaker_shared.service.generations import open_generations
from wanamaker_shared.service.live import LiveDatabase, open_database
from wanamaker_shared.service.settings import ServiceSettings

from .tally import PARTITIONS, Tally, new


@pytest.fixture
def settings(postgres: str | None, tmp_path: Path) -> ServiceSettings:
    return ServiceSettings(data=tmp_path, database=postgres, partitions=PARTITIONS, failed_limit=3, batch_records=50)


@pytest.fixture
async def collector(tmp_path: Path) -> AsyncIterator[EmbeddedLog]:
    log = EmbeddedLog(tmp_path / "log", process="collector-serve", partitions=PARTITIONS)
    yield log
    await log.close()


@pytest.fixture
async def live(settings: ServiceSettings) -> AsyncIterator[LiveDatabase]:
    database = open_database(settings, "identity", Tally().metadata)
    assert isinstance(database, LiveDatabase)
    yield database
    await database.close()


async def emitted(log: EmbeddedLog, number: int) -> None:
    """Return once so many records were relayed to `identity-updates`."""

    async def follow() -> None:
        left = number
        async for batch in log.subscribe(["identity-updates"], "watch", lambda _: _from_the_start()):
            left -= len(batch.records)
            if left <= 0:
                return

    await asyncio.wait_for(follow(), 30)


async def emitted_until(log: EmbeddedLog, live: LiveDatabase, words: dict[str, int]) -> None:
    """Return once something was relayed and the live tables have these words: each is committed before it is relayed."""

    async def follow() -> None:
        async for _ in log.subscribe(["identity-updates"], "watch", lambda _: _from_the_start()):
            if await Tally().words(live) == words:
                return

    await asyncio.wait_for(follow(), 30)


async def _from_the_start() -> dict[TopicPartition, int]:
    return {}


async def test_it_consumes_relays_and_stops(
    settings: ServiceSettings, collector: EmbeddedLog, live: LiveDatabase
) -> None:
    stop = asyncio.Event()
    reports: list[WhyNot] = []
    consuming = asyncio.create_task(consume(settings, "identity", lambda _: Tally(), stop, report=reports.append))
    await collector.append(new(["a", "b", "a", "poison"] * 1))
    await emitted(collector, 3)
    assert reports[0]() is None
    stop.set()
    await asyncio.wait_for(consuming, 30)
    assert reports[0]() is not None
    assert await Tally().words(live) == {"a": 2, "b": 1}


async def test_it_moves_to_the_generation_that_a_rebuild_swapped_in(
    settings: ServiceSettings, collector: EmbeddedLog, live: LiveDatabase
) -> None:
    stop = asyncio.Event()
    built: list[int] = []

    def build(generation: int) -> Tally:
        built.append(generation)
        return Tally()

    consuming = asyncio.create_task(consume(settings, "identity", build, stop))
    await collector.append(new(["a"] * 3))
    await emitted(collector, 3)
    generations = open_generations(settings, "identity")
    number, database = await generations.create_next()
    await replay(Tally(), collector, database, await collector.end_positions(["web-events"]), group="identity")
    await database.close()
    await collector.append(new(["b"] * 2))
    await generations.swap(number)
    # What came after the replay; the old generation may take it in too, before it sees that it is not the live one.
    await emitted_until(collector, live, {"a": 3, "b": 2})
    await generations.drop_old()
    await generations.close()
    stop.set()
    await asyncio.wait_for(consuming, 30)
    assert built == [1, 2]


async def test_too_many_failures_end_it(settings: ServiceSettings, collector: EmbeddedLog) -> None:
    await collector.append(new(["poison"] * 4))
    for _ in range(2):  # a restart does not help
        with pytest.raises(TooManyFailed):
            await asyncio.wait_for(consume(settings, "identity", lambda _: Tally(), asyncio.Event()), 30)
    ends = await collector.end_positions(["failed-events"])
    assert sum(ends.values()) == 3


async def test_it_waits_for_a_database_that_is_away(
    settings: ServiceSettings, collector: EmbeddedLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = 2

    async def prepared(*arguments: object) -> None:
        nonlocal away
        away -= 1
        if away >= 0:
            raise ConnectionRefusedError("nobody listens")
        await prepare(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("wanamaker_shared.eventlog.runner.prepare", prepared)
    stop = asyncio.Event()
    consuming = asyncio.create_task(consume(settings, "identity", lambda _: Tally(), stop))
    await collector.append(new(["a"]))
    await emitted(collector, 1)
    stop.set()
    await asyncio.wait_for(consuming, 30)
    assert away < 0


async def test_a_stop_before_anything_came_is_quick(settings: ServiceSettings) -> None:
    stop = asyncio.Event()
    consuming = asyncio.create_task(consume(settings, "identity", lambda _: Tally(), stop))
    await asyncio.sleep(0)
    stop.set()
    await asyncio.wait_for(consuming, 10)
