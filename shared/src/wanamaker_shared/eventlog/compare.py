"""Comparing databases: every derived table as canonical lines in the order of its key, their hash, and where two differ.

The same bytes come out of SQLite and PostgreSQL. A table is derived if its `info` says so, and all its columns are but
those whose `info` says `{"derived": False}`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Any, NamedTuple

import orjson
from sqlalchemy import Column, ColumnElement, Connection, MetaData, String, Table, collate, select

_FETCH = 5000


class Line(NamedTuple):
    """One row. Lines compare in the order in which they are listed: by table, then key."""

    table: str
    key: tuple[int | str, ...]
    row: dict[str, Any]

    def encode(self) -> bytes:
        """Canonical JSON: [table, {column: value}] and a line feed; bytes as hex."""
        return orjson.dumps([self.table, self.row], option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


@dataclass(frozen=True, slots=True)
class Difference:
    """A key whose rows are not the same; None where one side has no such row."""

    table: str
    key: tuple[int | str, ...]
    left: dict[str, Any] | None
    right: dict[str, Any] | None


def derived_tables(metadata: MetaData) -> list[Table]:
    """The tables that a replay must give again, by name."""
    tables = [table for table in metadata.tables.values() if table.info.get("derived") is True]
    return sorted(tables, key=lambda table: table.name)


def lines(connection: Connection, metadata: MetaData) -> Iterator[Line]:
    """All rows of all derived tables, streamed in order."""
    for table in derived_tables(metadata):
        yield from _table_lines(connection, table)


def digest(connection: Connection, metadata: MetaData) -> str:
    """SHA-256 (hex) over all lines: equal if and only if the derived tables are."""
    sha = hashlib.sha256()
    for line in lines(connection, metadata):
        sha.update(line.encode())
    return sha.hexdigest()


def dump(connection: Connection, metadata: MetaData, file: IO[bytes]) -> str:
    """Write all lines to the file and return their hash: a snapshot to compare with after the live database has moved on."""
    sha = hashlib.sha256()
    for line in lines(connection, metadata):
        data = line.encode()
        sha.update(data)
        file.write(data)
    return sha.hexdigest()


def load(file: IO[bytes], metadata: MetaData) -> Iterator[Line]:
    """The lines that `dump` wrote."""
    keys = {table.name: [column.name for column in table.primary_key.columns] for table in derived_tables(metadata)}
    for data in file:
        table, row = orjson.loads(data)
        yield Line(table, tuple(row[name] for name in keys[table]), row)


def differences(left: Iterable[Line], right: Iterable[Line]) -> Iterator[Difference]:
    """Where two listings differ, in order, holding one row of each in memory."""
    lefts, rights = iter(left), iter(right)
    a, b = next(lefts, None), next(rights, None)
    while a is not None or b is not None:
        if b is None or (a is not None and a[:2] < b[:2]):
            assert a is not None
            yield Difference(a.table, a.key, a.row, None)
            a = next(lefts, None)
        elif a is None or b[:2] < a[:2]:
            yield Difference(b.table, b.key, None, b.row)
            b = next(rights, None)
        else:
            if a.row != b.row:
                yield Difference(a.table, a.key, a.row, b.row)
            a, b = next(lefts, None), next(rights, None)


def _table_lines(connection: Connection, table: Table) -> Iterator[Line]:
    columns = [column for column in table.columns if column.info.get("derived") is not False]
    names = [str(column.name) for column in columns]  # SQLAlchemy has a text type of its own
    key = [str(column.name) for column in table.primary_key.columns]
    statement = select(*columns).order_by(*(_by_bytes(column, connection) for column in table.primary_key.columns))
    rows = connection.execute(statement.execution_options(yield_per=_FETCH))
    for values in rows:
        row = {name: _plain(value) for name, value in zip(names, values, strict=True)}
        yield Line(str(table.name), tuple(row[name] for name in key), row)


def _by_bytes(column: Column[Any], connection: Connection) -> ColumnElement[Any]:
    """Text in the order of its UTF-8 bytes, whatever collation the column has."""
    if connection.dialect.name == "postgresql" and isinstance(column.type, String) and column.type.collation != "C":
        return collate(column, "C")
    return column


def _plain(value: Any) -> Any:
    return bytes(value).hex() if isinstance(value, (bytes, memoryview)) else value
