"""An import at work: judged on a thread, appended to the inbox a little ahead of `consume`, and its state kept at every step.

Whatever dies, sending the file again goes on: the deliveries of a file are the same every time, those appended before are passed
over, and one that comes twice is one. `serve` never waits for an import, and no webhook behind more than a few deliveries of it.
"""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from wanamaker_shared.eventlog.port import EventLog
from wanamaker_shared.service.database import Database
from wanamaker_shared.service.errors import describe
from wanamaker_shared.service.metrics import IMPORTED

from ..repository.imports import Import, RowVerdict, drop_rows, save_import, save_rows
from ..spreadsheet.options import Options
from ..spreadsheet.refusal import Refused
from .appending import append_all
from .judging import (
    Counts,
    Judged,
    Stopped,
    Surveyed,
    Watch,
    deliveries,
    judge,
    shown,
    survey,
    write_deliveries,
)
from .opening import open_source

KEPT_ROWS = 10_000
"""Of the rows that are bad, and of those with a warning, so many are kept to be looked at; all are counted."""
KEPT_MICROS = 30 * 86_400_000_000
"""For so long they are kept, as long as the inbox."""
SHOWN_ROWS = 5
ALIVE_MICROS = 30_000_000
"""An import that nobody has spoken of for so long is interrupted."""
_SAMPLES = 50
_OUTBOUND = "deliveries"
_TELL_SECONDS = 2.0
_log = structlog.get_logger(__name__)

Micros = Callable[[], int]


class Importer:
    """The imports of one `serve`. One file is judged at a time, and one appended; the others wait for their turn."""

    def __init__(
        self, database: Database, log: EventLog, *, keys: Callable[[str], bytes], clock: Micros, most_bad: int
    ) -> None:
        self._database = database
        self._log = log
        self._keys = keys
        self._clock = clock
        self._most_bad = most_bad
        self._judging = asyncio.Semaphore(1)
        self._appending = asyncio.Semaphore(1)
        self._stop = threading.Event()
        self._tasks: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._progress: dict[tuple[str, str], int] = {}
        self._samples: OrderedDict[tuple[str, str], list[dict[str, Any]]] = OrderedDict()

    def is_running(self, workspace: str, import_id: str) -> bool:
        task = self._tasks.get((workspace, import_id))
        return task is not None and not task.done()

    def progress(self, workspace: str, import_id: str) -> int:
        """Rows that the pass under way has passed."""
        return self._progress.get((workspace, import_id), 0)

    def sample(self, workspace: str, import_id: str) -> list[dict[str, Any]]:
        """The first rows as they were understood. In memory only, since they are personal."""
        return self._samples.get((workspace, import_id), [])

    def start(self, known: Import, options: Options, directory: Path, *, dry_run: bool) -> asyncio.Task[None]:
        """Work on the file `directory/file`; the directory is removed at the end."""
        key = (known.workspace, known.import_id)
        task = asyncio.ensure_future(self._work(known, options, directory, dry_run))
        self._tasks[key] = task
        task.add_done_callback(lambda _: self._ended(key))
        return task

    async def ended(self, workspace: str, import_id: str) -> None:
        """Wait until nobody works on it here."""
        if (task := self._tasks.get((workspace, import_id))) is not None:
            await asyncio.wait([task])

    async def stop(self) -> None:
        """Ends what is under way at the next row; it goes on when the file is sent again."""
        self._stop.set()
        for task in list(self._tasks.values()):
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def _ended(self, key: tuple[str, str]) -> None:
        self._tasks.pop(key, None)
        self._progress.pop(key, None)

    async def _work(self, known: Import, options: Options, directory: Path, dry_run: bool) -> None:
        telling = asyncio.ensure_future(self._tell(known))
        try:
            async with self._judging:
                begun_at, counts = await self._judge(known, options, directory, dry_run)
            if not dry_run:
                async with self._appending:  # of its own, for it may wait for `consume`, and a dry run need not
                    await self._append(replace(known, begun_at=begun_at), directory / _OUTBOUND, counts)
        except Stopped:
            pass  # of whom nobody says anything any more, it is interrupted
        except Refused as problem:
            await self._failed(known, str(problem))
        except Exception as error:  # noqa: BLE001  whatever a file does to a library is told, and ends its import alone
            _log.warning("import failed", import_id=known.import_id, error=describe(error))
            await self._failed(known, f"{_fault(error)}; send the file again to go on")
        finally:
            telling.cancel()
            await asyncio.to_thread(shutil.rmtree, directory, ignore_errors=True)

    async def _judge(self, known: Import, options: Options, directory: Path, dry_run: bool) -> tuple[int, Counts]:
        """When the import began, and its verdicts; its deliveries then stand in the directory. Raises Refused, Stopped."""
        key = (known.workspace, known.import_id)
        watch = Watch(self._stop.is_set, lambda rows: self._progress.__setitem__(key, rows))
        surveyed = await asyncio.to_thread(_survey, options, directory, watch)
        await self._save(known, reading=told(surveyed, options), rows_read=surveyed.rows)
        forgotten = self._clock() - KEPT_MICROS
        await self._database.write(lambda connection: drop_rows(connection, *key, before=forgotten))
        begun_at = known.begun_at or self._clock()
        book = _Book()
        outbound = directory / _OUTBOUND
        made = await asyncio.to_thread(
            _judge, surveyed, directory, self._keys(known.workspace), watch, book, outbound, known.import_id, begun_at
        )
        self._keep_sample(key, book.sample)
        await self._database.write(lambda connection: save_rows(connection, *key, book.rows))
        counts = book.counts
        kept = {"good": counts.good, "warned": counts.warned, "bad": counts.bad, "deals": counts.deals}
        kept["deliveries"] = made
        if dry_run:
            await self._save(known, **kept, state="checked")
        elif counts.bad > self._most_bad:
            await self._save(known, **kept)
            raise Refused(
                f"{counts.bad:,} rows are bad, and at most {self._most_bad:,} are imported as such; nothing was imported. "
                "See the reasons of the rows, and mend the file or say how its columns are read"
            )
        else:
            await self._save(known, **kept, begun_at=begun_at, state="importing")
        return begun_at, counts

    async def _append(self, known: Import, outbound: Path, counts: Counts) -> None:
        await append_all(self._database, self._log, known, outbound, partial(self._save, known))
        await self._save(known, state="done", rows_mapped=counts.rows)
        for verdict in ("good", "warned", "bad"):
            IMPORTED.labels(verdict).inc(getattr(counts, verdict))

    async def _failed(self, known: Import, reason: str) -> None:
        try:
            await self._save(known, state="failed", reason=reason)
        except Exception as error:  # noqa: BLE001  without a database it is an interrupted one
            _log.warning("import interrupted", import_id=known.import_id, error=describe(error))

    async def _save(self, known: Import, **values: Any) -> None:
        now = self._clock()
        await self._database.write(
            lambda connection: save_import(connection, known.workspace, known.import_id, told_at=now, **values)
        )

    async def _tell(self, known: Import) -> None:
        """Say now and then that somebody is at work, so that nobody else begins."""
        while True:
            await asyncio.sleep(_TELL_SECONDS)
            try:
                await self._save(known)
            except Exception as error:  # noqa: BLE001  an outage is the work's to tell
                _log.warning("import not told of", import_id=known.import_id, error=describe(error))

    def _keep_sample(self, key: tuple[str, str], sample: list[dict[str, Any]]) -> None:
        self._samples[key] = sample
        self._samples.move_to_end(key)
        while len(self._samples) > _SAMPLES:
            self._samples.popitem(last=False)


