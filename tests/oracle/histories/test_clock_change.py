"""Days of a zone whose clocks change: Europe/Warsaw, 29 March 2026, 02:00 CET becomes 03:00 CEST.

    28 March 22:59 UTC = 23:59 CET            day 28
    28 March 23:00 UTC = 00:00 CET            day 29
    29 March 21:59 UTC = 23:59 CEST           day 29 (it has 23 hours)
    29 March 22:00 UTC = 00:00 CEST           day 30

A deal closed on `2026-03-29` was won at 29 March 21:59:59.999999 UTC. With a look-back of 1 day (86,400 s, not a calendar
day) its journey begins at 28 March 21:59:59.999999: the visit of 22:59 on the 28th is in, that of 21:59 that day is not, and
that of 22:00 on the 29th comes after the conversion. In UTC the same deal is won on 29 March 23:59:59.999999.
"""

from __future__ import annotations

from tests.oracle.story import Story, at

from . import reading

VISITS = ["2026-03-28 21:59", "2026-03-28 22:59", "2026-03-28 23:00", "2026-03-29 21:59", "2026-03-29 22:00"]


def told(zone: str) -> Story:
    story = Story()
    story.settings("2026-01-01 00:00", zone=zone, look_back_days=1)
    for number, visit in enumerate(VISITS):
        story.page("c1", visit, f"s{number}/email")
    story.form("c1", "2026-03-29 22:01", email="ann@example.com")
    story.contact("C1", "2026-03-29 23:00", emails=["ann@example.com"])
    story.deal("D1", "2026-03-30 09:00", ["C1"], status="won", amount="0.10", closed_at="2026-03-29")
    return story


def test_days_of_the_zone() -> None:
    tables = told("Europe/Warsaw").tables()
    days = {row["start_at"]: row["day"] for row in tables["touchpoints"].values()}
    assert [days[at(visit)][-2:] for visit in VISITS] == ["28", "28", "29", "29", "30"]
    deal = reading.conversion(tables, "deal", "generic/D1")
    assert (deal["at"], deal["day"]) == (at("2026-03-29 21:59:59.999999"), "2026-03-29")
    assert len(deal["journey"]) == 3
    assert reading.roi(tables, "linear", "touch", "revenue_minor") == {
        ("2026-03-28", "Email"): 4,  # 10 / 3 = 3.33: the cent left goes to the earliest
        ("2026-03-29", "Email"): 6,
    }


def test_the_same_records_in_utc() -> None:
    tables = told("UTC").tables()
    deal = reading.conversion(tables, "deal", "generic/D1")
    assert (deal["at"], len(deal["journey"])) == (at("2026-03-29 23:59:59.999999"), 2)
    assert reading.roi(tables, "linear", "touch", "revenue_minor") == {("2026-03-29", "Email"): 10}


def test_a_zone_stated_late_holds_for_the_past_too() -> None:
    late = told("UTC")
    late.settings("2026-05-01 00:00", zone="Europe/Warsaw")
    assert late.tables() == told("Europe/Warsaw").tables()
