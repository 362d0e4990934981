"""Reading one file: where its partitions end, and a batch of one of them. Blocking; runs on the log's reader thread."""

from __future__ import annotations

import sqlite3

from ..port import LogCorrupt, LogUnavailable, StoredRecord
from .files import LogFile
from .format import CorruptRecord, decode, is_damage, open_for_reading

_BATCH_BYTES = 4 << 20
"""A batch ends when it passes this, so that a megabyte a record does not become a gigabyte a batch."""

_BLOCKS = (
    "SELECT first, count, data FROM block WHERE partition = :partition AND first < :end AND first >= coalesce("
    "(SELECT max(first) FROM block WHERE partition = :partition AND first <= :start), 0) ORDER BY first"
)
_END = (
    "SELECT partition, max(first, coalesce((SELECT first + count FROM block"
    " WHERE block.partition = kept.partition ORDER BY block.first DESC LIMIT 1), 0)) FROM kept ORDER BY partition"
)


class FileReader:
    """Opens the file when it is there; until then it has the partitions it will be made with, all empty.

    Partitions here are the topic's (`LogFile.base` added). Raises LogCorrupt, LogUnavailable.
    """

    def __init__(self, file: LogFile) -> None:
        self.file = file
        self.exists = False
        self._partitions = file.partitions
        self._connection: sqlite3.Connection | None = None

    def ends(self) -> dict[int, int]:
        """For each partition of this file the position after its last record."""
        base = self.file.base
        connection = self._connect()
        if connection is None:
            return {base + partition: 0 for partition in range(self._partitions)}
        try:
            return {base + partition: end for partition, end in connection.execute(_END).fetchall()}
        except sqlite3.Error as error:
            raise self._failure(error, "") from error

    def read(self, partition: int, start: int, end: int, max_records: int) -> list[StoredRecord]:
        """The next records at offsets start … end-1, at most `max_records`; none if there is none.

        They begin later than `start` only where retention has removed what was there.
        """
        connection = self._connect()
        if connection is None or start >= end:
            return []
        place = f" partition {partition}"
        try:
            return self._records(connection, partition - self.file.base, start, end, max_records)
        except CorruptRecord as error:
            raise LogCorrupt(
                f"{self.file.path}{place} offset {error.offset}: the record does not match its checksum;"
                " restore this file from a copy"
            ) from error
        except sqlite3.Error as error:
            raise self._failure(error, f"{place} offset {start}") from error

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _records(
        self, connection: sqlite3.Connection, local: int, start: int, end: int, max_records: int
    ) -> list[StoredRecord]:
        records: list[StoredRecord] = []
        size = 0
        expected: int | None = None
        cursor = connection.execute(_BLOCKS, {"partition": local, "start": start, "end": end})
        try:
            for first, count, data in cursor:
                if expected is None and first > start:
                    (expected,) = connection.execute("SELECT first FROM kept WHERE partition = ?", (local,)).fetchone()
                if expected is not None and first != expected:
                    raise LogCorrupt(
                        f"{self.file.path} partition {self.file.base + local} offset {max(start, expected)}:"
                        f" the records up to offset {first - 1} are missing; restore this file from a copy"
                    )
                expected = first + count
                wanted = min(end, max(first, start) + max_records - len(records))
                records += decode(data, first, count, start, wanted)
                size += len(data)
                if size >= _BATCH_BYTES or len(records) >= max_records:
                    break
        finally:
            cursor.close()  # ends the read transaction: an open one would keep the WAL from being reused
        return records

    def _connect(self) -> sqlite3.Connection | None:
        if self._connection is None:
            try:
                opened = open_for_reading(self.file.path)
            except sqlite3.Error as error:
                raise self._failure(error, "") from error
            if opened is not None:
                self._connection, self._partitions = opened
                self.exists = True
        return self._connection

    def _failure(self, error: sqlite3.Error, place: str) -> LogCorrupt | LogUnavailable:
        if is_damage(error):
            return LogCorrupt(f"{self.file.path}{place}: {error}; restore this file from a copy")
        return LogUnavailable(f"{self.file.path}{place} cannot be read: {error}")
