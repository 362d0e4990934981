"""Set-based SQL does the same on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import BigInteger, Boolean, Column, LargeBinary, MetaData, Table, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import IntegrityError

from wanamaker_shared.service.database import Database, Id, prepare
from wanamaker_shared.service.sql import add_up, in_bound, in_numbers, in_texts, insert_ignore, insert_rows, upsert

metadata = MetaData()
thing = Table(
    "thing",
    metadata,
    Column("workspace", Id, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("number", BigInteger),
    Column("order", BigInteger),  # a word of SQL
    Column("blob", LargeBinary),
    Column("flag", Boolean),
)
member = Table("member", metadata, Column("group_id", Id, primary_key=True), Column("name", Id, primary_key=True))


def row(id: str, number: int | None = 1, order: int | None = 2) -> dict[str, Any]:
    return {"workspace": "w", "id": id, "number": number, "order": order, "blob": b"\x00\xff", "flag": True}


async def things(database: Database) -> list[tuple[Any, ...]]:
    chosen = select(thing.c.id, thing.c.number, thing.c.order, thing.c.blob, thing.c.flag).order_by(thing.c.id)
    return [tuple(row) for row in await database.read(lambda c: c.execute(chosen).all())]


@pytest.fixture(autouse=True)
async def _tables(database: Database) -> None:
    await prepare(database, metadata)


async def test_upsert_inserts_and_replaces(database: Database) -> None:
    await database.write(lambda c: upsert(c, thing, [row("a"), row("b", None)]))
    await database.write(lambda c: upsert(c, thing, [row("b", 9), row("c"), row("c", 3)]))
    assert await things(database) == [
        ("a", 1, 2, b"\x00\xff", True),
        ("b", 9, 2, b"\x00\xff", True),
        ("c", 3, 2, b"\x00\xff", True),
    ]


async def test_upsert_leaves_columns_that_are_not_given(database: Database) -> None:
    await database.write(lambda c: upsert(c, thing, [row("a")]))
    await database.write(lambda c: upsert(c, thing, [{"workspace": "w", "id": "a", "number": 5}]))
    assert await things(database) == [("a", 5, 2, b"\x00\xff", True)]


async def test_upsert_of_a_table_that_is_all_key(database: Database) -> None:
    await database.write(lambda c: upsert(c, member, [{"group_id": "g", "name": "n"}] * 2))
    assert await database.read(lambda c: c.execute(select(member)).all()) == [("g", "n")]


async def test_insert_ignore_keeps_what_is_there(database: Database) -> None:
    await database.write(lambda c: insert_ignore(c, thing, [row("a", 1), row("a", 2)]))
    await database.write(lambda c: insert_ignore(c, thing, [row("a", 3), row("b", 4)]))
    assert [(id, number) for id, number, *_ in await things(database)] == [("a", 1), ("b", 4)]


async def test_insert_rows_refuses_a_key_twice(database: Database) -> None:
    with pytest.raises(IntegrityError):
        await database.write(lambda c: insert_rows(c, thing, [row("a"), row("a")]))
    assert await things(database) == []


async def test_add_up_adds_the_measures_only(database: Database) -> None:
    columns = tuple(row("a"))
    rows = [tuple(row("a", *numbers).values()) for numbers in ((1, 10), (2, 20), (-5, 30))]
    await database.write(lambda c: add_up(c, thing, columns, rows[:2], ["number"]))
    await database.write(lambda c: add_up(c, thing, columns, rows[2:], ["number", "order"]))
    assert [(number, order) for _, number, order, *_ in await things(database)] == [(-2, 40)]


async def test_no_rows_is_no_statement(database: Database) -> None:
    for write in (upsert, insert_ignore, insert_rows):
        await database.write(lambda c, write=write: write(c, thing, []))  # type: ignore[misc]
    await database.write(lambda c: add_up(c, thing, ("id", "number"), [], ["number"]))
    assert await things(database) == []


@pytest.mark.parametrize("wanted", [[], ["a"], ["a", "é", "'\"\\", "𝄞"], ["nobody"], [f"x{n}" for n in range(50_000)]])
async def test_in_texts_takes_any_number_of_any_texts(database: Database, wanted: list[str]) -> None:
    there = ["a", "b", "é", "'\"\\", "𝄞", "x7"]
    await database.write(lambda c: insert_rows(c, thing, [row(id) for id in there]))
    found = await database.read(
        lambda c: c.scalars(select(thing.c.id).where(thing.c.workspace == "w", in_texts(thing.c.id, wanted))).all()
    )
    assert sorted(found) == sorted(set(wanted) & set(there))


async def test_two_sets_in_one_statement_do_not_mix(database: Database) -> None:
    await database.write(lambda c: insert_rows(c, thing, [row(id, number) for number, id in enumerate("abcd")]))
    for texts, numbers in (("abc", [1, 2, 3]), ("d", [3]), ("a", [])):
        statement = select(thing.c.id).where(in_texts(thing.c.id, texts), in_numbers(thing.c.number, numbers))
        found = await database.read(lambda c, statement=statement: c.scalars(statement).all())  # type: ignore[misc]
        assert sorted(found) == sorted(id for number, id in enumerate("abcd") if id in texts and number in numbers)


async def test_a_statement_built_once_takes_its_list_at_execution(database: Database) -> None:
    await database.write(lambda c: insert_rows(c, thing, [row(id, number) for number, id in enumerate("abcd")]))
    statement = select(thing.c.id).where(in_bound(thing.c.id, "ids"), in_bound(thing.c.number, "numbers"))
    for texts, numbers in ((["a", "b"], {1, 2}), (["d"], [3]), ([], [0])):
        bound = {"ids": texts, "numbers": numbers}
        found = await database.read(lambda c, bound=bound: c.scalars(statement, bound).all())  # type: ignore[misc]
        assert sorted(found) == sorted(id for number, id in enumerate("abcd") if id in texts and number in numbers)


async def test_text_is_ordered_by_its_bytes(database: Database) -> None:
    ids = ["a", "B", "é", "z", "Z", "_", "10", "9", "𝄞", "�"]
    await database.write(lambda c: insert_rows(c, thing, [row(id) for id in ids]))
    found = await database.read(lambda c: c.scalars(select(thing.c.id).order_by(thing.c.id)).all())
    assert list(found) == sorted(ids, key=str.encode)


def test_in_texts_is_answered_by_an_index() -> None:
    """`column IN (…) = 1` means the same and scans the whole table."""
    for statement in (
        select(thing.c.id).where(in_texts(thing.c.id, ["a"])),
        select(thing.c.id).where(thing.c.workspace == "w", in_texts(thing.c.id, ["a"])),
    ):
        assert "= 1" not in str(statement.compile(dialect=sqlite.dialect()))
