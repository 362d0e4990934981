"""What is given back comes off where it was credited.

Three visits (google/cpc, newsletter/email, direct on 1, 2 and 3 January) and 100.01 won on 5 January: linear 3334 3334 3333.

    R1 = -100.01 on 7 January:  -(3334 3334 3333): nothing is left anywhere (a split without mirroring would give -3333 first)
    R2 = -0.02   on 8 January:  -(1 1 0)
    R3 = 0.01    on 9 January:  1 0 0, stated as 0.05 before: the latest holds

A date without time is the end of that day. While the deal is not won there is no revenue and no adjustment.
"""

from __future__ import annotations

from tests.oracle.story import Story, at

from . import reading


def told() -> Story:
    story = Story()
    story.page("c1", "2026-01-01 10:00", "google/cpc")
    story.page("c1", "2026-01-02 10:00", "newsletter/email")
    story.page("c1", "2026-01-03 10:00")
    story.form("c1", "2026-01-03 10:10", email="ann@example.com")
    story.contact("C1", "2026-01-04 09:00", emails=["ann@example.com"])
    story.deal("D1", "2026-01-05 09:00", ["C1"], status="won", amount="100.01")
    return story


def test_a_full_refund_leaves_nothing_in_any_channel() -> None:
    story = told()
    story.adjustment("R1", "D1", "-100.01", "2026-01-07", "2026-01-07 09:00")
    tables = story.tables()
    credit = tables["credits"]["w1", "deal", "generic/D1", "linear"]
    assert credit["revenue"] == [3334, 3334, 3333]
    assert credit["adjustments"] == {"R1": [-3334, -3334, -3333]}
    assert reading.roi(tables, "linear", "touch", "revenue_minor") == {}
    assert reading.roi(tables, "linear", "conversion", "revenue_minor") == {
        ("2026-01-05", "Paid Search"): 3334,
        ("2026-01-05", "Email"): 3334,
        ("2026-01-05", "Direct"): 3333,
        ("2026-01-07", "Paid Search"): -3334,
        ("2026-01-07", "Email"): -3334,
        ("2026-01-07", "Direct"): -3333,
    }


def test_small_adjustments_and_the_latest_statement_of_each() -> None:
    story = told()
    story.adjustment("R2", "D1", "-0.02", "2026-01-08", "2026-01-08 09:00")
    story.adjustment("R3", "D1", "0.05", "2026-01-08", "2026-01-08 10:00")
    story.adjustment("R3", "D1", "0.01", "2026-01-09", "2026-01-09 09:00")
    tables = story.tables()
    adjustments = tables["credits"]["w1", "deal", "generic/D1", "linear"]["adjustments"]
    assert adjustments == {"R2": [-1, -1, 0], "R3": [1, 0, 0]}
    assert reading.conversion(tables, "deal", "generic/D1")["adjustments"][1] == {
        "id": "R3",
        "at": at("2026-01-09 23:59:59.999999"),
        "day": "2026-01-09",
        "revenue_minor": 1,
        "native_minor": 1,
        "native_currency": "EUR",
    }


def test_no_adjustment_counts_while_the_deal_is_not_won() -> None:
    story = told()
    story.adjustment("R1", "D1", "-1.00", "2026-01-07", "2026-01-07 09:00")
    won = story.tables()
    story.deal("D1", "2026-01-10 09:00", status="lost")
    assert reading.kinds(story.tables(), "deal") == []
    assert story.tables()["deals"]["w1", "generic", "D1"]["won_at"] is None
    story.deal("D1", "2026-01-11 09:00", status="won", closed_at="2026-01-05T09:00:00Z")
    assert story.tables()["conversions"] == won["conversions"]
