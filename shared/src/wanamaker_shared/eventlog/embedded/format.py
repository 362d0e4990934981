"""The format of a topic's file, version 1: an SQLite database in WAL mode whose rows are *blocks* of records.

A block holds the records that one commit gave one partition: `first` is the offset of its first record, `count` how many
follow one another in `data`, each as `crc32, key length, value length` (little-endian, 4 bytes each), key, value; the
CRC-32 covers everything after itself. Blocks rather than rows, because the cost of a row is paid once per commit and not
once per record, and because a whole commit is then one INSERT statement: the writer thread lets go of the interpreter once.

`kept` holds the first offset that retention has left in each partition.
"""

from __future__ import annotations

import sqlite3
import struct
import zlib
from pathlib import Path

from ..port import LogCorrupt, StoredRecord

FORMAT = 1
APPLICATION = 0x574E4C47  # "WNLG"

SCHEMA = (
    "CREATE TABLE topic (name TEXT NOT NULL, partitions INTEGER NOT NULL)",
    "CREATE TABLE kept (partition INTEGER PRIMARY KEY, first INTEGER NOT NULL)",
    "CREATE TABLE block (id INTEGER PRIMARY KEY, partition INTEGER NOT NULL, first INTEGER NOT NULL,"
    " count INTEGER NOT NULL, written_at INTEGER NOT NULL, data BLOB NOT NULL)",
    "CREATE UNIQUE INDEX block_place ON block (partition, first)",
)

_LENGTHS = struct.Struct("<II")
_CRC = struct.Struct("<I")
_HEADER = struct.Struct("<III")


def encode(key: bytes, value: bytes) -> bytes:
    """One record as it stands in a block."""
    body = b"".join((_LENGTHS.pack(len(key), len(value)), key, value))
    return _CRC.pack(zlib.crc32(body)) + body


def decode(data: bytes, first: int, count: int, start: int, end: int) -> list[StoredRecord]:
    """The records of a block at offsets start … end-1. Raises CorruptRecord at the first that is not as it was written."""
    records: list[StoredRecord] = []
    place = 0
    for offset in range(first, min(first + count, end)):
        body = place + _HEADER.size
        if body > len(data):
            raise CorruptRecord(offset)
        crc, key_length, value_length = _HEADER.unpack_from(data, place)
        place = body + key_length + value_length
        if offset < start and place <= len(data):
            continue
        key_end = body + key_length
        # One pass over what the checksum covers: lengths, key and value stand together. A block cut short cannot match.
        if place > len(data) or zlib.crc32(memoryview(data)[body - _LENGTHS.size : place]) != crc:
            raise CorruptRecord(offset)
        records.append(StoredRecord(offset, data[body:key_end].decode(), data[key_end:place]))
    return records


class CorruptRecord(Exception):
    """The record at this offset does not match its checksum."""

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


def open_for_writing(path: Path, topic: str, partitions: int) -> tuple[sqlite3.Connection, int]:
    """Open or create a topic's file; answer its connection and its number of partitions.

    Every statement commits by itself and is synced before it returns. Raises LogCorrupt, sqlite3.Error.
    """
    connection = sqlite3.connect(path, isolation_level=None, timeout=30, check_same_thread=False, cached_statements=64)
    try:
        for pragma in (
            "page_size=8192",
            "journal_mode=WAL",
            "synchronous=FULL",
            "secure_delete=ON",  # what retention removes is overwritten, not only forgotten
            "wal_autocheckpoint=2000",
        ):
            connection.execute(f"PRAGMA {pragma}").close()
        found = _check(connection, path)
        if found is None:
            _create(connection, topic, partitions)
            found = partitions
    except sqlite3.DatabaseError as error:
        connection.close()
        if is_damage(error):
            raise LogCorrupt(f"{path}: {error}; restore this file from a copy") from error
        raise
    except BaseException:
        connection.close()
        raise
    return connection, found


def open_for_reading(path: Path) -> tuple[sqlite3.Connection, int] | None:
    """Open a topic's file; answer its connection and number of partitions, or None while its writer has not made it.

    Raises LogCorrupt, sqlite3.Error.
    """
    if not path.exists():
        return None
    # Not mode=ro: a reader must be able to recover the WAL that a killed writer left behind.
    connection = sqlite3.connect(
        f"file:{_quote(path)}?mode=rw", uri=True, isolation_level=None, timeout=30, check_same_thread=False
    )
    try:
        connection.execute("PRAGMA query_only=ON").close()
        found = _check(connection, path)
    except sqlite3.DatabaseError as error:
        connection.close()
        if is_damage(error):
            raise LogCorrupt(f"{path}: {error}; restore this file from a copy") from error
        raise
    except BaseException:
        connection.close()
        raise
    if found is None:
        connection.close()
        return None
    return connection, found


def is_damage(error: sqlite3.Error) -> bool:
    """Whether SQLite says that the file's content is wrong, rather than that it cannot be read or written just now."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _check(connection: sqlite3.Connection, path: Path) -> int | None:
    """The number of partitions; None for a file that is still being made."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if version == 0 and application == 0:
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if tables == 0:
            return None
    if application != APPLICATION:
        raise LogCorrupt(f"{path}: an SQLite file, but not a Wanamaker topic")
    if version != FORMAT:
        raise LogCorrupt(f"{path}: has format {version}; this version of Wanamaker reads format {FORMAT}")
    (partitions,) = connection.execute("SELECT partitions FROM topic").fetchone()
    return int(partitions)


def _create(connection: sqlite3.Connection, topic: str, partitions: int) -> None:
    """In one transaction: a reader sees the whole file or none."""
    connection.execute("BEGIN IMMEDIATE")
    for statement in SCHEMA:
        connection.execute(statement)
    connection.execute("INSERT INTO topic VALUES (?, ?)", (topic, partitions))
    connection.executemany("INSERT INTO kept VALUES (?, 0)", [(partition,) for partition in range(partitions)])
    connection.execute(f"PRAGMA application_id={APPLICATION}")
    connection.execute(f"PRAGMA user_version={FORMAT}")
    connection.execute("COMMIT")


def _quote(path: Path) -> str:
    return str(path.absolute()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
