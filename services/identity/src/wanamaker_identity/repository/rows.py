"""The first (or last) row of each of many subjects, by one statement and one look-up in an index for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.selectable import ScalarSelect

from wanamaker_shared.service.given import Given, given

ORDER = ("at", "source", "sender", "event_id")


def workspace_is(table: FromClause) -> ColumnElement[bool]:
    """The condition on the parameter `workspace`."""
    workspace: BindParameter[str] = bindparam("workspace")
    return table.c.workspace == workspace


def rows_by_key(table: FromClause, names: Sequence[str], *columns: ColumnElement[Any] | Table) -> Select[Any]:
    """The rows whose columns `names` are one of the tuples given by parameter `given`, in the workspace of `workspace`."""
    wanted = given()
    matches = (table.c[name] == wanted.text(place) for place, name in enumerate(names))
    return select(*columns).select_from(wanted.joined(table, and_(workspace_is(table), *matches)))


def edge_row(
    wanted: Given,
    table: Table,
    subject: Sequence[str],
    answer: Sequence[str],
    *,
    by: Sequence[str] = ORDER,
    last: bool = False,
    where: Sequence[ColumnElement[bool]] = (),
) -> ScalarSelect[str]:
    """The row of `table` that is first in the order `by`, among those whose columns `subject` are the wanted texts.

    It comes as JSON, a list of the columns `answer` (`orjson.loads` it); null where there is none.
    """
    order = [table.c[name].desc() if last else table.c[name].asc() for name in by]
    conditions = [table.c[name] == wanted.text(place) for place, name in enumerate(subject)]
    return (
        select(_JsonList(*(table.c[name] for name in answer)))
        .where(workspace_is(table), *conditions, *where)
        .order_by(*order)
        .limit(1)
        .correlate(wanted.source)
        .scalar_subquery()
    )


def delete_rows(connection: Connection, table: Table, keys: Sequence[dict[str, Any]]) -> None:
    """Delete the rows with these primary keys."""
    if keys:
        conditions = [column == bindparam(f"k_{column.name}") for column in table.primary_key.columns]
        connection.execute(
            delete(table).where(*conditions), [{f"k_{name}": value for name, value in key.items()} for key in keys]
        )


class _JsonList(FunctionElement[str]):
    inherit_cache = True
    name = "json_list"
    type = Text()


@compiles(_JsonList, "sqlite")
def _json_list_sqlite(element: _JsonList, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"json_array({compiler.process(element.clauses, **kwargs)})"


@compiles(_JsonList, "postgresql")
def _json_list_postgresql(element: _JsonList, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"CAST(jsonb_build_array({compiler.process(element.clauses, **kwargs)}) AS TEXT)"
