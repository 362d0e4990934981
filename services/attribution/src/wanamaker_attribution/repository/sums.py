"""ROI facts from the tables that keep them as sums, grouped by the database to what the question asks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, Connection, FromClause, func, select

from ..reports.dimensions import STORED
from ..reports.facts import Fact
from ..reports.measures import Sums
from ..reports.question import Question
from ..tables import CREDIT_MEASURES, roi_credit, roi_traffic

_SPLIT = 1_000_000
"""`close_seconds` is summed in two parts: over many deals the whole would not fit 64 bits."""


def read_credits(connection: Connection, workspace: str, question: Question) -> Iterator[Fact]:
    """Credits by model, basis and day; only dimensions that the tables keep."""
    table = roi_credit
    columns = _columns(table, question)
    seconds = table.c.close_seconds
    measures = [name for name in CREDIT_MEASURES if name != "close_seconds"]
    statement = (
        select(
            table.c.model,
            *columns,
            *(func.sum(table.c[name]) for name in measures),
            func.sum(seconds // _SPLIT),
            func.sum(seconds % _SPLIT),
        )
        .where(
            table.c.workspace == workspace,
            table.c.model.in_(question.models),
            table.c.basis == question.basis,
            *_conditions(table, question),
        )
        .group_by(table.c.model, *columns)
    )
    names = [column.name for column in columns]
    for model, *row in connection.execute(statement):
        values, numbers = row[: len(names)], [int(number) for number in row[len(names) :]]
        *sums, high, low = numbers
        measured = Sums(**dict(zip(measures, sums, strict=True)), close_seconds=high * _SPLIT + low)
        yield Fact(model, dict(zip(names, values, strict=True)), measured)


def read_traffic(connection: Connection, workspace: str, question: Question, measures: Sequence[str]) -> Iterator[Fact]:
    """Sessions and spend by their own day, the measures named."""
    table = roi_traffic
    columns = _columns(table, question)
    statement = (
        select(*columns, *(func.sum(table.c[name]) for name in measures))
        .where(table.c.workspace == workspace, *_conditions(table, question))
        .group_by(*columns)
    )
    names = [column.name for column in columns]
    for row in connection.execute(statement):
        values, sums = row[: len(names)], row[len(names) :]
        if any(sums):
            measured = Sums(**{name: int(number) for name, number in zip(measures, sums, strict=True)})
            yield Fact(None, dict(zip(names, values, strict=True)), measured)


def _columns(table: FromClause, question: Question) -> list[ColumnElement[str]]:
    names = [name for name in STORED if name in question.names]
    return [table.c[name] for name in (["day", *names] if question.by_time else names)]


def _conditions(table: FromClause, question: Question) -> list[ColumnElement[bool]]:
    """Days, and the filters on stored dimensions."""
    kept = [table.c[name] == value for name, value in question.only.items() if name in STORED]
    return [*within(table, question), *kept]


def within(table: FromClause, question: Question) -> list[ColumnElement[bool]]:
    """The days that the question asks for, on a table with a column `day`."""
    first, last = question.first_day(), question.last_day()
    conditions = []
    if first is not None:
        conditions.append(table.c.day >= first)
    if last is not None:
        conditions.append(table.c.day <= last)
    return conditions
