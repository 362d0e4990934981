"""Restatements as rows, in the order they were written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, select, tuple_

from ..tables import restatement


class WrittenPlace(NamedTuple):
    written_at: int
    id: str


def read_restatements(
    connection: Connection, workspace: str, *, limit: int, since: int | None = None, after: WrittenPlace | None = None
) -> Sequence[Row[Any]]:
    """The next restatements written at or after `since` (microseconds)."""
    order = (restatement.c.written_at, restatement.c.id)
    statement = select(restatement).where(restatement.c.workspace == workspace).order_by(*order).limit(limit)
    if since is not None:
        statement = statement.where(restatement.c.written_at >= since)
    if after is not None:
        statement = statement.where(tuple_(*order) > tuple(after))
    return connection.execute(statement).all()
