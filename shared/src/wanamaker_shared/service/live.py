"""The live database of a service, for processes that only answer: follows a swap of generations without a restart."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

import structlog
from sqlalchemy import Connection, MetaData

from .database import Database, prepare
from .generations import Generations, open_generations
from .metrics import GENERATION
from .settings import ServiceSettings

T = TypeVar("T")
_POINTER_SECONDS = 1.0
"""How late a serving process may notice a swap on PostgreSQL; a file's pointer is looked at each time."""
_log = structlog.get_logger(__name__)


def open_database(settings: ServiceSettings, service: str, metadata: MetaData | None = None) -> LiveDatabase:
    """The service's live database. With `metadata`, tables that are not there yet are created when it is first used."""
    return LiveDatabase(
        open_generations(settings, service),
        service,
        metadata=metadata,
        every=_POINTER_SECONDS if settings.database else 0.0,
    )


@dataclass(slots=True)
class _Open:
    generation: int
    database: Database
    users: int = 0


class LiveDatabase:
    """A `Database` that is whichever generation is live. Work under way on the old one ends there; then it is closed.

    `every` is how many seconds an answer of the pointer may be old (0: look each time, which a file stands).
    """

    def __init__(
        self, generations: Generations, service: str, *, metadata: MetaData | None = None, every: float = 0.0
    ) -> None:
        self._generations = generations
        self._service = service
        self._metadata = metadata
        self._every = every
        self._looked = float("-inf")
        self._open: _Open | None = None
        self._turn = asyncio.Lock()

    async def write(self, work: Callable[[Connection], T]) -> T:
        async with self._current() as database:
            return await database.write(work)

    async def read(self, work: Callable[[Connection], T]) -> T:
        async with self._current() as database:
            return await database.read(work)

    async def close(self) -> None:
        async with self._turn:
            if self._open is not None:
                await self._open.database.close()
                self._open = None
            await self._generations.close()

    @asynccontextmanager
    async def _current(self) -> AsyncIterator[Database]:
        opened = self._open
        if opened is None or time.monotonic() - self._looked >= self._every:
            opened = await self._look()
        opened.users += 1
        try:
            yield opened.database
        finally:
            opened.users -= 1
            if opened is not self._open and opened.users == 0:
                await opened.database.close()

    async def _look(self) -> _Open:
        async with self._turn:
            live = await self._generations.live_generation()
            self._looked = time.monotonic()
            before = self._open
            if before is not None and before.generation >= live:
                return before
            database = self._generations.open(live)
            if self._metadata is not None:
                await prepare(database, self._metadata)
            self._open = _Open(live, database)
            GENERATION.labels(self._service).set(live)
            if before is not None:
                _log.info("generation swapped", generation=live, before=before.generation)
                if before.users == 0:
                    await before.database.close()
            return self._open
