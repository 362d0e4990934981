"""What the routes of imports work with: which import a file is, whether somebody is at it, and how it is begun."""

from __future__ import annotations

import asyncio
import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.requests import Request

from wanamaker_shared.service.database import Database

from ..repository.imports import (
    RUNNING,
    Import,
    RowVerdict,
    begin_import,
    list_imports,
    load_import,
    load_latest,
    load_rows,
    save_import,
)
from ..settings import BridgeSettings
from ..spreadsheet.options import Options
from .ids import file_id, import_id_of
from .receiving import receive_file
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

    async def take(
        self, workspace: str, request: Request, options: Options, *, dry_run: bool, again: bool
    ) -> tuple[Import, bool]:
        """Receive the file and begin, or go on with, its import; wait a moment for its end. Raises Problem.

        Whether this request worked on it: not if it is done already, or somebody else is at it.
        """
        work = self.directory / secrets.token_hex(8)
        await asyncio.to_thread(work.mkdir, parents=True, mode=0o700)
        task = None
        try:
            limit, seconds = self.settings.import_bytes, self.settings.import_seconds
            received = await receive_file(request, work / "file", limit=limit, seconds=seconds)
            async with self._turn:
                known, fresh = await self._known(workspace, options, received.sha256, again=again)
                if fresh or not (known.state == "done" or self.is_worked_on(known)):
                    await self._begin(known)
                    task = self.importer.start(known, options, work, dry_run=dry_run)
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
        """Here, or by another process that said so a moment ago. With an embedded log there is no other."""
        if self.importer.is_running(known.workspace, known.import_id):
            return True
        if self.settings.kafka is None or known.state not in RUNNING:
            return False
        return self.clock() - known.told_at < ALIVE_MICROS

    async def _known(self, workspace: str, options: Options, sha256: str, *, again: bool) -> tuple[Import, bool]:
        """The import of this file, made if there is none; and whether it was just made."""
        of_file = file_id(workspace, options, sha256)

        def work(connection: Any) -> tuple[Import, bool]:
            latest = load_latest(connection, workspace, of_file)
            if latest is not None and not (again and latest.state == "done"):
                return latest, False
            number = 0 if latest is None else latest.again + 1
            fresh = Import(
                workspace=workspace,
                import_id=import_id_of(of_file, number),
                of_file=of_file,
                again=number,
                connection=options.connection,
                state="reading",
                told_at=self.clock(),
            )
            return begin_import(connection, fresh), True

        return await self.database.write(work)

    async def _begin(self, known: Import) -> None:
        now = self.clock()
        await self.database.write(
            lambda connection: save_import(
                connection, known.workspace, known.import_id, state="reading", reason=None, told_at=now
            )
        )
