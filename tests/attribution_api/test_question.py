"""Days, weeks, months and filters of a question."""

from __future__ import annotations

import pytest

from wanamaker_attribution.reports.dimensions import month_of, parse_group_by, value_of, week_of
from wanamaker_attribution.reports.question import Question
from wanamaker_attribution.reports.times import rfc3339

LINEAR = ("linear",)


@pytest.mark.parametrize(
    ("day", "monday"),
    [
        ("2026-01-05", "2026-01-05"),
        ("2026-01-11", "2026-01-05"),
        ("2026-01-04", "2025-12-29"),
        ("2024-02-29", "2024-02-26"),
        ("2021-01-01", "2020-12-28"),
    ],
)
def test_a_week_is_its_monday(day: str, monday: str) -> None:
    assert week_of(day) == monday


def test_a_month_is_its_year_and_number() -> None:
    assert month_of("2026-12-31") == "2026-12"


@pytest.mark.parametrize(
    ("only", "first", "last"),
    [
        ({}, "2026-01-10", "2026-01-20"),
        ({"day": "2026-01-15"}, "2026-01-15", "2026-01-15"),
        ({"week": "2026-01-05"}, "2026-01-10", "2026-01-11"),
        ({"week": "2026-01-19"}, "2026-01-19", "2026-01-20"),
        ({"month": "2026-01"}, "2026-01-10", "2026-01-20"),
        ({"month": "2026-02"}, "2026-02-01", "2026-01-20"),  # nothing lies in both
    ],
)
def test_periods_narrow_the_days(only: dict[str, str], first: str, last: str) -> None:
    question = Question(LINEAR, start="2026-01-10", end="2026-01-20", only=only)
    assert (question.first_day(), question.last_day()) == (first, last)


def test_without_bounds_every_day_is_asked_for() -> None:
    question = Question(LINEAR)
    assert (question.first_day(), question.last_day()) == (None, None)
    assert question.keeps({"day": "1999-01-01"})


def test_a_fact_is_kept_if_all_filters_hold() -> None:
    question = Question(LINEAR, end="2026-01-31", only={"month": "2026-01", "channel": "Email", "term": "(not set)"})
    assert question.keeps({"day": "2026-01-31", "channel": "Email"})
    assert not question.keeps({"day": "2026-01-31", "channel": "Email", "term": "x"})
    assert not question.keeps({"day": "2026-02-01", "channel": "Email"})
    assert not question.keeps({"day": "2026-01-31", "channel": "Direct"})


def test_what_the_sums_do_not_keep_is_answered_from_credits() -> None:
    assert not Question(LINEAR, group_by=("channel", "week", "model")).fine
    assert Question(LINEAR, group_by=("landing_page",)).fine
    assert Question(LINEAR, group_by=(), only={"content": "a"}).fine


def test_groups_are_a_comma_list() -> None:
    assert parse_group_by(" channel, week ") == ("channel", "week")
    assert parse_group_by("") == ()
    for wrong in ("channel,", "colour", "day,day"):
        with pytest.raises(ValueError, match=r"known|twice"):
            parse_group_by(wrong)


def test_what_a_fact_lacks_is_not_set() -> None:
    assert value_of("content", {"day": "2026-01-01"}) == "(not set)"


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1_768_910_400_000_000, "2026-01-20T12:00:00Z"),
        (1_768_910_400_000_001, "2026-01-20T12:00:00.000001Z"),
        (-1, "1969-12-31T23:59:59.999999Z"),
    ],
)
def test_times_are_rfc_3339(at: int, text: str) -> None:
    assert rfc3339(at) == text
