"""Two CRMs that say won and sql by stages, and one by its own lifecycle words.

Ann (google/cpc on 1 January, form) is contact C1 of D1, a deal of a CRM without status, as HubSpot:
    6 January   appointmentscheduled, 900 PLN, expected to close on 31 March
    9 January   contractsent: nothing yet
    12 January  closedwon, 1000 PLN, closed on 11 January 15:00: won then, at 4 PLN = 250.00 EUR
    15 January  the deal is reopened: nothing is won any more
    20 January  closedwon again, closed on 19 January: at 5 PLN = 200.00 EUR, 50 PLN given back on the 21st = 10.00 EUR
Bob (newsletter/email on 2 January, form) is contact C2 of D2, of a CRM with status and no lifecycles, as Pipedrive:
    7 January   open in stage 3, which means mql
    8 January   open in stage 5, which means sql
    10 January  lost there: the sql stays
C1 is a marketingqualifiedlead on 5 January.
"""

from __future__ import annotations

from tests.oracle.story import Story, at

from . import reading


def told(until: str = "2026-02-01") -> Story:
    """What the CRMs had said of deals before a day."""
    story = Story()
    story.settings("2026-01-30 10:00", stage_maps={"generic": {"7": {"3": "mql", "5": "sql"}}})
    story.rate("2026-01-10", "EUR", "PLN", "4")
    story.rate("2026-01-19", "EUR", "PLN", "5")
    story.page("c1", "2026-01-01 10:00", "google/cpc")
    story.form("c1", "2026-01-01 10:05", email="ann@example.com")
    story.page("c2", "2026-01-02 10:00", "newsletter/email")
    story.form("c2", "2026-01-02 10:05", email="bob@example.com")
    story.contact("C1", "2026-01-05 10:00", emails=["ann@example.com"], lifecycle_stage="marketingqualifiedlead")
    story.contact("C2", "2026-01-05 10:00", emails=["bob@example.com"])
    expected = "2026-03-31T00:00:00Z"
    first = {"stage": "appointmentscheduled", "amount": "900.00", "currency": "PLN", "closed_at": expected}
    story.deal("D1", "2026-01-06 10:00", ["C1"], pipeline="default", **first)
    story.deal("D1", "2026-01-09 10:00", stage="contractsent")
    story.deal("D1", "2026-01-12 10:00", stage="closedwon", amount="1000.00", closed_at="2026-01-11T15:00:00Z")
    story.deal("D1", "2026-01-15 10:00", stage="contractsent")
    story.deal("D1", "2026-01-20 10:00", stage="closedwon", closed_at="2026-01-19T12:00:00Z")
    story.adjustment("R1", "D1", "-50.00", "2026-01-21T10:00:00Z", "2026-01-21 10:00")
    story.deal("D2", "2026-01-07 10:00", ["C2"], pipeline="7", stage="3", status="open")
    story.deal("D2", "2026-01-08 10:00", stage="5")
    story.deal("D2", "2026-01-10 10:00", status="lost")
    end = at(f"{until} 00:00")
    story.entries = [each for each in story.entries if each[1].type != "deal.revised" or each[1].occurred_at < end]
    return story


def test_closed_won_by_its_stage_in_its_own_currency() -> None:
    tables = told("2026-01-15").tables()
    deal = tables["deals"]["w1", "generic", "D1"]
    assert (deal["status"], deal["won_at"]) == ("won", at("2026-01-11 15:00"))
    assert reading.conversion(tables, "deal", "generic/D1")["revenue_minor"] == 25_000
    assert reading.roi(tables, "linear", "conversion", "revenue_minor")["2026-01-11", "Paid Search"] == 25_000


def test_an_expected_close_wins_nothing() -> None:
    assert reading.kinds(told("2026-01-12").tables(), "deal") == []


def test_reopened_takes_it_away() -> None:
    tables = told("2026-01-20").tables()
    assert reading.kinds(tables, "deal") == reading.kinds(tables, "customer") == []
    assert len(reading.kinds(tables, "opportunity")) == 2


def test_won_again_at_the_new_day_with_what_was_given_back() -> None:
    tables = told().tables()
    conversion = reading.conversion(tables, "deal", "generic/D1")
    assert (conversion["at"], conversion["revenue_minor"]) == (at("2026-01-19 12:00"), 20_000)
    assert [each["revenue_minor"] for each in conversion["adjustments"]] == [-1_000]
    assert reading.roi(tables, "linear", "touch", "revenue_minor") == {("2026-01-01", "Paid Search"): 19_000}


def test_stages_and_words_make_mqls_and_sqls() -> None:
    tables = told().tables()
    assert reading.roi(tables, "linear", "conversion", "mqls") == {
        ("2026-01-05", "Paid Search"): 1_000_000,
        ("2026-01-07", "Email"): 1_000_000,
    }
    assert reading.roi(tables, "linear", "conversion", "sqls") == {("2026-01-08", "Email"): 1_000_000}
    assert tables["deals"]["w1", "generic", "D2"]["status"] == "lost"
