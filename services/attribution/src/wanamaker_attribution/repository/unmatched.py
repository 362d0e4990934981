"""Costs of campaigns that no visit came by, and paid visits of campaigns that cost nothing: where names do not meet."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, FromClause, Subquery, and_, func, select, tuple_

from ..channels import is_paid
from ..money import minor_units
from ..tables import roi_traffic, spend

_NAMES = ("source", "medium", "campaign")
_AT_ONCE = 1_000
_IS_MONEY = and_(func.coalesce(spend.c.minor, 1) != 0, func.ltrim(spend.c.amount, "-0.") != "")
"""Not 0, also where no rate is known."""


class Period(NamedTuple):
    """Days, both included; None is open."""

    first: str | None
    last: str | None


class Cost(NamedTuple):
    """What a provider's campaign cost on the days of the period, as far as it is converted."""

    spend_minor: int
    provider: str
    source: str
    medium: str
    campaign: str
    first: str
    last: str
    unknown: int
    """Days without a rate."""

    @property
    def place(self) -> tuple[int, str, str, str, str]:
        return (-self.spend_minor, self.provider, self.source, self.medium, self.campaign)


class Visits(NamedTuple):
    sessions: int
    source: str
    medium: str
    campaign: str

    @property
    def place(self) -> tuple[int, str, str, str]:
        return (-self.sessions, self.source, self.medium, self.campaign)


def read_costs(
    connection: Connection,
    workspace: str,
    period: Period,
    *,
    limit: int,
    unmatched: bool = True,
    provider: str | None = None,
    after: tuple[Any, ...] | None = None,
) -> list[Cost]:
    """The dearest first, without days that cost nothing; `unmatched`: those only whose names no session of the period has."""
    keys = (spend.c.provider, *(spend.c[name] for name in _NAMES))
    minor = func.coalesce(func.sum(spend.c.minor), 0).label("minor")
    statement = select(
        minor,
        *keys,
        func.min(spend.c.day).label("first"),
        func.max(spend.c.day).label("last"),
        (func.count() - func.count(spend.c.minor)).label("unknown"),
    ).where(spend.c.workspace == workspace, _IS_MONEY, *_within(spend, period))
    if provider is not None:
        statement = statement.where(spend.c.provider == provider)
    if unmatched:
        seen = _names_of(roi_traffic, workspace, period, roi_traffic.c.sessions > 0)
        statement = statement.select_from(spend.outerjoin(seen, _same(spend, seen))).where(seen.c.source.is_(None))
    sums = statement.group_by(*keys).subquery()
    order = (-sums.c.minor, sums.c.provider, *(sums.c[name] for name in _NAMES))
    ordered = select(sums).order_by(*order).limit(limit)
    if after is not None:
        ordered = ordered.where(tuple_(*order) > after)
    return [Cost._make(row)._replace(spend_minor=int(row.minor)) for row in connection.execute(ordered)]


def read_unconverted(
    connection: Connection, workspace: str, period: Period, costs: Sequence[Cost]
) -> dict[tuple[str, ...], dict[str, int]]:
    """By (provider, source, medium, campaign) and currency the money without a rate, in its own minor units."""
    keys = (spend.c.provider, *(spend.c[name] for name in _NAMES))
    wanted = [(cost.provider, cost.source, cost.medium, cost.campaign) for cost in costs if cost.unknown]
    found: dict[tuple[str, ...], dict[str, int]] = {}
    if wanted:
        statement = select(*keys, spend.c.currency, spend.c.amount).where(
            spend.c.workspace == workspace,
            spend.c.minor.is_(None),
            _IS_MONEY,
            *_within(spend, period),
            tuple_(*keys).in_(wanted),
        )
        for *key, currency, amount in connection.execute(statement):
            sums = found.setdefault(tuple(key), {})
            sums[currency] = sums.get(currency, 0) + minor_units(amount, currency)
    return found


def read_visits(
    connection: Connection,
    workspace: str,
    period: Period,
    *,
    limit: int,
    unmatched: bool = True,
    after: tuple[Any, ...] | None = None,
) -> list[Visits]:
    """Sessions by their names, the most first; `unmatched`: paid ones only, whose names no cost of the period has."""
    keys = [roi_traffic.c[name] for name in _NAMES]
    statement = select(func.sum(roi_traffic.c.sessions).label("sessions"), *keys).where(
        roi_traffic.c.workspace == workspace, roi_traffic.c.sessions > 0, *_within(roi_traffic, period)
    )
    if unmatched:
        spent = _names_of(spend, workspace, period)
        joined = roi_traffic.outerjoin(spent, _same(roi_traffic, spent))
        statement = statement.select_from(joined).where(spent.c.source.is_(None))
    sums = statement.group_by(*keys).subquery()
    order = (-sums.c.sessions, *(sums.c[name] for name in _NAMES))
    ordered = select(sums).order_by(*order)
    if after is not None:
        ordered = ordered.where(tuple_(*order) > after)
    if not unmatched:
        ordered = ordered.limit(limit)
    # What is paid is told by rules that no database knows: rows are read as far as they are needed, in one go.
    with connection.execute(ordered, execution_options={"yield_per": _AT_ONCE}) as rows:
        visits = (Visits(int(row[0]), *row[1:]) for row in rows)
        wanted = (each for each in visits if not unmatched or is_paid(each.source, each.medium, each.campaign))
        return list(islice(wanted, limit))


def _names_of(table: FromClause, workspace: str, period: Period, *conditions: ColumnElement[bool]) -> Subquery:
    columns = [table.c[name] for name in _NAMES]
    named = select(*columns).where(table.c.workspace == workspace, *_within(table, period), *conditions)
    return named.distinct().subquery()


def _same(table: FromClause, names: Subquery) -> ColumnElement[bool]:
    return and_(*(table.c[name] == names.c[name] for name in _NAMES))


def _within(table: FromClause, period: Period) -> list[ColumnElement[bool]]:
    conditions = []
    if period.first is not None:
        conditions.append(table.c.day >= period.first)
    if period.last is not None:
        conditions.append(table.c.day <= period.last)
    return conditions
