"""Equal tables give equal bytes on both databases; a changed, missing or added row is named."""

from __future__ import annotations

import hashlib
import io
import json
from typing import Any

import pytest
from sqlalchemy import BigInteger, Boolean, Column, Connection, LargeBinary, MetaData, Table, Text, delete, update

from wanamaker_shared.eventlog.compare import Difference, differences, digest, dump, lines, load
from wanamaker_shared.service.database import Database, Id, prepare
from wanamaker_shared.service.sql import insert_rows

metadata = MetaData()
credit = Table(
    "credit",
    metadata,
    Column("workspace", Id, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("part", BigInteger, primary_key=True),
    Column("micro", BigInteger),
    Column("digest", LargeBinary),
    Column("won", Boolean),
    Column("seen_at", BigInteger, info={"derived": False}),
    info={"derived": True},
)
account = Table("account", metadata, Column("id", Text, primary_key=True), info={"derived": True})
outside = Table("outside", metadata, Column("id", Id, primary_key=True))


def fill(connection: Connection, seen_at: int = 1) -> None:
    ids = ["z", "a", "B", "é", "𝄞", "�"]
    insert_rows(connection, credit, [_credit(id, part, seen_at) for part in (10, 9, -1) for id in ids])
    insert_rows(connection, account, [{"id": id} for id in ("b", "A", "_", "é")])
    insert_rows(connection, outside, [{"id": str(seen_at)}])


def _credit(id: str, part: int, seen_at: int) -> dict[str, Any]:
    return {
        "workspace": "w",
        "id": id,
        "part": part,
        "micro": None if part < 0 else 2**53 + part,
        "digest": bytes([0, 255, part % 256]),
        "won": part > 9,
        "seen_at": seen_at,
    }


def expected() -> str:
    """The hash of what `fill` wrote, from the rule alone: tables and keys in order, canonical JSON, bytes as hex."""
    accounts = [["account", {"id": id}] for id in sorted(("b", "A", "_", "é"))]
    rows = [_credit(id, part, 0) for id in sorted(("z", "a", "B", "é", "𝄞", "�")) for part in (-1, 9, 10)]
    credits = [
        ["credit", {name: v.hex() if isinstance(v, bytes) else v for name, v in row.items() if name != "seen_at"}]
        for row in rows
    ]
    text = "".join(
        json.dumps(line, sort_keys=True, ensure_ascii=False, separators=(",", ":")) + "\n"
        for line in accounts + credits
    )
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture(autouse=True)
async def _tables(database: Database) -> None:
    await prepare(database, metadata)
    await database.write(fill)


async def test_lines_stand_in_the_order_of_table_and_key(database: Database) -> None:
    listed = await database.read(lambda c: list(lines(c, metadata)))
    assert [line[:2] for line in listed] == sorted(line[:2] for line in listed)
    assert {line.table for line in listed} == {"account", "credit"}
    first = next(line for line in listed if line.table == "credit")
    assert first.encode() == (
        b'["credit",{"digest":"00ffff","id":"B","micro":null,"part":-1,"won":false,"workspace":"w"}]\n'
    )


async def test_the_hash_is_the_same_everywhere(database: Database) -> None:
    assert await database.read(lambda c: digest(c, metadata)) == expected()


async def test_a_dump_has_the_same_hash_and_lines(database: Database) -> None:
    file = io.BytesIO()
    told = await database.read(lambda c: dump(c, metadata, file))
    assert told == expected()
    file.seek(0)
    assert list(load(file, metadata)) == await database.read(lambda c: list(lines(c, metadata)))


async def test_a_column_that_is_not_derived_changes_nothing(database: Database) -> None:
    await database.write(lambda c: c.execute(update(credit).values(seen_at=99)).rowcount)
    assert await database.read(lambda c: digest(c, metadata)) == expected()


async def test_each_changed_row_is_named(database: Database) -> None:
    before = await database.read(lambda c: list(lines(c, metadata)))
    assert list(differences(before, before)) == []

    def meddle(connection: Connection) -> None:
        row = (credit.c.id == "é") & (credit.c.part == 9)
        connection.execute(update(credit).where(row).values(micro=1))
        connection.execute(delete(account).where(account.c.id == "A"))
        insert_rows(connection, account, [{"id": "zz"}])

    await database.write(meddle)
    after = await database.read(lambda c: list(lines(c, metadata)))
    found = list(differences(before, after))
    assert found[0] == Difference("account", ("A",), {"id": "A"}, None)
    assert found[1] == Difference("account", ("zz",), None, {"id": "zz"})
    assert (found[2].table, found[2].key, len(found)) == ("credit", ("w", "é", 9), 3)
    assert found[2].left is not None
    assert found[2].right is not None
    assert (found[2].left["micro"], found[2].right["micro"]) == (2**53 + 9, 1)
    assert await database.read(lambda c: digest(c, metadata)) != expected()
