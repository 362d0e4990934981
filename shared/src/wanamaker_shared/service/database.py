"""A service's database: SQLite on a laptop, PostgreSQL in a cluster, behind one small port.

All SQL is SQLAlchemy Core over a plain `Connection`; repositories and projections are ordinary functions of it and never
commit. Whoever calls `write` owns the transaction (ADR 0002).
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Engine, MetaData, Text, create_engine, event
from sqlalchemy.pool import QueuePool

from .planning import create_tables

T = TypeVar("T")

Id = Text().with_variant(Text(collation="C"), "postgresql")
"""A text column that compares by its UTF-8 bytes on both databases. Every text column of a derived table is one."""


class Database(Protocol):
    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in one write transaction: commit what it did, or roll it back and raise what it raised.

        Write transactions of one database run one after the other, also those of other processes.
        """
        ...

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on one consistent snapshot."""
        ...

    async def close(self) -> None: ...


async def prepare(database: Database, metadata: MetaData) -> None:
    """Create the tables that are not there yet; safe while other processes do the same."""
    await database.write(lambda connection: create_tables(connection, metadata))


class SqliteDatabase:
    """One file, one writer thread (`BEGIN IMMEDIATE`), a few reader threads; WAL, every commit synced.

    `durable=False` leaves the syncing out, for databases that are thrown away after a crash (a replay's).
    """

    def __init__(self, path: Path, *, readers: int = 4, durable: bool = True) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        synchronous = f"synchronous={'FULL' if durable else 'OFF'}"
        self._writer_engine = _sqlite_engine(path, "IMMEDIATE", 1, synchronous)
        self._reader_engine = _sqlite_engine(path, "DEFERRED", readers, "query_only=ON")
        self._writer = ThreadPoolExecutor(1, thread_name_prefix=f"write-{path.stem}")
        self._readers = ThreadPoolExecutor(readers, thread_name_prefix=f"read-{path.stem}")

    async def write(self, work: Callable[[Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._writer, _within, self._writer_engine, work)

    async def read(self, work: Callable[[Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._readers, _within, self._reader_engine, work)

    async def close(self) -> None:
        for pool in (self._writer, self._readers):
            await asyncio.to_thread(pool.shutdown)
        self._writer_engine.dispose()
        self._reader_engine.dispose()


def _within(engine: Engine, work: Callable[[Connection], T]) -> T:
    with engine.begin() as connection:
        return work(connection)


def _sqlite_engine(path: Path, begin: str, pool_size: int, *pragmas: str) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}",
        poolclass=QueuePool,
        pool_size=pool_size,
        max_overflow=0,
        hide_parameters=True,  # an error message must not quote a row
        connect_args={"timeout": 30, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def configure(raw: sqlite3.Connection, _: Any) -> None:
        raw.isolation_level = None  # we say BEGIN ourselves: pysqlite would defer it
        for pragma in (
            "journal_mode=WAL",
            "cache_size=-65536",
            "mmap_size=268435456",
            "temp_store=MEMORY",
            *pragmas,
        ):
            raw.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(f"BEGIN {begin}")

    return engine
