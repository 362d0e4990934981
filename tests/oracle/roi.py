"""ROI rows: credits summed by day and dimension, and beside them sessions and spend."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from wanamaker_shared.contracts.ad_spend import SpendRevised
from wanamaker_shared.contracts.settings import WorkspaceSettings

from .clock import SECOND
from .credit import Credit
from .money import Rates, to_minor
from .sessions import Touchpoint
from .spend import counted_under, days_of

COUNTS = {
    "lead": "leads",
    "mql": "mqls",
    "sql": "sqls",
    "opportunity": "opportunities",
    "deal": "deals",
    "customer": "customers",
}
Rows = dict[tuple[str, ...], dict[str, Any]]


def roi_credit(credits: Iterable[Credit]) -> Rows:
    """(model, basis, day, channel, source, medium, campaign) -> micro-conversions by kind, revenue, weighted time to close."""
    rows: Rows = {}

    def add(credit: Credit, basis: str, day: str, place: int, column: str, value: int) -> None:
        at = credit.places[place]
        key = (credit.model, basis, day, at.channel, at.source, at.medium, at.campaign)
        blank = dict.fromkeys([*COUNTS.values(), "revenue_minor", "close_seconds"], 0)
        rows.setdefault(key, blank)[column] += value

    for credit in credits:
        conversion = credit.conversion
        adjusted_on = {each.id: each.day for each in conversion.adjustments}
        for place, (at, micro, revenue) in enumerate(zip(credit.places, credit.micro, credit.revenue, strict=True)):
            for basis, day in (("touch", at.day), ("conversion", conversion.day)):
                add(credit, basis, day, place, COUNTS[conversion.kind], micro)
                add(credit, basis, day, place, "revenue_minor", revenue)
                if conversion.kind == "deal":
                    add(credit, basis, day, place, "close_seconds", micro * seconds_to_close(credit))
            for id, parts in credit.adjustments.items():
                add(credit, "touch", at.day, place, "revenue_minor", parts[place])
                add(credit, "conversion", adjusted_on[id], place, "revenue_minor", parts[place])
    return _without_empty(rows)


def seconds_to_close(credit: Credit) -> int:
    """Whole seconds from the journey's first touchpoint, else the deal's creation, to won; never negative."""
    deal = credit.conversion.deal
    assert deal is not None
    began = deal.created_at if credit.started_at is None else credit.started_at
    return max(0, (credit.conversion.at - began) // SECOND)


def roi_traffic(
    touchpoints: Iterable[Touchpoint], spend: Iterable[SpendRevised], rates: Rates, settings: WorkspaceSettings
) -> Rows:
    """(day, channel, source, medium, campaign) -> sessions and spend by post, in minor units of the reporting currency."""
    rows: Rows = {}

    def add(key: tuple[str, ...], column: str, value: int) -> None:
        blank = dict.fromkeys(["sessions", "attract_minor", "convert_minor", "close_minor"], 0)
        rows.setdefault(key, blank)[column] += value

    for t in touchpoints:
        add((t.day, t.channel, t.source, t.medium, t.campaign), "sessions", 1)
    for record in spend:
        at = counted_under(record, settings)
        currency = record.currency or settings.currency
        for day, amount in days_of(record, currency):
            converted = rates.convert(amount, currency, settings.currency, day)
            add((day, at.channel, at.source, at.medium, at.campaign), f"{at.post}_minor", converted or 0)
    return _without_empty(rows)


def unconverted_spend(spend: Iterable[SpendRevised], rates: Rates, settings: WorkspaceSettings) -> Rows:
    """(spend, provider/spend key, day) -> the native amount of each day for which no rate is known."""
    rows: Rows = {}
    for record in spend:
        currency = record.currency or settings.currency
        for day, amount in days_of(record, currency):
            if rates.convert(amount, currency, settings.currency, day) is None:
                row = {"day": day, "currency": currency, "minor": to_minor(Fraction(amount), currency)}
                rows["spend", f"{record.provider}/{record.spend_key}", day] = row
    return rows


def present_spend(records: Iterable[SpendRevised]) -> list[SpendRevised]:
    """The latest record of each (provider, spend key). `records` stand in order."""
    return list({(record.provider, record.spend_key): record for record in records}.values())


def _without_empty(rows: Rows) -> Rows:
    return {key: row for key, row in rows.items() if any(row.values())}
