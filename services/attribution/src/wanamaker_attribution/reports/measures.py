"""The measures of an ROI row: exact sums, and how they are shown.

Counts are micro-conversions (1,000,000 = 1), money is minor units of the reporting currency, `close_seconds` is the sum of
deal micro-conversions x seconds. Fractions do the arithmetic; a float is only ever the last step (docs/reports.md).
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

MICRO = 1_000_000
_DAY_SECONDS = 86_400
_DECIMALS = 4

Shown = dict[str, int | float | None]


class Sums(NamedTuple):
    """All measures of a row, as the tables keep them."""

    leads: int = 0
    mqls: int = 0
    sqls: int = 0
    opportunities: int = 0
    deals: int = 0
    customers: int = 0
    revenue_minor: int = 0
    close_seconds: int = 0
    sessions: int = 0
    attract_minor: int = 0
    convert_minor: int = 0
    close_minor: int = 0

    def plus(self, other: Sums) -> Sums:
        return Sums(*(mine + its for mine, its in zip(self, other, strict=True)))

    @property
    def spend_minor(self) -> int:
        return self.attract_minor + self.convert_minor + self.close_minor


MEASURE_OF_KIND = {
    "lead": "leads",
    "mql": "mqls",
    "sql": "sqls",
    "opportunity": "opportunities",
    "deal": "deals",
    "customer": "customers",
}

COLUMNS: dict[str, type] = {
    **dict.fromkeys(("sessions",), int),
    **dict.fromkeys(("leads", "mqls", "sqls", "opportunities", "deals", "customers"), float),
    **dict.fromkeys(("revenue_minor", "spend_minor"), int),
    **dict.fromkeys(("spend_attract_minor", "spend_convert_minor", "spend_close_minor"), int),
    **dict.fromkeys(("roi", "roas"), float),
    **dict.fromkeys(("cost_per_session_minor", "cost_per_lead_minor", "cac_minor"), int),
    **dict.fromkeys(("session_to_lead", "lead_to_customer"), float),
    "average_deal_minor": int,
    "days_to_close": float,
}
"""The names of a shown row in order, and what kind of number each is in a file."""


def show(sums: Sums) -> Shown:
    """The measures of one row as the API names them, in its order."""
    spend = sums.spend_minor
    return {
        "sessions": sums.sessions,
        "leads": count(sums.leads),
        "mqls": count(sums.mqls),
        "sqls": count(sums.sqls),
        "opportunities": count(sums.opportunities),
        "deals": count(sums.deals),
        "customers": count(sums.customers),
        "revenue_minor": sums.revenue_minor,
        "spend_minor": spend,
        "spend_attract_minor": sums.attract_minor,
        "spend_convert_minor": sums.convert_minor,
        "spend_close_minor": sums.close_minor,
        "roi": _ratio(sums.revenue_minor - spend, spend),
        "roas": _ratio(sums.revenue_minor, spend),
        "cost_per_session_minor": _whole(sums.attract_minor, sums.sessions),
        "cost_per_lead_minor": _whole((sums.attract_minor + sums.convert_minor) * MICRO, sums.leads),
        "cac_minor": _whole(spend * MICRO, sums.customers),
        "session_to_lead": _ratio(sums.leads, sums.sessions * MICRO),
        "lead_to_customer": _ratio(sums.customers, sums.leads),
        "average_deal_minor": _whole(sums.revenue_minor * MICRO, sums.deals),
        "days_to_close": _ratio(sums.close_seconds, sums.deals * _DAY_SECONDS),
    }


def count(micro: int) -> int | float:
    """Micro-conversions as a number: whole where it is whole, else with at most six decimals."""
    return micro // MICRO if micro % MICRO == 0 else micro / MICRO


def _ratio(numerator: int, denominator: int) -> float | None:
    """To four decimals, half-even; None where there is nothing to divide by."""
    return float(round(Fraction(numerator, denominator), _DECIMALS)) if denominator else None


def _whole(numerator: int, denominator: int) -> int | None:
    """To whole minor units, half-even; None where there is nothing to divide by."""
    return round(Fraction(numerator, denominator)) if denominator else None
