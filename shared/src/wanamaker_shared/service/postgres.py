"""The PostgreSQL form of a service's database: one schema, write transactions one after the other.

The work is synchronous code over asyncpg (SQLAlchemy's greenlet bridge), so its Python runs on the event loop. A batch can
compute for longer than a Kafka heartbeat may wait, therefore each database has an event loop and a thread of its own.
"""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import uvloop
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

T = TypeVar("T")


class PostgresDatabase:
    """One schema of a PostgreSQL database, created when it is first written to.

    Under READ COMMITTED, two writers compute wrong credits (tried): each write transaction first takes an advisory lock of
    the schema, and every statement after it sees all that earlier holders committed.
    """

    def __init__(self, url: str, schema: str, *, pool_size: int = 5) -> None:
        self.schema = schema
        self._lock = int.from_bytes(hashlib.sha256(f"wanamaker:{schema}".encode()).digest()[:8], "big", signed=True)
        self._engine = create_async_engine(
            asyncpg_url(url),
            pool_size=pool_size,
            pool_pre_ping=True,
            hide_parameters=True,  # an error message must not quote a row
            query_cache_size=1500,
            connect_args={
                "server_settings": {"search_path": schema, "application_name": f"wanamaker-{schema}"},
                "prepared_statement_cache_size": 500,
            },
        )
        self._thread = _LoopThread(f"postgres-{schema}")
        self._there = False
        self._closed = False

    async def write(self, work: Callable[[Connection], T]) -> T:
        return await self._thread.run(_write(self._engine, self._locked(work)))

    async def read(self, work: Callable[[Connection], T]) -> T:
        return await self._thread.run(_read(self._engine, work))

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        await self._thread.run(self._engine.dispose())
        await asyncio.to_thread(self._thread.stop)

    def _locked(self, work: Callable[[Connection], T]) -> Callable[[Connection], T]:
        def locked(connection: Connection) -> T:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": self._lock})
            if not self._there:
                self._create(connection)
            done = work(connection)
            self._there = True
            return done

        return locked

    def _create(self, connection: Connection) -> None:
        """Only where it is missing: the role may lack the right to create schemas, when a migration made them."""
        if connection.scalar(text("SELECT to_regnamespace(:schema)"), {"schema": f'"{self.schema}"'}) is None:
            connection.exec_driver_sql(f'CREATE SCHEMA "{self.schema}"')


def asyncpg_url(url: str) -> str:
    """The URL with the driver named, whichever of the usual schemes it came with."""
    scheme, _, rest = url.partition("://")
    return f"postgresql+asyncpg://{rest}" if scheme in ("postgres", "postgresql") else url


async def _write(engine: AsyncEngine, work: Callable[[Connection], T]) -> T:
    async with engine.begin() as connection:
        return await connection.run_sync(work)


async def _read(engine: AsyncEngine, work: Callable[[Connection], T]) -> T:
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        async with connection.begin():
            return await connection.run_sync(work)


class _LoopThread:
    """An event loop in a thread of its own, started when first used."""

    def __init__(self, name: str) -> None:
        self._loop = uvloop.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=name, daemon=True)
        self._starting = threading.Lock()

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        with self._starting:
            if not self._thread.is_alive():
                self._thread.start()
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
