"""Set-based SQL that SQLite and PostgreSQL write differently. Statements are built once per table and dialect: they are hot.

The writing functions hand plain tuples to the driver, past SQLAlchemy's per-row work. Rows of one call have the same
columns; values are what the driver takes (str, int, bytes, bool, None).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

import orjson
from sqlalchemy import ARRAY, BigInteger, Boolean, ColumnElement, Connection, Dialect, String, Table, Text, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeDecorator, TypeEngine

Row = Mapping[str, Any]


def in_texts(column: ColumnElement[str], values: Collection[str]) -> ColumnElement[bool]:
    """Whether the column is one of any number of texts, as one bound parameter: the statement is the same for all sets."""
    return _InSet(column, bindparam(None, values, _Set(Text()), unique=True))


def in_numbers(column: ColumnElement[int], values: Collection[int]) -> ColumnElement[bool]:
    """The same for whole numbers."""
    return _InSet(column, bindparam(None, values, _Set(BigInteger()), unique=True))


def upsert(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert the rows; where a row with the primary key is there, replace its other columns (those given)."""
    _write(connection, table, rows, "replace")


def in_bound(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """The same for texts or whole numbers with the list bound at execution, as parameter `name`: for statements built once."""
    item = Text() if isinstance(column.type, String) else BigInteger()
    return _InSet(column, bindparam(name, type_=_Set(item)))


def insert_rows(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert the rows; a primary key that is there already is an IntegrityError."""
    _write(connection, table, rows, "none")


def insert_ignore(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert the rows whose primary key is not there yet; leave the others."""
    _write(connection, table, rows, "ignore")


def add_up(
    connection: Connection,
    table: Table,
    columns: tuple[str, ...],
    rows: Sequence[tuple[Any, ...]],
    measures: Sequence[str],
) -> None:
    """Insert the rows; where a row with the primary key is there, add the measures to its own.

    Rows are tuples of the columns: sums have so many rows that a dict for each would be what costs.
    """
    if rows:
        connection.exec_driver_sql(
            _statement(table, connection.dialect.name, columns, "add", tuple(measures)), list(rows)
        )


class _Set(TypeDecorator[Any]):
    """A list as one parameter: a JSON text on SQLite, an array on PostgreSQL."""

    impl = Text
    cache_ok = True

    def __init__(self, item: TypeEngine[Any]) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(self.item) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return list(value) if dialect.name == "postgresql" else orjson.dumps(list(value)).decode()


class _InSet(FunctionElement[bool]):
    inherit_cache = True
    name = "in_set"
    type = Boolean()

    def self_group(self, against: OperatorType | None = None) -> _InSet:
        """As it stands: SQLAlchemy would write `(column IN …) = 1` for SQLite, which no index answers."""
        return self


@compiles(_InSet, "sqlite")
def _in_json(element: _InSet, compiler: SQLCompiler, **kwargs: Any) -> str:
    column, values = element.clauses
    texts = f"SELECT value FROM json_each({compiler.process(values, **kwargs)})"  # noqa: S608  compiled, not quoted
    return f"{compiler.process(column, **kwargs)} IN ({texts})"


@compiles(_InSet, "postgresql")
def _in_array(element: _InSet, compiler: SQLCompiler, **kwargs: Any) -> str:
    column, values = element.clauses
    return f"{compiler.process(column, **kwargs)} = ANY ({compiler.process(values, **kwargs)})"


def _write(connection: Connection, table: Table, rows: Sequence[Row], conflict: str) -> None:
    if not rows:
        return
    columns = tuple(rows[0])
    statement = _statement(table, connection.dialect.name, columns, conflict, ())
    take = itemgetter(*columns) if len(columns) > 1 else (lambda row: (row[columns[0]],))
    connection.exec_driver_sql(statement, [take(row) for row in rows])


@lru_cache(maxsize=1024)
def _statement(table: Table, dialect: str, columns: tuple[str, ...], conflict: str, measures: tuple[str, ...]) -> str:
    """Column and table names are ours (`table.c[…]` refuses others), so the text is safe to build."""
    names = [_quoted(table.c[column].name) for column in columns]
    marks = [f"${n}" if dialect == "postgresql" else "?" for n in range(1, len(columns) + 1)]
    key = [_quoted(column.name) for column in table.primary_key.columns]
    own = _quoted(table.name)
    insertion = f"INSERT INTO {own} ({', '.join(names)}) VALUES ({', '.join(marks)})"  # noqa: S608
    if conflict == "none":
        return insertion
    changes = {
        "ignore": [],
        "replace": [f"{name} = excluded.{name}" for name in names if name not in key],
        "add": [f"{_quoted(name)} = {own}.{_quoted(name)} + excluded.{_quoted(name)}" for name in measures],
    }[conflict]
    action = f"UPDATE SET {', '.join(changes)}" if changes else "NOTHING"
    return f"{insertion} ON CONFLICT ({', '.join(key)}) DO {action}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
