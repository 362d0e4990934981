"""The first (or last) row of each of many subjects, by one statement and one look-up in an index for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Table, Text, bindparam, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.selectable import ScalarSelect

from .given import Given

ORDER = ("at", "source", "sender", "event_id")
"""The place of a record among those of its workspace."""


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
    """The row of `table` that is first in the order `by`, among those of the workspace of parameter
    `workspace` whose columns `subject` are the wanted texts.

    It comes as JSON, a list of the columns `answer` (`orjson.loads` it); null where there is none.
    """
    workspace: BindParameter[str] = bindparam("workspace")
    order = [table.c[name].desc() if last else table.c[name].asc() for name in by]
    conditions = [table.c[name] == wanted.text(place) for place, name in enumerate(subject)]
    return (
        select(_JsonList(*(table.c[name] for name in answer)))
        .where(table.c.workspace == workspace, *conditions, *where)
        .order_by(*order)
        .limit(1)
        .correlate(wanted.source)
        .scalar_subquery()
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
