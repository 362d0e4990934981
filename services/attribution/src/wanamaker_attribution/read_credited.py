"""Conversions with their credits, streamed in a fixed order: what fine-grained reports and explanations are made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Row, and_, select, tuple_

from wanamaker_shared.service.sql import in_texts

from .conversions import Adjusted, Conversion, Credit
from .journeys import Touch
from .reports.facts import Credited
from .reports.question import Question
from .tables import conversion, credit

_CHUNK = 500
Place = tuple[int, str, str, str]
"""Where a conversion stands in the stream: pass, day, kind, key."""


def read_credited(
    connection: Connection, workspace: str, question: Question, *, since: Place | None = None
) -> Iterator[tuple[Place, Credited]]:
    """All conversions that may hold a credit for the question, from `since` on, that one included.

    First those on the days asked for, then those whose adjustments alone may lie there. Several models: in turn.
    """
    for number, condition in enumerate(_passes(question)):
        place = since if since and since[0] == number else None
        if since is None or number >= since[0]:
            for row in _rows(connection, workspace, question.models, condition, place):
                yield (number, row.day, row.kind, row.key), credited_of(row)


def credited_of(row: Row[Any]) -> Credited:
    """A row of `CREDITED_COLUMNS` as a value."""
    adjusted = orjson.loads(row.credit_adjustments)
    return Credited(
        conversion=conversion_of(row, row.conversion_adjustments),
        model=row.model,
        credit=Credit(
            tuple(orjson.loads(row.micro)), tuple(orjson.loads(row.revenue)), tuple(tuple(parts) for parts in adjusted)
        ),
    )


def conversion_of(row: Row[Any], adjustments: str) -> Conversion:
    """A row of the conversion table as a value; `adjustments` is that column."""
    return Conversion(
        kind=row.kind,
        key=row.key,
        at=row.at,
        day=row.day,
        connection=row.connection,
        deal_id=row.deal_id,
        people=tuple(orjson.loads(row.people)),
        opened_at=row.opened_at,
        lead_at=row.lead_at,
        revenue_minor=row.revenue_minor,
        crm_channel=row.crm_channel,
        adjustments=tuple(Adjusted(*item) for item in orjson.loads(adjustments)),
        journey=tuple(Touch(*touch) for touch in orjson.loads(row.journey)),
    )


CREDITED_COLUMNS = (
    *(column for column in conversion.c if column.name != "adjustments"),
    conversion.c.adjustments.label("conversion_adjustments"),
    credit.c.model,
    credit.c.micro,
    credit.c.revenue,
    credit.c.adjustments.label("credit_adjustments"),
)
CREDITED = conversion.join(
    credit,
    and_(
        conversion.c.workspace == credit.c.workspace,
        conversion.c.kind == credit.c.kind,
        conversion.c.key == credit.c.key,
    ),
)


def _passes(question: Question) -> list[ColumnElement[bool]]:
    first, last = question.first_day(), question.last_day()
    day = conversion.c.day
    if question.basis == "touch":  # no touchpoint comes after its conversion
        return [day >= (first or "")]
    inside = and_(day >= (first or ""), day <= (last or "9999-12-31"))
    return [inside, and_(conversion.c.adjustments != "[]", ~inside)]


def _rows(
    connection: Connection,
    workspace: str,
    models: Sequence[str],
    condition: ColumnElement[bool],
    since: Place | None,
) -> Iterator[Row[Any]]:
    """In chunks by key, so that neither database nor process holds all of them at once."""
    place = tuple_(conversion.c.day, conversion.c.kind, conversion.c.key)
    keys = (
        select(conversion.c.day, conversion.c.kind, conversion.c.key)
        .where(conversion.c.workspace == workspace, condition)
        .order_by(conversion.c.day, conversion.c.kind, conversion.c.key)
        .limit(_CHUNK)
    )
    chunk = connection.execute(keys.where(place >= since[1:]) if since else keys).all()
    while chunk:
        statement = (
            select(*CREDITED_COLUMNS)
            .select_from(CREDITED)
            .where(conversion.c.workspace == workspace, credit.c.model.in_(models), condition)
            .where(place >= tuple(chunk[0]), place <= tuple(chunk[-1]))
            .order_by(conversion.c.day, conversion.c.kind, conversion.c.key, credit.c.model)
        )
        yield from connection.execute(statement)
        chunk = connection.execute(keys.where(place > tuple(chunk[-1]))).all()


def read_credits_of(
    connection: Connection, workspace: str, keys: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], list[Credited]]:
    """All models' credits of the conversions named by (kind, key)."""
    statement = (
        select(*CREDITED_COLUMNS)
        .select_from(CREDITED)
        .where(conversion.c.workspace == workspace)
        .where(in_texts(conversion.c.kind, sorted({kind for kind, _ in keys})))
        .where(in_texts(conversion.c.key, sorted({key for _, key in keys})))
        .order_by(conversion.c.kind, conversion.c.key, credit.c.model)
    )
    found: dict[tuple[str, str], list[Credited]] = {key: [] for key in keys}
    for row in connection.execute(statement):
        if (row.kind, row.key) in found:
            found[row.kind, row.key].append(credited_of(row))
    return found
