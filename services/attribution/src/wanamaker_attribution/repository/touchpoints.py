"""Touchpoints as rows: those of people in order, a page at a time, and those of one journey."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, Select, select, tuple_

from wanamaker_shared.service.sql import in_numbers, in_texts

from ..tables import touchpoint

_COLUMNS = [
    touchpoint.c[name]
    for name in (
        "id",
        "start_at",
        "record_source",
        "cookie",
        "event_id",
        "end_at",
        "day",
        "channel",
        "source",
        "medium",
        "campaign",
        "term",
        "content",
        "landing_page",
        "original_source",
        "rules",
        "owner",
        "owned_by",
    )
]
_ORDER = (touchpoint.c.start_at, touchpoint.c.record_source, touchpoint.c.cookie, touchpoint.c.event_id)

TouchpointRow = Row[Any]


class Place(NamedTuple):
    """A touchpoint's place in order."""

    start_at: int
    record_source: str
    cookie: str
    event_id: str


def place_of(row: TouchpointRow) -> Place:
    return Place(row.start_at, row.record_source, row.cookie, row.event_id)


def read_owned(
    connection: Connection, workspace: str, owners: Collection[str], *, limit: int, after: Place | None = None
) -> Sequence[TouchpointRow]:
    """The next touchpoints that belong to any of the identifiers, in order."""
    return _page(connection, workspace, in_texts(touchpoint.c.owner, owners), limit, after)


def read_owned_by(
    connection: Connection, workspace: str, owners: Select[Any], *, limit: int, after: Place | None = None
) -> Sequence[TouchpointRow]:
    """The same of the identifiers that a query gives."""
    return _page(connection, workspace, touchpoint.c.owner.in_(owners), limit, after)


def read_unowned(
    connection: Connection, workspace: str, cookie: str, *, limit: int, after: Place | None = None
) -> Sequence[TouchpointRow]:
    """The next touchpoints of a browser that belong to nobody, in order."""
    nobodys = (touchpoint.c.cookie == cookie) & touchpoint.c.owner.is_(None)
    return _page(connection, workspace, nobodys, limit, after)


def read_journey(
    connection: Connection, workspace: str, owners: Collection[str], starts: Collection[int]
) -> dict[str, TouchpointRow]:
    """The touchpoints of these owners that start at these times, by id."""
    statement = select(*_COLUMNS).where(
        touchpoint.c.workspace == workspace,
        in_texts(touchpoint.c.owner, owners),
        in_numbers(touchpoint.c.start_at, starts),
    )
    return {row.id: row for row in connection.execute(statement)}


def _page(
    connection: Connection, workspace: str, condition: ColumnElement[bool], limit: int, after: Place | None
) -> Sequence[TouchpointRow]:
    statement = select(*_COLUMNS).where(touchpoint.c.workspace == workspace, condition).order_by(*_ORDER).limit(limit)
    if after is not None:
        statement = statement.where(tuple_(*_ORDER) > tuple(after))
    return connection.execute(statement).all()
