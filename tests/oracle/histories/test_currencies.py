"""Money in two currencies; the workspace reports in EUR.

Rates: 2 January 1 EUR = 4.2000 PLN, 5 January 1 EUR = 4.2500 PLN (both from a table), 6 January 1 PLN = 0.2400 EUR (uploaded).

    1000.00 PLN won on 5 January   / 4.25 = 235.2941.. -> 23529
    1000.00 PLN won on 6 January   uploaded stands before table: x 0.24 = 240.00 -> 24000
    1000.00 PLN won on 4 January   newest up to the day is that of the 2nd: / 4.2 = 238.0952.. -> 23810
    1000.00 PLN won on 13 January  7 January to the 13th has no rate: unconverted, 100000 native, 0 EUR
    -10.00 EUR refund on a PLN deal is -1000, whatever the rate
    1234 JPY (no minor units), 1 USD = 150 JPY, 1 USD = 0.8 EUR on 5 January: across USD 1234 / 150 x 0.8 = 6.58133.. -> 658
    0.125 BHD has three decimals: 125 fils
    half-even: 0.50 PLN x 0.25 = 0.125 EUR -> 12 cents; 1.50 PLN x 0.25 = 0.375 -> 38
"""

from __future__ import annotations

import pytest

from tests.oracle.story import Story

from . import reading


def told(won: str, amount: str, currency: str) -> Story:
    story = Story()
    story.rate("2026-01-02", "EUR", "PLN", "4.2000", origin="table")
    story.rate("2026-01-05", "EUR", "PLN", "4.2500", origin="table")
    story.rate("2026-01-06", "PLN", "EUR", "0.2400")
    story.rate("2026-01-05", "USD", "JPY", "150")
    story.rate("2026-01-05", "USD", "EUR", "0.8")
    story.deal("D1", f"{won} 09:00", [], status="won", amount=amount, currency=currency)
    return story


@pytest.mark.parametrize(
    ("won", "amount", "currency", "native", "reporting"),
    [
        ("2026-01-05", "1000.00", "PLN", 100000, 23529),
        ("2026-01-06", "1000.00", "PLN", 100000, 24000),
        ("2026-01-12", "1000.00", "PLN", 100000, 24000),
        ("2026-01-04", "1000.00", "PLN", 100000, 23810),
        ("2026-01-05", "1000.00", "EUR", 100000, 100000),
        ("2026-01-05", "1234", "JPY", 1234, 658),
    ],
)
def test_converted_at_the_rate_of_the_day(won: str, amount: str, currency: str, native: int, reporting: int) -> None:
    tables = told(won, amount, currency).tables()
    deal = reading.conversion(tables, "deal", "generic/D1")
    assert (deal["native_minor"], deal["native_currency"], deal["revenue_minor"]) == (native, currency, reporting)
    assert reading.roi(tables, "linear", "touch", "revenue_minor") == {(won, "(unattributed)"): reporting}
    assert tables["unconverted"] == {}


@pytest.mark.parametrize(
    ("won", "amount", "currency", "minor"),
    [("2026-01-13", "1000.00", "PLN", 100000), ("2026-01-05", "0.125", "BHD", 125)],
)
def test_unconverted_without_a_rate(won: str, amount: str, currency: str, minor: int) -> None:
    tables = told(won, amount, currency).tables()
    deal = reading.conversion(tables, "deal", "generic/D1")
    assert (deal["native_minor"], deal["revenue_minor"]) == (minor, 0)
    assert tables["unconverted"] == {("w1", "deal", "generic/D1"): {"day": won, "currency": currency, "minor": minor}}


def test_an_adjustment_in_another_currency_and_an_unconverted_one() -> None:
    story = told("2026-01-05", "1000.00", "PLN")
    story.adjustment("R1", "D1", "-10.00", "2026-01-20", "2026-01-20 09:00", "EUR")
    story.adjustment("R2", "D1", "-10.00", "2026-01-20", "2026-01-20 09:00")
    tables = story.tables()
    assert tables["credits"]["w1", "deal", "generic/D1", "linear"]["adjustments"] == {"R1": [-1000], "R2": [0]}
    assert tables["unconverted"] == {
        ("w1", "adjustment", "generic/D1/R2", "generic/D1"): {"day": "2026-01-20", "currency": "PLN", "minor": -1000}
    }


@pytest.mark.parametrize(("amount", "cents"), [("0.50", 12), ("1.50", 38)])
def test_halves_go_to_the_even_cent(amount: str, cents: int) -> None:
    story = Story()
    story.rate("2026-01-05", "PLN", "EUR", "0.25")
    story.deal("D1", "2026-01-05 09:00", [], status="won", amount=amount, currency="PLN")
    assert reading.conversion(story.tables(), "deal", "generic/D1")["revenue_minor"] == cents


def test_spend_by_post_converted_and_unconverted() -> None:
    story = Story()
    story.rate("2026-01-05", "EUR", "PLN", "4.25")
    story.spend("2026-01-05", "Google/CPC/brand", "42.50", currency="PLN")
    story.spend("2026-01-05", "google/cpc/brand", "1.01", post="close")
    story.spend("2026-01-05", "google/cpc/brand", "1.02", post="close", when="2026-01-06 00:00")
    story.spend("2026-01-20", "google/cpc/brand", "42.50", currency="PLN")
    tables = story.tables()
    assert tables["roi_traffic"] == {
        ("w1", "2026-01-05", "Paid Search", "google", "cpc", "brand"): {
            "sessions": 0,
            "attract_minor": 1000,
            "convert_minor": 0,
            "close_minor": 102,
        }
    }
    assert tables["unconverted"] == {
        ("w1", "spend", "manual/2026-01-20/google/cpc/brand/attract", "2026-01-20"): {
            "day": "2026-01-20",
            "currency": "PLN",
            "minor": 4250,
        }
    }
