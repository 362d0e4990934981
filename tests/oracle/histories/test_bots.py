"""A crawler that kept its cookie, with limits of 3 pages a day and 2 a minute, days in Warsaw (UTC+1).

Jan 1    c1 comes by an ad, a person.
Jan 2    c1 views four pages (00:30, 08:00, 12:00, 23:59 in Warsaw; the first is still Jan 1 in UTC) and names ann at noon: a bot.
         In UTC it is three, and no bot.
Jan 3    c1 comes again and names bob: he owns Jan 1 and Jan 3. Had ann's form counted, Jan 1 were hers.
c2       views two pages at 9:00:00 and 9:00:59 and one at 9:01:00: no minute has three. A third in 9:00 makes the day a bot's.
"""

from __future__ import annotations

from tests.oracle import Tables
from tests.oracle.story import Story

from . import reading


def crawler(zone: str = "Europe/Warsaw") -> Story:
    story = Story()
    story.settings("2026-01-01 00:00", zone=zone, bot_pages_per_day=3, bot_pages_per_minute=2)
    story.page("c1", "2026-01-01 10:00", "google/cpc")
    for when in ("2026-01-01 23:30", "2026-01-02 07:00", "2026-01-02 11:00", "2026-01-02 22:59"):
        story.page("c1", when)
    story.form("c1", "2026-01-02 11:00", email="ann@example.com")
    story.page("c1", "2026-01-03 10:00", "newsletter/email")
    story.form("c1", "2026-01-03 10:05", email="bob@example.com")
    return story


def days(tables: Tables) -> list[str]:
    return sorted(row["day"] for row in tables["touchpoints"].values())


def leads(tables: Tables) -> list[str]:
    return sorted(row["day"] for (_, kind, _), row in tables["conversions"].items() if kind == "lead")


def test_a_bots_day_has_no_sessions_and_its_form_neither_owns_nor_leads() -> None:
    story = crawler()
    tables = story.tables()
    assert days(tables) == ["2026-01-01", "2026-01-03"]
    assert reading.owners(tables) == [story.email("bob@example.com")] * 2
    assert leads(tables) == ["2026-01-03"]


def test_the_day_is_the_workspaces() -> None:
    story = crawler("UTC")
    tables = story.tables()
    assert days(tables) == ["2026-01-01", "2026-01-01", *["2026-01-02"] * 3, "2026-01-03"]
    assert leads(tables) == ["2026-01-02", "2026-01-03"]


def test_a_limit_of_nothing_judges_nobody() -> None:
    story = crawler()
    story.settings("2026-02-01 00:00", bot_pages_per_day=0)
    assert leads(story.tables()) == ["2026-01-02", "2026-01-03"]


def test_a_minute_is_one_of_the_clock() -> None:
    story = crawler()
    for when in ("2026-01-05 09:00:00", "2026-01-05 09:00:59", "2026-01-05 09:01:00"):
        story.page("c2", when)
    assert days(story.tables()) == ["2026-01-01", "2026-01-03", "2026-01-05"]
    story.page("c2", "2026-01-05 09:00:30", bot=True)  # a view that its user agent gave away counts as well
    assert days(story.tables()) == ["2026-01-01", "2026-01-03"]


def test_what_the_bot_named_stays_named_and_linked_in_the_graph() -> None:
    story = crawler()
    tables = story.tables()
    assert {identifier for _, identifier in tables["persons"]} == {
        story.email("ann@example.com"),
        story.email("bob@example.com"),
    }
    assert {row["status"] for row in tables["links"].values()} == {"active"}
