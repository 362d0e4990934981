"""Conversions with their credits, streamed in a fixed order: what fine-grained reports and explanations are made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, select, tuple_

from wanamaker_shared.service.sql import in_texts

from ..account_tables import deal_account, person_account
from ..conversion_rows import conversion_of, credits_of
from ..models import MODELS
from ..reports.dimensions import ACCOUNT
from ..reports.facts import Credited
from ..reports.question import Question
from ..tables import conversion

_CHUNK = 500
_ACCOUNT = func.coalesce(deal_account.c.account, person_account.c.account).label(ACCOUNT)
_WITH_ACCOUNTS = conversion.outerjoin(
    deal_account,
    (deal_account.c.workspace == conversion.c.workspace)
    & (deal_account.c.connection == conversion.c.connection)
    & (deal_account.c.deal_id == conversion.c.deal_id),
).outerjoin(  # a conversion without a deal is a person's, and has the profile as its key
    person_account,
    conversion.c.deal_id.is_(None)
    & (person_account.c.workspace == conversion.c.workspace)
    & (person_account.c.profile == conversion.c.key),
)
Place = tuple[int, str, str, str]
"""Where a conversion stands in the stream: pass, day, kind, key."""


def read_credited(
    connection: Connection, workspace: str, question: Question, *, since: Place | None = None
) -> Iterator[tuple[Place, Credited]]:
    """All conversions that may hold a credit for the question, from `since` on, that one included.

    First those on the days asked for, then those whose adjustments alone may lie there. Several models: in turn.
    """
    columns = select(conversion)
    if ACCOUNT in question.names:
        columns = select(conversion, _ACCOUNT).select_from(_WITH_ACCOUNTS)
    for number, condition in enumerate(_passes(question)):
        place = since if since and since[0] == number else None
        if since is None or number >= since[0]:
            for row in _rows(
                connection, columns.where(conversion.c.workspace == workspace, condition), workspace, condition, place
            ):
                for credited in _credited(row, sorted(question.models)):
                    yield (number, row.day, row.kind, row.key), credited


def _credited(row: Row[Any], models: Sequence[str]) -> Iterator[Credited]:
    values = row._asdict()
    found, credits, account = conversion_of(values), credits_of(row.credits), values.get(ACCOUNT)
    for model in models:
        yield Credited(found, model, credits[model], account)


def _passes(question: Question) -> list[ColumnElement[bool]]:
    first, last = question.first_day(), question.last_day()
    day = conversion.c.day
    if question.basis == "touch":  # no touchpoint comes after its conversion
        return [day >= (first or "")]
    inside = and_(day >= (first or ""), day <= (last or "9999-12-31"))
    return [inside, and_(conversion.c.adjustments != "[]", ~inside)]


def _rows(
    connection: Connection,
    whole: Select[Any],
    workspace: str,
    condition: ColumnElement[bool],
    since: Place | None,
) -> Iterator[Row[Any]]:
    """In chunks by key, so that neither database nor process holds all of them at once. `whole` selects their rows."""
    place = tuple_(conversion.c.day, conversion.c.kind, conversion.c.key)
    keys = (
        select(conversion.c.day, conversion.c.kind, conversion.c.key)
        .where(conversion.c.workspace == workspace, condition)
        .order_by(conversion.c.day, conversion.c.kind, conversion.c.key)
        .limit(_CHUNK)
    )
    chunk = connection.execute(keys.where(place >= since[1:]) if since else keys).all()
    while chunk:
        statement = whole.where(place >= tuple(chunk[0]), place <= tuple(chunk[-1]))
        yield from connection.execute(statement.order_by(conversion.c.day, conversion.c.kind, conversion.c.key))
        chunk = connection.execute(keys.where(place > tuple(chunk[-1]))).all()


def read_credits_of(
    connection: Connection, workspace: str, keys: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], list[Credited]]:
    """All models' credits of the conversions named by (kind, key)."""
    statement = (
        select(conversion)
        .where(conversion.c.workspace == workspace)
        .where(in_texts(conversion.c.kind, sorted({kind for kind, _ in keys})))
        .where(in_texts(conversion.c.key, sorted({key for _, key in keys})))
    )
    rows = {(row.kind, row.key): row for row in connection.execute(statement)}
    return {key: list(_credited(rows[key], sorted(MODELS))) if key in rows else [] for key in keys}
