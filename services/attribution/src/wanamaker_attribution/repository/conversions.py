"""Conversions as rows, a page at a time: by day, of a person, of a deal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, select, tuple_

from ..tables import conversion, conversion_person


class DayPlace(NamedTuple):
    day: str
    kind: str
    key: str


class TimePlace(NamedTuple):
    at: int
    kind: str
    key: str


def read_by_day(
    connection: Connection,
    workspace: str,
    *,
    limit: int,
    kind: str | None = None,
    first: str | None = None,
    last: str | None = None,
    after: DayPlace | None = None,
) -> Sequence[Row[Any]]:
    """The next conversions in the order of their days, first and last included."""
    order = (conversion.c.day, conversion.c.kind, conversion.c.key)
    columns = [column for column in conversion.c if column.name != "credits"]
    statement = select(*columns).where(conversion.c.workspace == workspace).order_by(*order).limit(limit)
    if kind is not None:
        statement = statement.where(conversion.c.kind == kind)
    if first is not None:
        statement = statement.where(conversion.c.day >= first)
    if last is not None:
        statement = statement.where(conversion.c.day <= last)
    if after is not None:
        statement = statement.where(tuple_(*order) > tuple(after))
    return connection.execute(statement).all()


def read_of_person(
    connection: Connection, workspace: str, profile: str, *, limit: int, after: TimePlace | None = None
) -> Sequence[TimePlace]:
    """Where the next conversions of a person stand, in order of time."""
    table = conversion_person
    order = (table.c.at, table.c.kind, table.c.key)
    statement = (
        select(*order).where(table.c.workspace == workspace, table.c.profile == profile).order_by(*order).limit(limit)
    )
    if after is not None:
        statement = statement.where(tuple_(*order) > tuple(after))
    return [TimePlace(*row) for row in connection.execute(statement)]


def read_of_deal(connection: Connection, workspace: str, name: str, deal_id: str) -> Sequence[TimePlace]:
    """The conversions that a deal of connection `name` made: an opportunity, a deal, perhaps a customer."""
    order = (conversion.c.at, conversion.c.kind, conversion.c.key)
    statement = (
        select(*order)
        .where(conversion.c.workspace == workspace)
        .where(conversion.c.connection == name, conversion.c.deal_id == deal_id)
        .order_by(*order)
    )
    return [TimePlace(*row) for row in connection.execute(statement)]
