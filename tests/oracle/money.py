"""Money: decimal text to minor units, and from one currency to another by the rate of a day."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from wanamaker_shared.contracts.rates import RateRecorded

from .clock import days_before

WINDOW = 7
"""A rate serves its own day and the six after it."""

EXPONENTS = {
    **dict.fromkeys(["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV"], 0),
    **dict.fromkeys(["UYI", "XAF", "XOF", "XPF"], 0),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
    **dict.fromkeys(["CLF", "UYW"], 4),
}

MOST = 10**18
"""Converted money has fewer minor units, either way."""


def to_minor(amount: Fraction, currency: str) -> int:
    """Minor units of the currency, half-even."""
    scale: int = 10 ** EXPONENTS.get(currency, 2)
    return round(amount * scale)


class Rates:
    """The rates of a workspace: of each (day, base, currency, origin) the latest record."""

    def __init__(self, records: Iterable[RateRecorded]) -> None:
        self._rates = {(rate.base, rate.currency, rate.origin, rate.day): Fraction(rate.rate) for rate in records}
        self._bases = sorted({base for base, *_ in self._rates})

    def convert(self, amount: str | None, native: str, reporting: str, day: str) -> int | None:
        """Minor units of `reporting` for an amount of `native` on a day; None if no rate is known, or it would be too much."""
        if native == reporting:
            return to_minor(Fraction(amount or 0), native)
        factor = self.factor(native, reporting, day)
        minor = None if factor is None else to_minor(Fraction(amount or 0) * factor, reporting)
        return None if minor is None or abs(minor) >= MOST else minor

    def factor(self, native: str, reporting: str, day: str) -> Fraction | None:
        """What one `native` is worth in `reporting`: by a rate between the two, else across a third currency."""
        candidates = [(rank, 0, 1 / rate) for rank, rate in self._known(reporting, native, day)]
        candidates += [(rank, 1, rate) for rank, rate in self._known(native, reporting, day)]
        if candidates:
            return min(candidates)[2]
        for base in self._bases:
            to_native, to_reporting = self._known(base, native, day), self._known(base, reporting, day)
            if to_native and to_reporting:
                return min(to_reporting)[1] / min(to_native)[1]
        return None

    def _known(self, base: str, currency: str, day: str) -> list[tuple[tuple[bool, int], Fraction]]:
        """(rank, rate) of each rate in the window; the smallest rank is the best: uploaded first, then the newest day."""
        return [
            ((origin == "table", age), self._rates[base, currency, origin, dated])
            for age in range(WINDOW)
            for origin in ("uploaded", "table")
            if (base, currency, origin, dated := days_before(day, age)) in self._rates
        ]
