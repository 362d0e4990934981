"""Bots by what they do: a cookie's day with too many page views, in all or within one minute of the clock, is a bot's.

Rule and examples: docs/meanings.md, "Bots by what they do"; why attribution judges, and nobody else: ADR 9. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

from wanamaker_shared.contracts.settings import WorkspaceSettings

from .days import day_of
from .owners import Link
from .sessions import MINUTE

RULES_VERSION = 1
"""Changes whenever another day may be a bot's; part of the projection's."""


def bot_days(views: Iterable[int], settings: WorkspaceSettings) -> frozenset[str]:
    """The days that are a bot's, of a cookie's page views at these times (microseconds): all views of each day."""
    per_minute = Counter(at // MINUTE for at in views)
    per_day = Counter[str]()
    busy = set[str]()
    for minute, pages in per_minute.items():
        day = day_of(minute * MINUTE, settings.zone)
        per_day[day] += pages
        if 0 < settings.bot_pages_per_minute < pages:
            busy.add(day)
    if settings.bot_pages_per_day:
        busy.update(day for day, pages in per_day.items() if pages > settings.bot_pages_per_day)
    return frozenset(busy)


def part_links(links: Iterable[Link], days: Collection[str], zone: str) -> tuple[list[Link], list[Link]]:
    """A cookie's links in force, and those that were made on a bot's day: these own nothing and make no lead."""
    parts: tuple[list[Link], list[Link]] = ([], [])
    for link in links:
        parts[bool(days) and day_of(link.at, zone) in days].append(link)
    return parts
