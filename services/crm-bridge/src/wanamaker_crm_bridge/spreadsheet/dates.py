"""Dates as people write them, with or without a time: `2026-01-31`, `31.01.2026`, `01/31/2026`, `31 janv. 2026`, `Jan 31, 2026`.

Whether the day or the month stands first is decided by all dates of the file together and never cell by cell: `02/03/2026` alone
says nothing. With dots the day is first. Beside a time zone a time is exact; without one it counts as its day.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from wanamaker_crm_bridge.unmappable import Unmappable
from wanamaker_crm_bridge.values import time_or_date

from .cells import Cell, Fault, Moment, Numeral
from .months import MONTHS
from .words import plain

_CLOCK = (
    r"(?:(?:[T\s]\s*|,\s*|\s+(?:at|um|à|o)\s+)(?P<hour>\d{1,2})[:.hH](?P<minute>\d{2})"
    r"(?::(?P<second>\d{2})(?:[.,]\d{1,9})?)?\s*(?P<half>[AaPp]\.?\s?[Mm]\.?)?)?"
)
_ISO = re.compile(r"(?P<year>\d{4})(?P<sep>[-/.])(?P<month>\d{1,2})(?P=sep)(?P<day>\d{1,2})" + _CLOCK, re.ASCII)
_ZONED = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?\s?([Zz]|[+-]\d\d:?\d\d)", re.ASCII)
_NUMERIC = re.compile(
    r"(?P<first>\d{1,2})(?P<sep>[-/.])\s?(?P<second_>\d{1,2})(?P=sep)\s?(?P<year>\d{4}|\d{2})" + _CLOCK, re.ASCII
)
_DAY_NAME = re.compile(
    r"(?:[^\W\d_]+\.?,?\s+)?(?P<day>\d{1,2})(?:\.|er|st|nd|rd|th)?[\s-]*(?:of\s+|de\s+)?"
    r"(?P<name>[^\W\d_]{3,12})\.?,?[\s-]*(?P<year>\d{4}|\d{2})" + _CLOCK
)
_NAME_DAY = re.compile(
    r"(?:[^\W\d_]+\.?,\s+)?(?P<name>[^\W\d_]{3,12})\.?\s*(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})" + _CLOCK
)
_YEARS = range(1900, 2200)
_DAY_OR_MONTH = range(1, 13)
_DAYS_ONLY = range(13, 32)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST = 60


class NoDate(Exception):
    """Why a cell is no date; the message does not quote it."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the calendar and, if there was one, the time of the day in seconds; `exact` where a zone stood beside it."""

    day: date
    seconds: int | None = None
    exact: datetime | None = None


def shows(text: str) -> str | None:
    """The order that this cell proves: `day_first`, `month_first`, or None."""
    match = _NUMERIC.fullmatch(text.strip()) if len(text) <= LONGEST else None
    if match is None or match["sep"] == ".":
        return None
    first, second = int(match["first"]), int(match["second_"])
    if first in _DAYS_ONLY and second in _DAY_OR_MONTH:
        return "day_first"
    return "month_first" if second in _DAYS_ONLY and first in _DAY_OR_MONTH else None


def is_open(text: str) -> bool:
    """Whether the cell is another day under another order."""
    match = _NUMERIC.fullmatch(text.strip()) if len(text) <= LONGEST else None
    if match is None or match["sep"] == ".":
        return False
    first, second = int(match["first"]), int(match["second_"])
    return first in _DAY_OR_MONTH and second in _DAY_OR_MONTH and first != second


def looks_like_a_date(text: str) -> bool:
    bare = text.strip()
    if not 6 <= len(bare) <= LONGEST:
        return False
    try:
        day_of(bare, "day_first")
    except NoDate:
        return shows(bare) == "month_first"
    return True


def day_of(cell: Cell, order: str | None) -> Day:
    """The day (and time) in a cell; `order` is the file's, None where no date needs one. Raises NoDate."""
    match cell:
        case Moment(text):
            return _typed(text)
        case Numeral():
            raise NoDate("is a number, not a date")
        case Fault(problem):
            raise NoDate(problem)
    return _written(cell.strip(), order)


