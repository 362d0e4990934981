"""What is an outage and what is a record's own fault, by the errors that the databases really raise."""

from __future__ import annotations

import asyncio
import sqlite3

import pytest
from sqlalchemy import BigInteger, Column, Connection, MetaData, Table, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from wanamaker_shared.eventlog.outages import Backoff, outage_of
from wanamaker_shared.eventlog.port import LogUnavailable
from wanamaker_shared.eventlog.positions import LostOwnership
from wanamaker_shared.service.database import Database, Id, prepare
from wanamaker_shared.service.postgres import PostgresDatabase
from wanamaker_shared.service.sql import insert_rows

metadata = MetaData()
thing = Table("thing", metadata, Column("id", Id, primary_key=True), Column("number", BigInteger))


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (LostOwnership("gone"), "ownership"),
        (LogUnavailable("down"), "log"),
        (OperationalError("SELECT", {}, sqlite3.OperationalError("database is locked")), "database"),
        (ConnectionRefusedError("nobody listens"), "database"),
        (TimeoutError(), "database"),
        (IntegrityError("INSERT", {}, sqlite3.IntegrityError("UNIQUE")), None),
        (ValueError("cannot read"), None),
        (OverflowError("too large"), None),
    ],
)
def test_each_error_is_told_apart(error: Exception, reason: str | None) -> None:
    assert outage_of(error) == reason


@pytest.mark.parametrize("row", [{"id": "a", "number": 2**70}, {"id": ("a",), "number": 1}, {"id": "a", "number": {}}])
async def test_what_the_database_refuses_is_the_records_fault(database: Database, row: dict[str, object]) -> None:
    await prepare(database, metadata)
    with pytest.raises(Exception) as told:
        await database.write(lambda c: insert_rows(c, thing, [row]))
    assert outage_of(told.value) is None, type(told.value)


@pytest.mark.postgres
async def test_nul_is_the_records_fault(own_postgres: PostgresDatabase) -> None:
    await prepare(own_postgres, metadata)
    with pytest.raises(DBAPIError) as told:
        await own_postgres.write(lambda c: insert_rows(c, thing, [{"id": "a\x00b", "number": 1}]))
    assert outage_of(told.value) is None


@pytest.mark.postgres
async def test_a_cut_connection_is_an_outage_and_the_next_try_works(own_postgres: PostgresDatabase) -> None:
    def cut(connection: Connection) -> None:
        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(DBAPIError) as told:
        await own_postgres.write(cut)
    assert outage_of(told.value) == "database"
    assert await own_postgres.read(lambda c: c.scalar(text("SELECT 1"))) == 1


@pytest.mark.postgres
async def test_nobody_listening_is_an_outage() -> None:
    away = PostgresDatabase("postgresql://nobody@127.0.0.1:1/none", "test")
    with pytest.raises(OSError) as told:
        await away.read(lambda c: c.scalar(text("SELECT 1")))
    assert outage_of(told.value) == "database"
    await away.close()


@pytest.mark.postgres
async def test_writers_take_turns(own_postgres: PostgresDatabase, postgres_url: str) -> None:
    """Each adds one to what it read: without the lock, two of them read the same."""
    another = PostgresDatabase(postgres_url, own_postgres.schema)
    await prepare(own_postgres, metadata)
    await own_postgres.write(lambda c: insert_rows(c, thing, [{"id": "a", "number": 0}]))

    def raise_by_one(connection: Connection) -> None:
        before = connection.scalar(text("SELECT number FROM thing"))
        connection.execute(text("UPDATE thing SET number = :next"), {"next": before + 1})

    await asyncio.gather(*(database.write(raise_by_one) for database in (own_postgres, another) for _ in range(20)))
    assert await another.read(lambda c: c.scalar(text("SELECT number FROM thing"))) == 40
    await another.close()


@pytest.mark.postgres
async def test_long_computing_leaves_the_callers_loop_free(own_postgres: PostgresDatabase) -> None:
    loop = asyncio.get_running_loop()
    beats = 0

    def beat() -> None:
        nonlocal beats
        beats += 1
        loop.call_later(0.005, beat)

    beat()
    await own_postgres.write(lambda _: sum(n * n for n in range(3_000_000)))
    assert beats > 3


async def test_the_waiting_ends_at_once_when_stopped() -> None:
    stop = asyncio.Event()
    stop.set()
    backoff = Backoff(stop)
    for _ in range(20):  # without the stop this would take minutes
        await backoff.wait("log", LogUnavailable("down"))
