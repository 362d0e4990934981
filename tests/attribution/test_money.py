"""Money spread over days without losing any, and what 64 bits hold."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wanamaker_attribution.money import Rate, Rates, minor_units
from wanamaker_attribution.spend_places import amounts_of, days_of

CURRENCIES = st.sampled_from(["EUR", "JPY", "KWD", "CLF"])


@given(
    st.decimals(-(10**13), 10**13, places=5),
    CURRENCIES,
    st.dates(date(2023, 12, 1), date(2024, 3, 31)),
    st.integers(0, 365),
)
def test_the_days_of_a_period_sum_to_it_exactly(amount: object, currency: str, first: date, more: int) -> None:
    """Leap days too; no day has more than one minor unit more than another, and none another sign."""
    record = {"date": str(first), "until": str(first + timedelta(more)) if more else None, "amount": str(amount)}
    spread = amounts_of(record, currency)
    assert [day for day, _ in spread] == days_of(record) == [str(first + timedelta(n)) for n in range(more + 1)]
    parts = [minor_units(text, currency) for _, text in spread]
    assert sum(parts) == minor_units(str(amount), currency)
    assert parts == sorted(parts, key=abs, reverse=True)
    assert abs(parts[0]) - abs(parts[-1]) <= 1
    assert min(parts) >= 0 or max(parts) <= 0


def rate(base: str, currency: str, value: int, day: str = "2026-01-05", *, uploaded: bool = True) -> Rate:
    return Rate(day, base, currency, Fraction(value), uploaded)


@pytest.mark.parametrize(
    ("known", "minor"),
    [
        ([rate("EUR", "PLN", 4), rate("PLN", "EUR", 1)], 2_500),
        ([rate("PLN", "EUR", 1), rate("EUR", "PLN", 4, "2026-01-04")], 10_000),
        ([rate("EUR", "PLN", 5, uploaded=False), rate("EUR", "PLN", 4, "2025-12-30")], 2_500),
        ([rate("EUR", "PLN", 4, "2025-12-29")], None),
        ([rate("USD", "PLN", 4), rate("USD", "EUR", 2), rate("CHF", "PLN", 1), rate("CHF", "EUR", 3)], 30_000),
        ([rate("USD", "EUR", 1), rate("USD", "PLN", 5, uploaded=False), rate("USD", "PLN", 4, "2026-01-04")], 2_500),
        ([rate("USD", "EUR", 1), rate("USD", "PLN", 4, "2026-01-03"), rate("USD", "PLN", 5, "2026-01-04")], 2_000),
        ([rate("USD", "PLN", 4), rate("EUR", "USD", 1)], None),
    ],
    ids=["base reporting", "newest", "uploaded", "too old", "first base", "uploaded across", "newest across", "no way"],
)
def test_which_rate_is_taken(known: list[Rate], minor: int | None) -> None:
    for order in (known, known[::-1]):
        assert Rates(order).convert("100.00", "PLN", "EUR", "2026-01-05") == minor


@pytest.mark.parametrize("sign", ["", "-"])
def test_what_does_not_fit_64_bits_is_unconverted(sign: str) -> None:
    rates = Rates([Rate("2026-01-05", "CLF", "EUR", Fraction(100), uploaded=True)])
    assert rates.convert(f"{sign}99999999999999.99", "CLF", "EUR", "2026-01-05") == int(f"{sign}999999999999999900")
    assert rates.convert(f"{sign}100000000000000", "CLF", "EUR", "2026-01-05") is None