def stated(day: Day, zone: str | None) -> str:
    """As a deal's property: an RFC 3339 time in UTC where the instant is known, else the date."""
    moment = _moment(day, zone)
    if moment is None:
        return day.day.isoformat()
    return moment.isoformat().replace("+00:00", "Z")


def instant(day: Day, zone: str | None) -> int:
    """Microseconds since 1970: of a day without time its beginning; of a time without zone as if it were UTC's."""
    moment = _moment(day, zone or "UTC")
    if moment is None:
        moment = _moment(Day(day.day, 0), zone or "UTC")
        assert moment is not None
    return (moment - _EPOCH) // timedelta(microseconds=1)


@lru_cache(maxsize=8192)
def _written(text: str, order: str | None) -> Day:
    if len(text) > LONGEST:
        raise NoDate("is no date")
    if _ZONED.fullmatch(text):
        return _exact(text)
    if (found := _ISO.fullmatch(text)) is not None:
        return _day(int(found["year"]), int(found["month"]), int(found["day"]), found)
    if (found := _NUMERIC.fullmatch(text)) is not None:
        first, second = int(found["first"]), int(found["second_"])
        if found["sep"] != "." and order is None and first != second:
            raise NoDate("may be day/month or month/day")
        month, day = (first, second) if order == "month_first" and found["sep"] != "." else (second, first)
        return _day(_year(found["year"]), month, day, found)
    found = _DAY_NAME.fullmatch(text) or _NAME_DAY.fullmatch(text)
    if found is not None and (month_named := MONTHS.get(plain(found["name"]))) is not None:
        return _day(_year(found["year"]), month_named, int(found["day"]), found)
    raise NoDate("is no date")


def _moment(day: Day, zone: str | None) -> datetime | None:
    if day.exact is not None:
        return day.exact
    if day.seconds is None or zone is None:
        return None
    local = datetime(day.day.year, day.day.month, day.day.day, tzinfo=_zone(zone)) + timedelta(seconds=day.seconds)
    return local.astimezone(UTC)


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _year(text: str) -> int:
    """Two digits: 00 to 69 are of this century."""
    if len(text) == 4:
        return int(text)
    return int(text) + (2000 if int(text) < 70 else 1900)


def _day(year: int, month: int, day: int, found: re.Match[str]) -> Day:
    if year not in _YEARS:
        raise NoDate(f"must lie in the years {_YEARS[0]} to {_YEARS[-1]}")
    try:
        return Day(date(year, month, day), _seconds(found))
    except ValueError:
        raise NoDate("is a day that the calendar does not have") from None


def _seconds(found: re.Match[str]) -> int | None:
    if found["hour"] is None:
        return None
    hour, minute, second = int(found["hour"]), int(found["minute"]), int(found["second"] or 0)
    if found["half"] is not None:
        if not 1 <= hour <= 12:
            raise NoDate("is a time that the clock does not have")
        hour = hour % 12 + (12 if found["half"][0] in "pP" else 0)
    if hour > 23 or minute > 59 or second > 59:
        raise NoDate("is a time that the clock does not have")
    return hour * 3600 + minute * 60 + second


def _exact(text: str) -> Day:
    spaced = text[:10] + "T" + text[11:].replace(" ", "")
    if len(spaced) > 16 and spaced[16] != ":":
        spaced = f"{spaced[:16]}:00{spaced[16:]}"
    if spaced[-5] in "+-":
        spaced = f"{spaced[:-2]}:{spaced[-2:]}"
    try:
        moment = datetime.fromisoformat(time_or_date(spaced, "").replace("Z", "+00:00"))
    except Unmappable as problem:
        raise NoDate(str(problem).strip()) from None
    return Day(moment.date(), None, moment)


def _typed(text: str) -> Day:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise NoDate("is no date") from None
    if moment.year not in _YEARS:
        raise NoDate(f"must lie in the years {_YEARS[0]} to {_YEARS[-1]}")
    seconds = moment.hour * 3600 + moment.minute * 60 + moment.second if "T" in text else None
    if moment.tzinfo is not None:
        return Day(moment.date(), None, moment.astimezone(UTC))
    return Day(moment.date(), seconds)
