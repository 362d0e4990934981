"""Which deals the rows before a row spoke of, and what they said: on disk, since a file may have a million. Blocking."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

import orjson


class Before(NamedTuple):
    """The last row of a deal at one time."""

    line: int
    shift: int
    said: Mapping[str, Any]


class Seen:
    """Thrown away when the import ends; nothing is synced."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-2048"):
            self._database.execute(f"PRAGMA {pragma}")
        self._database.execute("BEGIN")
        self._database.execute(
            "CREATE TABLE seen (deal TEXT, at INTEGER, line INTEGER, shift INTEGER, said BLOB, PRIMARY KEY (deal, at))"
            " WITHOUT ROWID"
        )

    def __enter__(self) -> Seen:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._database.close()

    def last(self, deal: str, at: int) -> Before | None:
        row = self._database.execute(
            "SELECT line, shift, said FROM seen WHERE deal = ? AND at = ?", (deal, at)
        ).fetchone()
        return None if row is None else Before(row[0], row[1], orjson.loads(row[2]))

    def deals(self) -> int:
        """How many there are."""
        (count,) = self._database.execute("SELECT count(DISTINCT deal) FROM seen").fetchone()
        return int(count)

    def note(self, deal: str, at: int, before: Before) -> None:
        self._database.execute(
            "INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?, ?)",
            (deal, at, before.line, before.shift, orjson.dumps(dict(before.said))),
        )