class _Book:
    """What is kept of the verdicts while they pass."""

    def __init__(self) -> None:
        self.counts = Counts()
        self.rows: list[RowVerdict] = []
        self.sample: list[dict[str, Any]] = []
        self._kept = {"warned": 0, "bad": 0}

    def enter(self, judged: Iterator[Judged]) -> Iterator[Judged]:
        for each in judged:
            self.counts.add(each.verdict)
            if each.verdict != "good" and self._kept[each.verdict] < KEPT_ROWS:
                self._kept[each.verdict] += 1
                self.rows.append(RowVerdict(each.placed.line, each.verdict, list(each.reasons)))
            if each.row is not None and len(self.sample) < SHOWN_ROWS:
                self.sample.append({"line": each.placed.line, **shown(each.row)})
            yield each


def told(surveyed: Surveyed, options: Options) -> dict[str, Any]:
    """The reading as it is answered: nothing of it is a cell."""
    reading = surveyed.reading
    return {
        **surveyed.about,
        "heading_line": surveyed.layout.heading_line,
        "columns": [
            {"heading": column.heading, "field": column.field, "how": column.how} for column in surveyed.layout.columns
        ],
        "not_read": list(surveyed.layout.not_read),
        "decimal": {",": "comma", ".": "point", None: None}[reading.decimal],
        "date_order": reading.date_order,
        "currency": reading.currency,
        "status": reading.status,
        "zone": reading.zone,
        "notes": list(surveyed.notes),
    }


def _survey(options: Options, directory: Path, watch: Watch) -> Surveyed:
    return survey(open_source(directory / "file", options), options, directory, watch)


def _judge(
    surveyed: Surveyed,
    directory: Path,
    workspace_key: bytes,
    watch: Watch,
    book: _Book,
    outbound: Path,
    import_id: str,
    begun_at: int,
) -> int:
    judged = book.enter(judge(surveyed, directory, workspace_key, watch, book.counts))
    return write_deliveries(outbound, deliveries(judged, surveyed, import_id, begun_at))


def _fault(error: Exception) -> str:
    return "the disk has no room for the file" if isinstance(error, OSError) and error.errno == 28 else describe(error)
