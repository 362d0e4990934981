"""How sums become the numbers of a row: exact, half-even, null where there is nothing to divide by."""

from __future__ import annotations

import pytest

from wanamaker_attribution import tables
from wanamaker_attribution.reports.measures import COLUMNS, MICRO, Sums, count, show


def test_the_example_of_the_api() -> None:
    """The row that the API page shows, but for its days to close (15.1 days x 0.5 deals)."""
    shown = show(
        Sums(
            sessions=12,
            leads=1_500_000,
            opportunities=500_000,
            deals=500_000,
            customers=500_000,
            revenue_minor=50_000,
            attract_minor=10_000,
            close_seconds=500_000 * 1_304_640,
        )
    )
    assert shown == {
        "sessions": 12,
        "leads": 1.5,
        "mqls": 0,
        "sqls": 0,
        "opportunities": 0.5,
        "deals": 0.5,
        "customers": 0.5,
        "revenue_minor": 50_000,
        "spend_minor": 10_000,
        "spend_attract_minor": 10_000,
        "spend_convert_minor": 0,
        "spend_close_minor": 0,
        "roi": 4.0,
        "roas": 5.0,
        "cost_per_session_minor": 833,
        "cost_per_lead_minor": 6_667,
        "cac_minor": 20_000,
        "session_to_lead": 0.125,
        "lead_to_customer": 0.3333,
        "average_deal_minor": 100_000,
        "days_to_close": 15.1,
    }
    assert list(shown) == list(COLUMNS)


def test_nothing_to_divide_by_is_null() -> None:
    shown = show(Sums())
    ratios = ("roi", "roas", "session_to_lead", "lead_to_customer", "days_to_close")
    money = ("cost_per_session_minor", "cost_per_lead_minor", "cac_minor", "average_deal_minor")
    assert [shown[name] for name in (*ratios, *money)] == [None] * 9


@pytest.mark.parametrize(
    ("attract", "sessions", "cost"),
    [(1, 2, 0), (3, 2, 2), (5, 2, 2), (7, 2, 4), (-1, 2, 0), (-3, 2, -2), (2, 3, 1)],
)
def test_money_rounds_half_to_even(attract: int, sessions: int, cost: int) -> None:
    assert show(Sums(attract_minor=attract, sessions=sessions))["cost_per_session_minor"] == cost


@pytest.mark.parametrize(
    ("revenue", "spend", "roas"),
    [(1, 20_000, 0.0), (3, 20_000, 0.0002), (5, 20_000, 0.0002), (7, 20_000, 0.0004), (1, 3, 0.3333)],
)
def test_ratios_round_half_to_even_at_four_decimals(revenue: int, spend: int, roas: float) -> None:
    assert show(Sums(revenue_minor=revenue, attract_minor=spend))["roas"] == roas


def test_each_cost_has_its_posts() -> None:
    shown = show(
        Sums(
            sessions=1,
            leads=MICRO,
            customers=MICRO,
            attract_minor=100,
            convert_minor=10,
            close_minor=1,
            revenue_minor=222,
        )
    )
    assert shown["cost_per_session_minor"] == 100
    assert shown["cost_per_lead_minor"] == 110
    assert shown["cac_minor"] == 111
    assert (shown["roi"], shown["roas"]) == (1.0, 2.0)


@pytest.mark.parametrize(
    ("micro", "shown"),
    [(0, 0), (1_000_000, 1), (1, 0.000001), (333_334, 0.333334), (12_345_678_901_234, 12345678.901234)],
)
def test_counts_have_at_most_six_decimals(micro: int, shown: float) -> None:
    assert repr(count(micro)) == repr(shown)


def test_sums_beyond_floats_stay_exact() -> None:
    """2^53 + 1 minor units are not a float; the ratio is still right to the unit."""
    assert show(Sums(revenue_minor=2**53 + 1, deals=MICRO))["average_deal_minor"] == 2**53 + 1


def test_measures_are_those_of_the_tables() -> None:
    assert (*tables.CREDIT_MEASURES, *tables.TRAFFIC_MEASURES) == Sums._fields
