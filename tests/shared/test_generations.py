"""The next generation is built beside the live one; a swap is noticed without a restart and never goes back."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import Column, Connection, MetaData, Table, select

from wanamaker_shared.service.database import Id, prepare
from wanamaker_shared.service.generations import GenerationPassed, Generations, SqliteGenerations
from wanamaker_shared.service.live import LiveDatabase
from wanamaker_shared.service.sql import insert_rows

metadata = MetaData()
note = Table("note", metadata, Column("text", Id, primary_key=True))


def write(text: str) -> object:
    return lambda connection: insert_rows(connection, note, [{"text": text}])


def texts(connection: Connection) -> list[str]:
    return list(connection.scalars(select(note.c.text).order_by(note.c.text)))


async def test_the_first_is_live_from_the_start(generations: Generations) -> None:
    assert await generations.live_generation() == 1


async def test_the_next_is_empty_and_not_live(generations: Generations) -> None:
    number, database = await generations.create_next()
    await prepare(database, metadata)
    assert (number, await generations.live_generation()) == (2, 1)
    assert await database.read(texts) == []
    await database.close()


async def test_one_that_was_never_finished_keeps_its_number(generations: Generations) -> None:
    for expected in (2, 3):
        number, database = await generations.create_next()
        await database.close()
        assert number == expected


async def test_a_swap_never_goes_back(generations: Generations) -> None:
    for _ in range(2):
        _, database = await generations.create_next()
        await database.close()
    await generations.swap(3)
    with pytest.raises(GenerationPassed):
        await generations.swap(2)
    assert await generations.live_generation() == 3


async def test_the_live_database_follows_the_swap_and_old_ones_go(generations: Generations) -> None:
    live = LiveDatabase(generations, "crm-bridge", metadata=metadata)
    await live.write(lambda c: insert_rows(c, note, [{"text": "old"}]))
    number, database = await generations.create_next()
    await prepare(database, metadata)
    await database.write(lambda c: insert_rows(c, note, [{"text": "new"}]))
    await database.close()
    assert await live.read(texts) == ["old"]
    await generations.swap(number)
    assert await live.read(texts) == ["new"]
    await generations.drop_old()
    assert await live.read(texts) == ["new"]
    third, database = await generations.create_next()
    assert third == 3
    await database.close()
    await live.close()


async def test_what_was_under_way_at_a_swap_ends_on_the_old_one(tmp_path: Path) -> None:
    generations = SqliteGenerations(tmp_path)
    live = LiveDatabase(generations, "identity", metadata=metadata)
    await live.write(lambda c: insert_rows(c, note, [{"text": "old"}]))
    loop = asyncio.get_running_loop()
    begun, swapped = asyncio.Event(), asyncio.Event()

    def slow(connection: Connection) -> list[str]:
        loop.call_soon_threadsafe(begun.set)
        asyncio.run_coroutine_threadsafe(swapped.wait(), loop).result(10)
        return texts(connection)

    reading = asyncio.create_task(live.read(slow))
    await asyncio.wait_for(begun.wait(), 10)
    number, database = await generations.create_next()
    await database.close()
    await generations.swap(number)
    assert await live.read(texts) == []
    await generations.drop_old()
    swapped.set()
    assert await reading == ["old"]
    assert not (tmp_path / "g1.db").exists()
    await live.close()
