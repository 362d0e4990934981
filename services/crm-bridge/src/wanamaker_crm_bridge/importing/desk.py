"""What the routes of imports work with: which import a file is, whether somebody is at it, and how it is begun."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from starlette.requests import Request

from wanamaker_shared.service.database import Database

from ..repository.imports import (
    RUNNING,
    Import,
    RowVerdict,
    claim_import,
    list_imports,
    load_import,
    load_latest,
    load_rows,
)
from ..settings import BridgeSettings
from ..spreadsheet.options import Options
from .ids import file_id, import_id_of
from .receiving import no_room, receive_file
from .running import ALIVE_MICROS, Importer

WAIT_SECONDS = 3.0
"""How long an answer waits for a file that is done soon."""


@dataclass(frozen=True, slots=True)
class ImportDesk:
    """`directory` holds files while they are worked on; `clock` gives microseconds."""

    settings: BridgeSettings
    database: Database
    importer: Importer
    directory: Path
    clock: Callable[[], int]
    wait: float = WAIT_SECONDS
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _claiming: set[tuple[str, str]] = field(default_factory=set)

    async def take(
        self, workspace: str, request: Request, options: Options, *, dry_run: bool, again: bool
    ) -> tuple[Import, bool]:
        """Receive the file and begin, or go on with, its import; wait a moment for its end. Raises Problem.

        Whether this request worked on it: not if it is done already, or somebody else is at it.
        """
        work = self.directory / secrets.token_hex(8)
        task = None
        try:
            await asyncio.to_thread(_make, work)
            limit, seconds = self.settings.import_bytes, self.settings.import_seconds
            received = await receive_file(request, work / "file", limit=limit, seconds=seconds)
            async with self._turn:
                known = await self._of_file(workspace, options, received.sha256, again=again)
                if (claimed := await self._claim(known)) is not None:
                    task = self.importer.start(claimed, options, work, dry_run=dry_run)
            if task is not None:
                await asyncio.wait([task], timeout=self.wait)
        finally:
            if task is None:
                await asyncio.to_thread(shutil.rmtree, work, ignore_errors=True)
        return await self.find(workspace, known.import_id) or known, task is not None

    async def find(self, workspace: str, import_id: str) -> Import | None:
        return await self.database.read(lambda connection: load_import(connection, workspace, import_id))

    async def newest(self, workspace: str, limit: int) -> list[Import]:
        return await self.database.read(lambda connection: list_imports(connection, workspace, limit))

    async def rows(
        self, workspace: str, import_id: str, *, verdict: str | None, after: int, limit: int
    ) -> list[RowVerdict]:
        return await self.database.read(
            lambda connection: load_rows(connection, workspace, import_id, verdict=verdict, after=after, limit=limit)
        )

    def is_worked_on(self, known: Import) -> bool:
        """Here, or by another process that said so a moment ago."""
        if self._is_here(known):
            return True
        return known.state in RUNNING and known.told_at > self._silent_since()

    def _is_here(self, known: Import) -> bool:
        key = (known.workspace, known.import_id)
        return key in self._claiming or self.importer.is_running(*key)

    def _silent_since(self) -> int:
        """Who has not spoken since then is dead. With an embedded log there is no other process to speak."""
        return sys.maxsize if self.settings.kafka is None else self.clock() - ALIVE_MICROS

    async def _of_file(self, workspace: str, options: Options, sha256: str, *, again: bool) -> Import:
        """The import of this file as it is, or as it would begin."""
        of_file = file_id(workspace, options, sha256)
        latest = await self.database.read(lambda connection: load_latest(connection, workspace, of_file))
        if latest is not None and not (again and latest.state == "done"):
            return latest
        number = 0 if latest is None else latest.again + 1
        return Import(
            workspace=workspace,
            import_id=import_id_of(of_file, number),
            of_file=of_file,
            again=number,
            connection=options.connection,
            state="reading",
            told_at=0,
        )

    async def _claim(self, known: Import) -> Import | None:
        """The import, if this process is the one to work on it now: it is not done, and nobody else is at it."""
        if known.state == "done" or self._is_here(known):
            return None
        key = (known.workspace, known.import_id)
        self._claiming.add(key)
        now, silent_since = self.clock(), self._silent_since()
        try:
            return await self.database.write(
                lambda connection: claim_import(connection, known, now=now, silent_since=silent_since)
            )
        finally:
            self._claiming.discard(key)


def _make(work: Path) -> None:
    try:
        work.mkdir(parents=True, mode=0o700)
    except OSError:
        raise no_room() from None
