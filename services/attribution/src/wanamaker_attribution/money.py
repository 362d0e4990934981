"""Money: the sent decimal, its minor units, and the one conversion into the reporting currency. Exact, half-even.

Minor units by ISO 4217. Rules and examples: docs/meanings.md, "Money".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from .days import days_before

RATE_DAYS = 7

_NO_MINOR = frozenset("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split())
_THREE_DIGITS = frozenset("BHD IQD JOD KWD LYD OMR TND".split())
_FOUR_DIGITS = frozenset("CLF UYW".split())


def exponent(currency: str) -> int:
    """How many digits the minor unit has: EUR 2, JPY 0, KWD 3."""
    if currency in _NO_MINOR:
        return 0
    return 3 if currency in _THREE_DIGITS else 4 if currency in _FOUR_DIGITS else 2


def minor_units(amount: str | None, currency: str) -> int:
    """A decimal text in minor units, half-even; nothing sent is 0."""
    return round(Fraction(Decimal(amount)) * 10 ** exponent(currency)) if amount else 0


@dataclass(frozen=True, slots=True)
class Rate:
    """On `day`, 1 `base` = `rate` `currency`."""

    day: str
    base: str
    currency: str
    rate: Fraction
    uploaded: bool


class Rates:
    """The rates of a workspace near some days; `convert` picks by the rule and says None where there is none."""

    def __init__(self, rates: Iterable[Rate]) -> None:
        self._rates = tuple(rates)

    def convert(self, amount: str | None, currency: str, reporting: str, day: str) -> int | None:
        """An amount as sent in minor units of `reporting`, rounded once, by the newest rate of the 7 days up to `day`."""
        if currency == reporting:
            return minor_units(amount, reporting)
        worth = self._worth(currency, reporting, day)
        if worth is None:
            return None
        exact: Fraction = Fraction(Decimal(amount or 0)) * worth * 10 ** exponent(reporting)
        return round(exact)

    def _worth(self, currency: str, reporting: str, day: str) -> Fraction | None:
        """What 1 `currency` is worth in `reporting`: directly or inverted, else crossed through a third base."""
        window = [r for r in self._rates if days_before(day, RATE_DAYS - 1) <= r.day <= day]
        pair = [r for r in window if {r.base, r.currency} == {currency, reporting}]
        if pair:
            best = max(pair, key=lambda r: (r.uploaded, r.day, r.base == reporting))
            return 1 / best.rate if best.base == reporting else best.rate
        for base in sorted({r.base for r in window}):
            out = _newest(r for r in window if r.base == base and r.currency == currency)
            back = _newest(r for r in window if r.base == base and r.currency == reporting)
            if out and back:
                return back.rate / out.rate
        return None


def _newest(rates: Iterable[Rate]) -> Rate | None:
    return max(rates, key=lambda r: (r.uploaded, r.day), default=None)
