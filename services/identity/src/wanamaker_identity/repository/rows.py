"""Rows by key, of many keys by one statement."""

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
    and_,
    bindparam,
    delete,
    select,
)

from wanamaker_shared.service.given import given

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


def delete_rows(connection: Connection, table: Table, keys: Sequence[dict[str, Any]]) -> None:
    """Delete the rows with these primary keys."""
    if keys:
        conditions = [column == bindparam(f"k_{column.name}") for column in table.primary_key.columns]
        connection.execute(
            delete(table).where(*conditions), [{f"k_{name}": value for name, value in key.items()} for key in keys]
        )
