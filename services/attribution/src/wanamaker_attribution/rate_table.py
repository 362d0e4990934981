"""The ECB's table of euro reference rates as facts: which of its rates a workspace's money needs, each as one record. Pure.

A rate of the table becomes a record of its own, for ever: a later version of the table changes no number that was shown.
Format: the ECB's `eurofxref-hist.csv`, newest day first, `Date,USD,JPY,…`, `N/A` where there is none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from wanamaker_shared.contracts.rates import RateRecorded

from .days import days_before, moment_of
from .money import RATE_DAYS

BASE = "EUR"
SOURCE = "ecb"
"""`source` of the records; an uploaded rate has another."""
_NONE = ("", "N/A")
_FIRST = "1999-01-04"
"""The table's first day."""


@dataclass(frozen=True, slots=True)
class Quote:
    """On `day`, 1 euro = `rate` `currency`, digit for digit as the ECB wrote it."""

    day: str
    currency: str
    rate: str


def needed_since(first_days: Mapping[str, str], reporting: str) -> dict[str, str]:
    """By currency the first day whose rate may convert a workspace's money.

    `first_days` is by foreign currency the first day it has money of. Money is converted directly to and from euros, else
    across them: then the reporting currency's rates are needed for all of it.
    """
    since = {currency: _window(day) for currency, day in first_days.items() if currency not in (BASE, reporting)}
    if reporting != BASE and (foreign := [day for currency, day in first_days.items() if currency != reporting]):
        since[reporting] = _window(min(foreign))
    return since


def quotes_in(lines: Iterable[str], since: Mapping[str, str]) -> list[Quote]:
    """The table's rates of these currencies since these days, oldest day first."""
    rows = iter(lines)
    columns = [(index, name) for index, name in enumerate(next(rows).strip().split(",")) if name in since]
    if not columns:
        return []
    earliest = min(since[name] for _, name in columns)
    found: list[Quote] = []
    for row in rows:
        day, *_ = cells = row.strip().split(",")
        if day >= earliest:
            found += (
                Quote(day, name, cells[index])
                for index, name in columns
                if day >= since[name] and cells[index] not in _NONE
            )
    return sorted(found, key=lambda quote: (quote.day, quote.currency))


def event_id(quote: Quote) -> str:
    """One rate is one fact, whichever process appends it, and how often."""
    return f"{BASE}/{quote.currency}/{quote.day}"


def table_records(
    workspace: str, quotes: Sequence[Quote], known: Collection[str], *, received_at: int
) -> Iterator[RateRecorded]:
    """A record for each quote whose event id is not known."""
    for quote in quotes:
        if (name := event_id(quote)) not in known:
            yield RateRecorded(
                workspace=workspace,
                source=SOURCE,
                event_id=name,
                occurred_at=min(moment_of(f"{quote.day}T00:00:00Z", "UTC"), received_at),
                received_at=received_at,
                day=quote.day,
                base=BASE,
                currency=quote.currency,
                rate=quote.rate,
                origin="table",
            )


def _window(day: str) -> str:
    """The first day whose rate may convert money of that day; none is older than the euro."""
    return days_before(max(day, _FIRST), RATE_DAYS - 1)
