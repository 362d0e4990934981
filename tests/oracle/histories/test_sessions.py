"""Where one visit ends and the next begins; times of 1 January.

10:00  page, google/cpc      opens the 1st session
10:30  track                 30 minutes later: belongs to it
11:00  page, no arrival      30 minutes later: belongs to it
11:31  track                 31 minutes later: belongs to none, revives nothing
11:32  page, no arrival      32 minutes since 11:00: opens the 2nd, direct
11:40  page, google/cpc      another arrival than the 2nd's first page (none): opens the 3rd
11:41  page, no arrival      belongs to it
11:42  page, google/cpc      the same arrival as the 3rd's first page: belongs to it
11:43  page, google/cpc with gclid=x: another arrival: opens the 4th
11:44  a bot's page          nothing
11:45  page, referred by shop.test's own pages: no arrival: belongs to the 4th
11:46  page, referred by www.bing.com: opens the 5th, bing / organic
"""

from __future__ import annotations

from tests.oracle.story import Story


def test_sessions_of_a_day() -> None:
    story = Story()
    story.page("c1", "2026-01-01 10:00", "google/cpc")
    story.track("c1", "2026-01-01 10:30")
    story.page("c1", "2026-01-01 11:00")
    story.track("c1", "2026-01-01 11:31")
    story.page("c1", "2026-01-01 11:32")
    story.page("c1", "2026-01-01 11:40", "google/cpc")
    story.page("c1", "2026-01-01 11:41")
    story.page("c1", "2026-01-01 11:42", "Google/CPC")
    story.page("c1", "2026-01-01 11:43", "google/cpc", click_id="gclid=x")
    story.page("c1", "2026-01-01 11:44", "bot/cpc", bot=True)
    story.page("c1", "2026-01-01 11:45", referrer="blog.shop.test")
    story.page("c1", "2026-01-01 11:46", referrer="www.bing.com")
    tables = story.tables()

    rows = sorted(tables["touchpoints"].values(), key=lambda row: row["start_at"])
    assert [(_clock(row["start_at"]), _clock(row["end_at"]), row["channel"], row["source"]) for row in rows] == [
        ("10:00", "11:00", "Paid Search", "google"),
        ("11:32", "11:32", "Direct", "(direct)"),
        ("11:40", "11:42", "Paid Search", "google"),
        ("11:43", "11:45", "Paid Search", "google"),
        ("11:46", "11:46", "Organic Search", "bing"),
    ]
    assert tables["roi_traffic"] == {
        ("w1", "2026-01-01", *dimensions, "(not set)"): {
            "sessions": sessions,
            "attract_minor": 0,
            "convert_minor": 0,
            "close_minor": 0,
        }
        for dimensions, sessions in (
            (("Paid Search", "google", "cpc"), 3),
            (("Direct", "(direct)", "(none)"), 1),
            (("Organic Search", "bing", "organic"), 1),
        )
    }


def _clock(moment: int) -> str:
    minutes = moment // 60_000_000 % 1440
    return f"{minutes // 60:02}:{minutes % 60:02}"
