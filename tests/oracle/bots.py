"""Whose days are a bot's, by how many pages the cookie viewed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from wanamaker_shared.contracts.settings import WorkspaceSettings
from wanamaker_shared.contracts.web_events import PageViewed, WebEvent

from .clock import MINUTE, day_of

CookieDay = tuple[str, str]
"""(cookie, day)"""


def bot_days(events: Iterable[WebEvent], settings: WorkspaceSettings) -> set[CookieDay]:
    """The days of cookies with more page views than the settings allow, in all or within one minute of the clock."""
    in_day = Counter[CookieDay]()
    in_minute = Counter[tuple[str, str, int]]()
    for event in events:
        if isinstance(event, PageViewed):
            day = day_of(event.occurred_at, settings.zone)
            in_day[event.sender, day] += 1
            in_minute[event.sender, day, event.occurred_at // MINUTE] += 1
    by_day = {place for place, pages in in_day.items() if 0 < settings.bot_pages_per_day < pages}
    by_minute = {place[:2] for place, pages in in_minute.items() if 0 < settings.bot_pages_per_minute < pages}
    return by_day | by_minute
