"""Days of a workspace's zone, and the times that CRMs write as text."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
DAY = 86_400_000_000


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def day_of(at: int, zone: str) -> str:
    """The day (`YYYY-MM-DD`) on which a time (microseconds UTC) falls in a zone."""
    return _day_of_minute(at // 60_000_000, zone)


@lru_cache(maxsize=65536)
def _day_of_minute(minute: int, zone: str) -> str:
    return (_EPOCH + timedelta(minutes=minute)).astimezone(_zone(zone)).date().isoformat()


def moment_of(text: str, zone: str) -> int:
    """Microseconds UTC of an RFC 3339 time; a date without time is the last microsecond of that day in the zone.

    Raises ValueError if it is neither.
    """
    if len(text) == 10:
        end = datetime.combine(date.fromisoformat(text), time.max, tzinfo=_zone(zone))
    else:
        end = datetime.fromisoformat(text)
        if end.tzinfo is None:
            raise ValueError(f"time without offset: {text!r}")
    return (end - _EPOCH) // _MICROSECOND


def days_before(day: str, days: int) -> str:
    return (date.fromisoformat(day) - timedelta(days=days)).isoformat()
