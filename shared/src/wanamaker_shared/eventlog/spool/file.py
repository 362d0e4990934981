"""The spool's file: the embedded log's blocks, one partition for all topics, given back as soon as they were sent on.

`kept.first` is the position: what stands before it was acknowledged by the log behind. It is moved after the
acknowledgement, so a crash between the two sends again and loses nothing. Blocks are sent and given back whole.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from ...service.metrics import SPOOL_DAMAGED
from ..embedded.blocks import BlockWriter, Encoded
from ..embedded.files import LogFile
from ..embedded.format import CorruptRecord, decode
from ..port import LogCorrupt, LogUnavailable, NewRecord, StoredRecord

_NAME = "spool"
_TOPIC_ENDS = "\0"
_SENT = "FROM block WHERE partition = 0 AND first < :sent"
_BATCH_BYTES = 1 << 20
BATCH_RECORDS = 2000

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Records to send on: those at positions start … next-1, less damaged ones. Nothing waits if the two are the same."""

    records: list[NewRecord]
    start: int
    next: int


def spool_file(directory: Path) -> LogFile:
    return LogFile(_NAME, directory / f"{_NAME}.db", 0, 1)


def named(record: NewRecord) -> NewRecord:
    """The record as the spool keeps it, its topic within its key."""
    return NewRecord(_NAME, f"{record.topic}{_TOPIC_ENDS}{record.key}", record.value)


def _as_it_was(record: StoredRecord) -> NewRecord:
    topic, _, key = record.key.partition(_TOPIC_ENDS)
    return NewRecord(topic, key, record.value)


class SpoolFile(BlockWriter):
    """Runs on the writer thread, but for the constructor and the two counts, which anybody may look at.

    Constructing raises LogUnavailable (another process has this spool, the disk refuses) and LogCorrupt.
    """

    def __init__(self, directory: Path, process: str) -> None:
        self._sent = 0
        self._held = 0
        super().__init__(spool_file(directory), process)

    @property
    def records(self) -> int:
        """How many wait to be sent on."""
        return self._next[0] - self._sent

    @property
    def held(self) -> int:
        """What the file holds of records, in bytes."""
        return self._held

    def write(self, records: Sequence[Encoded]) -> LogUnavailable | None:
        error = super().write(records)
        if error is None:
            self._held += sum(len(data) for _, data in records)
        return error

    def read(self) -> Waiting:
        """The next records that were not sent on, about a megabyte of them; none if none wait.

        What does not match its checksum is put into a file of its own beside this one, and passed over.
        Raises LogUnavailable.
        """
        try:
            return self._read(self._connection or self._connect())
        except (sqlite3.Error, OSError, LogCorrupt) as error:
            self._disconnect()
            raise LogUnavailable(f"{self.file.path} cannot be read: {error}") from error

    def forget(self, position: int) -> None:
        """Everything before the position was sent on. Raises LogUnavailable where the disk does not take that.

        The position holds for this process in any case: nothing is sent twice because a disk is full.
        """
        self._sent = max(self._sent, position)
        try:
            if self.records:
                self._give_back(self._connection or self._connect())
            else:
                self._begin_afresh()
        except (sqlite3.Error, OSError, LogCorrupt) as error:
            self._disconnect()
            raise LogUnavailable(f"{self.file.path} does not give back what was sent on: {error}") from error

    def _connect(self) -> sqlite3.Connection:
        connection = super()._connect()
        (first,) = connection.execute("SELECT first FROM kept WHERE partition = 0").fetchone()
        self._sent = max(self._sent, first)
        (self._held,) = connection.execute("SELECT coalesce(sum(length(data)), 0) FROM block").fetchone()
        return connection

    def _read(self, connection: sqlite3.Connection) -> Waiting:
        records: list[NewRecord] = []
        position = self._sent
        size = 0
        cursor = connection.execute(
            "SELECT first, count, data FROM block WHERE partition = 0 AND first >= ? ORDER BY first", (position,)
        )
        try:
            for first, count, data in cursor:
                records += map(_as_it_was, self._whole(data, first, count))
                position = first + count
                size += len(data)
                if size >= _BATCH_BYTES or len(records) >= BATCH_RECORDS:
                    break
        finally:
            cursor.close()  # ends the read transaction: an open one would keep the WAL from being reused
        return Waiting(records, self._sent, position)

    def _whole(self, data: bytes, first: int, count: int) -> list[StoredRecord]:
        try:
            return decode(data, first, count, first, first + count)
        except CorruptRecord as damage:
            self._put_aside(data, first + count - damage.offset)
            return decode(data, first, count, first, damage.offset)

    def _put_aside(self, data: bytes, records: int) -> None:
        """Once, however often the block is read before it can be given back."""
        path = self.file.path.with_name(f"damaged-{hashlib.sha256(data).hexdigest()[:16]}.block")
        if path.exists():
            return
        with path.open("wb") as aside:
            aside.write(data)
            os.fsync(aside.fileno())
        SPOOL_DAMAGED.inc(records)
        _log.error(
            "records in the spool do not match their checksums and were not sent on", records=records, kept=path.name
        )

    def _give_back(self, connection: sqlite3.Connection) -> None:
        sent = {"sent": self._sent}
        connection.execute("BEGIN IMMEDIATE")
        (size,) = connection.execute(f"SELECT sum(length(data)) {_SENT}", sent).fetchone()
        connection.execute(f"DELETE {_SENT}", sent)
        connection.execute("UPDATE kept SET first = :sent WHERE partition = 0", sent)
        connection.execute("COMMIT")
        self._held -= size or 0

    def _begin_afresh(self) -> None:
        """All was sent on: a new file instead of an empty one as large as the outage was long. Works on a full disk too."""
        self._disconnect()
        for suffix in ("-wal", "-shm", ""):  # the WAL first: a new file must not find it
            Path(f"{self.file.path}{suffix}").unlink(missing_ok=True)
        self._next, self._sent, self._held = [0], 0, 0
        self._connect()
