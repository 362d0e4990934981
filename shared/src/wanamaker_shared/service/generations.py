"""Where a service's live database is, how the next one is built beside it, and how they are swapped.

A database holds one generation: what one rule-set and one derived schema made of the log. A rebuild creates the next
number, replays into it, and moves the pointer; every process notices and reopens (`LiveDatabase`, `run_consumer`). The
pointer only moves forward, so that of two rebuilds at once the later one stays.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Protocol

from sqlalchemy import BigInteger, Column, Connection, MetaData, Table, Text, insert, select, text, update

from .database import Database, SqliteDatabase
from .errors import SafeError
from .postgres import PostgresDatabase
from .settings import ServiceSettings


class GenerationPassed(SafeError):
    """A generation was to go live that is not newer than the live one."""


class Generations(Protocol):
    async def live_generation(self) -> int:
        """The number of the live database; 1 before the first swap. Cheap: asked before every read."""
        ...

    def open(self, generation: int) -> Database:
        """The database of a generation, created empty if it is not there."""
        ...

    async def create_next(self) -> tuple[int, Database]:
        """A new, empty database with a number no other has had, not live yet."""
        ...

    async def swap(self, generation: int) -> None:
        """Make a generation the live one. Raises GenerationPassed if the live one is as new or newer."""
        ...

    async def drop_old(self) -> None:
        """Remove all generations before the live one."""
        ...

    async def close(self) -> None: ...


def open_generations(settings: ServiceSettings, service: str) -> Generations:
    if settings.database:
        return PostgresGenerations(settings.database, service)
    return SqliteGenerations(settings.data / service)


class SqliteGenerations:
    """Files `g<N>.db` of one directory, and the file `generation` that holds the live number, replaced in one step."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._pointer = directory / "generation"
        self._seen: tuple[int, int] | None = None
        self._live = 1

    async def live_generation(self) -> int:
        try:
            stat = self._pointer.stat()
        except FileNotFoundError:
            return 1
        if (seen := (stat.st_ino, stat.st_mtime_ns)) != self._seen:
            self._live, self._seen = int(self._pointer.read_text()), seen
        return self._live

    def open(self, generation: int) -> SqliteDatabase:
        return SqliteDatabase(self._directory / f"g{generation}.db")

    async def create_next(self) -> tuple[int, SqliteDatabase]:
        generation = max([await self.live_generation(), *self._numbers()]) + 1
        self._directory.mkdir(parents=True, exist_ok=True)
        (self._directory / f"g{generation}.db").touch(exist_ok=False)
        return generation, self.open(generation)

    async def swap(self, generation: int) -> None:
        if generation <= (live := await self.live_generation()):
            raise GenerationPassed(f"generation {generation} cannot follow {live}, which is live")
        fresh = self._pointer.with_suffix(".new")
        with fresh.open("w") as file:
            file.write(f"{generation}\n")
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._pointer)
        _sync_directory(self._directory)

    async def drop_old(self) -> None:
        live = await self.live_generation()
        for number in self._numbers():
            if number < live:
                for suffix in ("", "-wal", "-shm"):
                    (self._directory / f"g{number}.db{suffix}").unlink(missing_ok=True)

    async def close(self) -> None:
        return None

    def _numbers(self) -> list[int]:
        found = (re.fullmatch(r"g(\d+)\.db", path.name) for path in self._directory.glob("g*.db"))
        return [int(match[1]) for match in found if match]


_metadata = MetaData(schema="public")
_pointer = Table(
    "wanamaker_generation",
    _metadata,
    Column("service", Text, primary_key=True),
    Column("live", BigInteger, nullable=False),
)


class PostgresGenerations:
    """Schemas `<service>_g<N>` of one database, and the table `public.wanamaker_generation` that holds the live number."""

    def __init__(self, url: str, service: str) -> None:
        self._url = url
        self._service = service.replace("-", "_")
        self._control = PostgresDatabase(url, "public", pool_size=2)
        self._prepared = False

    async def live_generation(self) -> int:
        if not self._prepared:
            await self._control.write(_metadata.create_all)
            self._prepared = True
        return await self._control.read(self._read_live)

    def open(self, generation: int) -> PostgresDatabase:
        return PostgresDatabase(self._url, self._schema(generation))

    async def create_next(self) -> tuple[int, PostgresDatabase]:
        live = await self.live_generation()

        def create(connection: Connection) -> int:
            generation = max([live, *self._numbers(connection)]) + 1
            connection.exec_driver_sql(f'CREATE SCHEMA "{self._schema(generation)}"')
            return generation

        generation = await self._control.write(create)
        return generation, self.open(generation)

    async def swap(self, generation: int) -> None:
        await self.live_generation()

        def move(connection: Connection) -> None:
            if generation <= (live := self._read_live(connection)):
                raise GenerationPassed(f"generation {generation} cannot follow {live}, which is live")
            moved = connection.execute(
                update(_pointer).where(_pointer.c.service == self._service).values(live=generation)
            )
            if moved.rowcount == 0:
                connection.execute(insert(_pointer).values(service=self._service, live=generation))

        await self._control.write(move)

    async def drop_old(self) -> None:
        live = await self.live_generation()

        def drop(connection: Connection) -> None:
            for number in self._numbers(connection):
                if number < live:
                    connection.exec_driver_sql(f'DROP SCHEMA "{self._schema(number)}" CASCADE')

        await self._control.write(drop)

    async def close(self) -> None:
        await self._control.close()

    def _schema(self, generation: int) -> str:
        return f"{self._service}_g{generation}"

    def _read_live(self, connection: Connection) -> int:
        return connection.scalar(select(_pointer.c.live).where(_pointer.c.service == self._service)) or 1

    def _numbers(self, connection: Connection) -> list[int]:
        names = connection.scalars(text("SELECT nspname FROM pg_catalog.pg_namespace"))
        found = (re.fullmatch(rf"{re.escape(self._service)}_g(\d+)", name) for name in names)
        return [int(match[1]) for match in found if match]


def _sync_directory(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
