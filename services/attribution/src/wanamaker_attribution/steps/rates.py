"""Rates of exchange: read those near some days; a changed rate makes dirty whatever was, or could be, converted by it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

import orjson
from sqlalchemy import BindParameter, Connection, bindparam, select

from wanamaker_shared.service.given import given, rows_of

from ..days import days_before
from ..money import RATE_DAYS, Rate, Rates
from ..tables import fact, foreign_money
from .run import Cause, Run, mark

_given = given()
_w: BindParameter[str] = bindparam("workspace")
_rates = (
    select(fact.c.at, fact.c.record_source, fact.c.event_id, fact.c.body)
    .select_from(_given.joined(fact, (fact.c.workspace == _w) & (fact.c.subject == _given.text(0))))
    .where(fact.c.topic == "rates")
)
_foreign = select(foreign_money.c.kind, foreign_money.c.owner, foreign_money.c.day).select_from(
    _given.joined(foreign_money, (foreign_money.c.workspace == _w) & (foreign_money.c.day == _given.text(0)))
)


def subject_of_day(day: str) -> str:
    return f"rate:{day}"


def rates_near(run: Run, days: Iterable[str]) -> Rates:
    """The rates that may convert money of these days."""
    return read_rates(run.connection, run.workspace, days)


def read_rates(connection: Connection, workspace: str, days: Iterable[str]) -> Rates:
    """The same for whoever reads: the latest by order of each (day, base, currency, origin)."""
    window = {days_before(day, back) for day in days for back in range(RATE_DAYS)}
    if not window:
        return Rates(())
    latest: dict[tuple[str, ...], Rate] = {}
    wanted = {"workspace": workspace, "given": rows_of((subject_of_day(day),) for day in window)}
    for *_, body in sorted(tuple(row) for row in connection.execute(_rates, wanted)):
        record = orjson.loads(body)
        latest[record["day"], record["base"], record["currency"], record["origin"]] = Rate(
            record["day"],
            record["base"],
            record["currency"],
            Fraction(record["rate"]),
            record["origin"] == "uploaded",
            record["rate"],
        )
    return Rates(latest.values())


def take_rates(run: Run, subjects: Mapping[str, Cause]) -> None:
    """Make dirty the deals and costs with foreign money on the days that changed rates reach."""
    reached = {
        days_before(subject.removeprefix("rate:"), -after): cause
        for subject, cause in subjects.items()
        for after in range(RATE_DAYS)
    }
    wanted = {"workspace": run.workspace, "given": rows_of((day,) for day in reached)}
    for kind, owner, day in run.connection.execute(_foreign, wanted):
        if kind == "spend":
            mark(run.spends, [owner], reached[day])
        else:
            connection, _, deal_id = owner.partition("/")
            mark(run.deals, [(connection, deal_id)], reached[day])
