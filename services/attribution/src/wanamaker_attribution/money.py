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
_MOST_MINOR = 10**18
"""What money comes to at most, either way: more does not fit 64 bits. An amount as it is sent is always less."""

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
    sent: str = ""
    """The rate as it was sent."""


class Rates:
    """The rates of a workspace near some days; `convert` picks by the rule and says None where there is none."""

    def __init__(self, rates: Iterable[Rate]) -> None:
        self._of_day: dict[str, list[Rate]] = {}
        for rate in rates:
            self._of_day.setdefault(rate.day, []).append(rate)

    def convert(self, amount: str | None, currency: str, reporting: str, day: str) -> int | None:
        """An amount as sent in minor units of `reporting`, rounded once, by the newest rate of the 7 days up to `day`.

        None without a rate, and where it would be more than can be counted.
        """
        if currency == reporting:
            return minor_units(amount, reporting)
        used = self.used(currency, reporting, day)
        if not used:
            return None
        exact: Fraction = Fraction(Decimal(amount or 0)) * _worth(currency, reporting, used) * 10 ** exponent(reporting)
        minor = round(exact)
        return minor if abs(minor) < _MOST_MINOR else None

    def used(self, currency: str, reporting: str, day: str) -> tuple[Rate, ...]:
        """The rates that convert `currency` into `reporting`: one, directly or inverted, else two across a third base.

        Empty where no rate is known, or none is needed.
        """
        window = [r for age in range(RATE_DAYS) for r in self._of_day.get(days_before(day, age), ())]
        pair = [r for r in window if {r.base, r.currency} == {currency, reporting}]
        if pair:
            return (max(pair, key=lambda r: (r.uploaded, r.day, r.base == reporting)),)
        for base in sorted({r.base for r in window}):
            out = _newest(r for r in window if r.base == base and r.currency == currency)
            back = _newest(r for r in window if r.base == base and r.currency == reporting)
            if out and back:
                return out, back
        return ()


def _worth(currency: str, reporting: str, used: tuple[Rate, ...]) -> Fraction:
    """What 1 `currency` is worth in `reporting` by these rates."""
    if len(used) == 2:
        out, back = used
        return back.rate / out.rate
    (rate,) = used
    return 1 / rate.rate if rate.base == reporting else rate.rate


def _newest(rates: Iterable[Rate]) -> Rate | None:
    return max(rates, key=lambda r: (r.uploaded, r.day), default=None)
