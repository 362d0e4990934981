"""SQLite is told how tables fill, so that it uses the indexes that were made for the questions."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Column, Index, Integer, MetaData, Table, text

from wanamaker_shared.service.database import Id, SqliteDatabase, prepare

metadata = MetaData()
thing = Table(
    "thing",
    metadata,
    Column("workspace", Id, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("owner", Id),
    Column("kept", Integer),
    sqlite_with_rowid=False,
)
Index("thing_of_owner", thing.c.workspace, thing.c.owner)
Index("thing_kept", thing.c.workspace, thing.c.owner, sqlite_where=thing.c.kept == 1)


async def plan(database: SqliteDatabase, statement: str) -> str:
    return await database.read(lambda c: str(c.execute(text(f"EXPLAIN QUERY PLAN {statement}")).all()))


async def test_an_index_is_preferred_to_walking_through_the_workspace(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "a.db")
    await prepare(database, metadata)
    await prepare(database, metadata)
    by_owner = "SELECT id, owner, kept FROM thing WHERE workspace = 'w' AND owner = 'o'"
    assert "thing_of_owner" in await plan(database, by_owner)
    assert "thing_kept" in await plan(database, f"{by_owner} AND kept = 1")
    assert "PRIMARY KEY (workspace=? AND id=?)" in await plan(
        database, "SELECT * FROM thing WHERE workspace='w' AND id='i'"
    )
    count = await database.read(lambda c: c.scalar(text("SELECT count(*) FROM sqlite_stat1 WHERE tbl = 'thing'")))
    assert count == 3
    await database.close()
