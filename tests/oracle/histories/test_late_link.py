"""The form comes after the deal was won.

c1: 1 January google/cpc, 4 January newsletter/email, no form. Deal of 100.00 with ann's contact created on 2 January, won on
5 January. Nobody knows whose c1 is: 10000 is unattributed on 5 January (or under the CRM's own source). On 6 January a form on
c1 names ann: the first link after both visits owns them.

    linear     5000 5000
    w_shaped   the lead (6th) is after the conversion: no L. F and O (last up to 2 January) = 1st: 90, the other 10: 9000 1000
    full_path  F, O = 1st, C = 2nd, nobody else: 3 equal parts of 100: 6666.67 3333.33 -> 6667 3333
"""

from __future__ import annotations

from tests.oracle.story import Story

from . import reading


def told(original_source: str | None = None) -> Story:
    story = Story()
    story.page("c1", "2026-01-01 10:00", "google/cpc")
    story.page("c1", "2026-01-04 10:00", "newsletter/email")
    story.contact("C1", "2026-01-02 09:00", emails=["ann@example.com"])
    story.deal("D1", "2026-01-02 09:00", ["C1"], status="open", amount="100.00", original_source=original_source)
    story.deal("D1", "2026-01-05 09:00", status="won")
    return story


def test_without_a_link_the_deal_is_unattributed() -> None:
    tables = told().tables()
    assert reading.conversion(tables, "deal", "generic/D1")["journey"] == []
    assert tables["credits"]["w1", "deal", "generic/D1", "w_shaped"] == {
        "micro": [1_000_000],
        "revenue": [10000],
        "adjustments": {},
    }
    unattributed = ("(unattributed)",) * 4
    assert tables["roi_credit"]["w1", "linear", "touch", "2026-01-05", *unattributed]["revenue_minor"] == 10000
    # 2 January 09:00 (created) to 5 January 09:00 is 3 days.
    assert reading.roi(tables, "linear", "touch", "close_seconds") == {
        ("2026-01-05", "(unattributed)"): 3 * 86_400 * 1_000_000
    }


def test_the_crms_own_source_stands_in() -> None:
    tables = told(original_source="PAID_SEARCH").tables()
    dimensions = ("Paid Search", "(crm)", "(not set)", "(not set)")
    assert tables["roi_credit"]["w1", "linear", "conversion", "2026-01-05", *dimensions]["revenue_minor"] == 10000


def test_a_late_link_brings_the_visits_in() -> None:
    story = told()
    story.form("c1", "2026-01-06 10:00", email="ann@example.com")
    tables = story.tables()
    assert reading.owners(tables) == [story.email("ann@example.com")] * 2
    assert reading.revenue(tables, "linear") == [5000, 5000]
    assert reading.revenue(tables, "w_shaped") == [9000, 1000]
    assert reading.revenue(tables, "full_path") == [6667, 3333]
    assert reading.roi(tables, "linear", "touch", "revenue_minor") == {
        ("2026-01-01", "Paid Search"): 5000,
        ("2026-01-04", "Email"): 5000,
    }
