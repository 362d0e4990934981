"""What a report can be grouped and filtered by, and how a fact's day becomes its week and month."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

NOT_SET = "(not set)"
PERIODS = ("day", "week", "month")
STORED = ("channel", "source", "medium", "campaign")
"""Dimensions that the ROI tables keep."""
ORIGINAL_SOURCE = "original_source"
FINE = ("content", "term", "landing_page", ORIGINAL_SOURCE)
"""Dimensions answered from credits and sessions; of spend only the original source is known, by its utm parts."""
ACCOUNT = "account"
"""Whose a fact is: the account of a session's owner, of a conversion's person or deal; spend has none."""
GROUPS = (*PERIODS, *STORED, *FINE, ACCOUNT, "model")

Dimensions = Mapping[str, str]
"""A fact's dimensions by name: some of day, `ACCOUNT`, and of `STORED` and `FINE`."""


def parse_group_by(text: str) -> tuple[str, ...]:
    """The names of a comma list, in order. Raises ValueError naming what is unknown or given twice."""
    names = tuple(name.strip() for name in text.split(",")) if text.strip() else ()
    for name in names:
        if name not in GROUPS:
            raise ValueError(f"cannot group by {name[:40]!r}; known: {', '.join(GROUPS)}")
        if names.count(name) > 1:
            raise ValueError(f"{name!r} is given twice")
    return names


def week_of(day: str) -> str:
    """The Monday of the day's ISO week."""
    its = date.fromisoformat(day)
    return (its - timedelta(days=its.weekday())).isoformat()


def month_of(day: str) -> str:
    """`YYYY-MM`."""
    return day[:7]


def value_of(name: str, dimensions: Dimensions) -> str:
    """A fact's value of one dimension or period; `(not set)` where the fact lacks it."""
    if name == "week":
        return week_of(dimensions["day"])
    if name == "month":
        return month_of(dimensions["day"])
    return dimensions.get(name, NOT_SET)
