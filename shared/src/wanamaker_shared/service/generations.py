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

from .database import Database, SqliteDatabase
from .errors import SafeError
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
        from .postgres_generations import PostgresGenerations  # asyncpg's half of SQLAlchemy takes long to import

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


def _sync_directory(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
