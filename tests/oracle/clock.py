"""Days and times as the workspace's zone reads them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def day_of(at: int, zone: str) -> str:
    """The calendar day (YYYY-MM-DD) of a moment (microseconds, UTC) in a zone."""
    return (_EPOCH + timedelta(microseconds=at)).astimezone(ZoneInfo(zone)).date().isoformat()


def read_time(text: str, zone: str) -> int:
    """Microseconds of an RFC 3339 time; a date without time is the last microsecond of that day in the zone."""
    if _DATE.fullmatch(text):
        day = date.fromisoformat(text)
        moment = datetime(day.year, day.month, day.day, 23, 59, 59, 999_999, tzinfo=ZoneInfo(zone))
    else:
        moment = datetime.fromisoformat(text)
    return (moment.astimezone(UTC) - _EPOCH) // timedelta(microseconds=1)


def days_before(day: str, count: int) -> str:
    return (date.fromisoformat(day) - timedelta(days=count)).isoformat()
