"""Writing blocks: what the writer thread does with SQLite, and how it goes on after the disk refused."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Sequence

from ...contracts.topics import TOPICS
from ..port import LogUnavailable
from .bell import Bell
from .files import LogFile
from .format import open_for_writing
from .owner import Ownership

Encoded = tuple[int, bytes]
"""(partition, the record as it stands in a block)"""

_BLOCK_BYTES = 1 << 20
"""A block is cut when it passes this, so that a reader of a few records does not load a whole busy second."""

_TIDY_EVERY = 3600.0
_REFUSAL_COUNTS = 10.0
"""Seconds for which a write that was refused tells more than another that is not."""
_TRY_BYTES = 1 << 16


class BlockWriter:
    """Owns the file from construction to `close`. Everything but the constructor runs on the writer thread.

    Raises LogUnavailable (somebody else writes it, the disk refuses) and LogCorrupt.
    """

    def __init__(self, file: LogFile, process: str) -> None:
        self.file = file
        file.path.parent.mkdir(parents=True, exist_ok=True)
        self._owner = Ownership(file.lock, process)
        try:
            self._bell = Bell(file.bell)
            self._connection: sqlite3.Connection | None = None
            self._next: list[int] = []
            self.partitions = file.partitions
            try:
                self._connect()
            except (sqlite3.Error, OSError) as error:
                raise LogUnavailable(f"{file.path} cannot be opened: {error}") from error
            _sync_directory(file.path.parent)
        except BaseException:
            self._owner.release()
            raise
        retention = TOPICS[file.topic].retention if file.topic in TOPICS else None
        self._keep_seconds = retention.total_seconds() if retention else None
        self._tidied_at = float("-inf")
        self._refusal: LogUnavailable | None = None
        self._refused_at = 0.0

    def write(self, records: Sequence[Encoded]) -> LogUnavailable | None:
        """Write and sync all records in one transaction; answer what went wrong, if so none of them is acknowledged."""
        try:
            connection = self._connection or self._connect()
            ends = self._insert(connection, records)
        except Exception as error:  # noqa: BLE001 - whatever it is, whoever waits must hear of it and the thread must live
            # What SQLite left behind is unknown to this connection: the next write opens the file afresh.
            self._disconnect()
            self._refusal, self._refused_at = LogUnavailable(f"{self.file.path}: {error}"), time.monotonic()
            return self._refusal
        self._refusal = None
        self._next = ends
        self._bell.ring()
        return None

    def check(self) -> LogUnavailable | None:
        """Whether the disk takes records now: what it said to the last ones, if it just refused them, else a file to try it."""
        if self._refusal is not None and time.monotonic() - self._refused_at < _REFUSAL_COUNTS:
            return self._refusal
        tried = self.file.path.with_suffix(".try")
        try:
            with tried.open("wb") as file:
                file.write(bytes(_TRY_BYTES))
                file.flush()
                os.fsync(file.fileno())
            tried.unlink()
        except OSError as error:
            return LogUnavailable(f"{tried}: {error}")
        return None

    def tidy(self) -> None:
        """Remove what an inbox need not keep any longer, once an hour."""
        if self._keep_seconds is None or self._connection is None or time.monotonic() - self._tidied_at < _TIDY_EVERY:
            return
        self._tidied_at = time.monotonic()
        try:
            trim(self._connection, self.partitions, int(time.time() - self._keep_seconds))
        except sqlite3.Error:
            self._disconnect()  # the next hour tries again

    def close(self) -> None:
        self._disconnect()
        self._bell.close()
        self._owner.release()

    def _insert(self, connection: sqlite3.Connection, records: Sequence[Encoded]) -> list[int]:
        """One INSERT, and as it stands alone, one commit and one sync. Answers the next offset of each partition."""
        ends = list(self._next)
        now = int(time.time())
        rows: list[int | bytes] = []
        by_partition: dict[int, list[bytes]] = {}
        for partition, data in records:
            by_partition.setdefault(partition, []).append(data)
        for partition, data_of_partition in by_partition.items():
            for block in _cut(data_of_partition):
                rows += (partition, ends[partition], len(block), now, b"".join(block))
                ends[partition] += len(block)
        if rows:
            values = ",".join(["(?,?,?,?,?)"] * (len(rows) // 5))
            connection.execute(
                f"INSERT INTO block (partition, first, count, written_at, data) VALUES {values}",  # noqa: S608 - only marks
                rows,
            )
        return ends

    def _connect(self) -> sqlite3.Connection:
        connection, self.partitions = open_for_writing(self.file.path, self.file.topic, self.file.partitions)
        # With no block left (retention took all), the offsets still go on where they were.
        self._next = [
            connection.execute(
                "SELECT max((SELECT first FROM kept WHERE partition = :partition), coalesce("
                "(SELECT first + count FROM block WHERE partition = :partition ORDER BY first DESC LIMIT 1), 0))",
                {"partition": partition},
            ).fetchone()[0]
            for partition in range(self.partitions)
        ]
        self._connection = connection
        return connection

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.close()
            except sqlite3.Error:  # closing tidies the WAL away where it can; what is synced stays either way
                return


def trim(connection: sqlite3.Connection, partitions: int, older_than: int) -> None:
    """Delete the blocks at the beginning of each partition that were written before `older_than` (seconds, UTC)."""
    connection.execute("BEGIN IMMEDIATE")
    for partition in range(partitions):
        place = {"partition": partition, "older_than": older_than}
        (first,) = connection.execute(
            "SELECT coalesce((SELECT min(first) FROM block WHERE partition = :partition AND written_at >= :older_than),"
            " (SELECT max(first + count) FROM block WHERE partition = :partition))",
            place,
        ).fetchone()
        if first is not None:
            place["first"] = first
            connection.execute("DELETE FROM block WHERE partition = :partition AND first < :first", place)
            connection.execute("UPDATE kept SET first = :first WHERE partition = :partition AND first < :first", place)
    connection.execute("COMMIT")


def _cut(records: Sequence[bytes]) -> list[list[bytes]]:
    blocks: list[list[bytes]] = [[]]
    size = 0
    for record in records:
        if size >= _BLOCK_BYTES:
            blocks.append([])
            size = 0
        blocks[-1].append(record)
        size += len(record)
    return blocks


def _sync_directory(directory: os.PathLike[str]) -> None:
    """A new file's name is durable only once its directory is."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
