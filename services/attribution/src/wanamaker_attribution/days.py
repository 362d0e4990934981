"""Days of a workspace's zone, and the times that CRMs write as text."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MINUTE = timedelta(minutes=1)
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


class Span(NamedTuple):
    """From the first microsecond of a day to after its last.

    `whole`: it holds no other day's, as it does where a clock is set back over midnight.
    """

    start: int
    end: int
    whole: bool


@lru_cache(maxsize=65536)
def span_of(day: str, zone: str) -> Span:
    """When a day (`YYYY-MM-DD`) of a zone is: all times for which `day_of` gives it, by whole minutes as there."""
    starts, ends = (_midnight(date.fromisoformat(day) + timedelta(days=days), zone) for days in (0, 1))
    return Span(starts[0], max(ends), starts[0] >= starts[1] and ends[0] >= ends[1])


def _midnight(day: date, zone: str) -> tuple[int, int]:
    """When the clock shows 0:00 for the first and the second time, as a rule the same.

    Where it skips 0:00 the first is the moment of the change, and the second lies before it.
    """
    twice = (datetime.combine(day, time.min, tzinfo=_zone(zone)).replace(fold=fold) for fold in (0, 1))
    first, second = (-((_EPOCH - moment) // _MINUTE) * 60_000_000 for moment in twice)
    return first, second


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
