"""The spool as the event loop sees it: bounded, durable, emptied from the front."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

import structlog

from ...service.metrics import SPOOL_BYTES, SPOOL_DRAINED, SPOOL_RECORDS, SPOOLED
from ..embedded.writer import TopicWriter
from ..port import LogCorrupt, LogUnavailable, NewRecord
from .file import SpoolFile, Waiting, named, spool_file

_BESIDES = 16
"""What a record takes in the file beside its topic, key and value, in bytes."""

_ONE_MORE = 1 << 20
"""Bytes that have to be free for it to say that it takes records: a large request's."""

_log = structlog.get_logger(__name__)


class Spool:
    """`limit` bounds what it holds, in bytes of records; `deadline` in seconds bounds an append.

    Raises LogUnavailable if another process has the directory, or if the disk refuses it.
    """

    def __init__(self, directory: Path, process: str, *, limit: int, deadline: float, queue_bytes: int) -> None:
        self.directory = directory
        self._limit = limit
        self._deadline = deadline
        self._file = _open(directory, process)
        self._writer = TopicWriter(self._file, deadline=deadline, queue_bytes=queue_bytes)
        self._pending = 0
        self.filled = asyncio.Event()
        """Set by every append, also by one that is refused."""
        self._show()

    @property
    def records(self) -> int:
        """How many are on disk and not sent on."""
        return self._file.records

    @property
    def held(self) -> int:
        """In bytes of records."""
        return self._file.held

    @property
    def unsettled(self) -> bool:
        """Whether appends are under way."""
        return self._pending > 0

    async def append(self, records: Sequence[NewRecord]) -> None:
        """Return when all are synced to disk. Raises LogUnavailable: the spool is full, or its disk refuses or hangs."""
        kept = [named(record) for record in records]
        size = sum(len(record.key.encode()) + len(record.value) + _BESIDES for record in kept)
        try:
            self._refuse_if_full(size)
            self._pending += size
            try:
                await self._writer.append(kept)
            finally:
                self._pending -= size
        finally:
            self.filled.set()
        SPOOLED.inc(len(kept))
        self._show()

    async def read(self) -> Waiting:
        """The next records to send on, of everything that was appended before. Raises LogUnavailable."""
        return await self._writer.run(self._file.read)

    async def forget(self, waiting: Waiting) -> None:
        """These were sent on. Raises LogUnavailable if the disk does not take that; they are not read again all the same."""
        SPOOL_DRAINED.inc(len(waiting.records))
        try:
            await self._writer.run(lambda: self._file.forget(waiting.next))
        finally:
            self._show()

    async def check(self) -> None:
        """Raises LogUnavailable if it would not take records now: full, or the disk does not take a write."""
        self._refuse_if_full(_ONE_MORE)
        await self._writer.check()

    async def close(self) -> None:
        """Bounded by the deadline, also on a disk that hangs."""
        await self._writer.close(self._deadline)

    def _refuse_if_full(self, size: int) -> None:
        if self._file.held + self._pending + size > self._limit:
            raise LogUnavailable(
                f"the spool {self.directory} is full: it holds {self._file.held} bytes of the {self._limit} it may hold"
            )

    def _show(self) -> None:
        SPOOL_RECORDS.set(self.records)
        SPOOL_BYTES.set(self.held)


def _open(directory: Path, process: str) -> SpoolFile:
    """Raises LogUnavailable. A file that is damaged as a whole is put aside: new events have to be kept somewhere."""
    try:
        return SpoolFile(directory, process)
    except LogCorrupt as damage:
        aside = f"damaged-{time.time_ns()}"
        for path in directory.glob(f"{spool_file(directory).path.name}*"):
            path.rename(path.with_name(f"{aside}.{path.name}"))
        _log.error("the spool was damaged; it was put aside and not sent on", error=str(damage), kept=aside)
        return SpoolFile(directory, process)
    except LogUnavailable as taken:
        raise LogUnavailable(f"{taken}; each collector needs a spool of its own (WANAMAKER_SPOOL)") from taken
