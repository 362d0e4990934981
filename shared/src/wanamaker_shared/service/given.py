"""A list of tuples as a table in a query, so that many keys are looked up by one statement on SQLite and PostgreSQL alike.

wanted = given()
STATEMENT = select(t).select_from(wanted.joined(t, t.c.name == wanted.text(0)))     # built once
connection.execute(STATEMENT, {"given": rows_of([("ann",), ("bob",)])})
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from sqlalchemy import BigInteger, Cast, ColumnElement, FromClause, Join, Text, bindparam, cast, column, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.selectable import TableValuedAlias


class Given:
    """The list that parameter `name` binds; `text(0)`, `number(1)` are its columns by position."""

    def __init__(self, source: TableValuedAlias) -> None:
        self.source = source

    def text(self, position: int) -> ColumnElement[str]:
        return _Item(self.source.c.value, literal_column(str(position)))

    def number(self, position: int) -> Cast[int]:
        return cast(self.text(position), BigInteger)

    def joined(self, table: FromClause, condition: ColumnElement[bool]) -> Join:
        """The list joined to a table, the list always outside: each of its rows is one look-up by index."""
        return _ListFirst(self.source, table, condition)


def given(name: str = "given") -> Given:
    return Given(_Rows(bindparam(name, type_=Text())).table_valued(column("value"), name=name))


def rows_of(rows: Iterable[Sequence[str | int]]) -> str:
    """The value to bind: rows of texts and whole numbers."""
    return orjson.dumps(list(rows)).decode()


class _Rows(FunctionElement[Any]):
    inherit_cache = True
    name = "given_rows"


class _Item(FunctionElement[str]):
    inherit_cache = True
    name = "given_item"
    type = Text()


class _ListFirst(Join):
    inherit_cache = True


@compiles(_Rows, "sqlite")
def _rows_sqlite(element: _Rows, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **kwargs)})"


@compiles(_Rows, "postgresql")
def _rows_postgresql(element: _Rows, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"jsonb_array_elements(CAST({compiler.process(element.clauses, **kwargs)} AS JSONB))"


@compiles(_Item, "sqlite")
def _item_sqlite(element: _Item, compiler: SQLCompiler, **kwargs: Any) -> str:
    value, position = element.clauses
    return f"json_extract({compiler.process(value, **kwargs)}, '$[{compiler.process(position, **kwargs)}]')"


@compiles(_Item, "postgresql")
def _item_postgresql(element: _Item, compiler: SQLCompiler, **kwargs: Any) -> str:
    value, position = element.clauses
    return f"({compiler.process(value, **kwargs)} ->> {compiler.process(position, **kwargs)})"


@compiles(_ListFirst, "sqlite")
def _list_first_sqlite(element: _ListFirst, compiler: SQLCompiler, **kwargs: Any) -> str:
    """SQLite keeps the order of a CROSS JOIN; left alone it scans the whole table and looks the list up."""
    kwargs = {**kwargs, "asfrom": True, "from_linter": None}  # the linter for forgotten joins knows JOIN only
    left, right = (compiler.process(side, **kwargs) for side in (element.left, element.right))
    assert element.onclause is not None
    return f"{left} CROSS JOIN {right} ON {compiler.process(element.onclause)}"
