"""What single values of a CRM must look like: ids, labels, amounts, currencies, times. Pure; raises Unmappable.

Each reader takes the value from `json_body` and the path by which a reason names it. What leaves here fits both databases (no
NUL, no lone surrogate) and is of the one form that attribution reads.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, TypeVar

from .currencies import CURRENCIES
from .json_body import Number
from .unmappable import Unmappable

T = TypeVar("T")
Read = Callable[[Any, str], T]

MAX_ID = 256
MAX_TEXT = 1_000
MAX_LIST = 1_000

_UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_UNSAFE_IN_ID = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_INTEGER = re.compile(r"-?\d{1,32}", re.ASCII)
DECIMAL = re.compile(r"[+-]?\d{1,40}(\.\d{1,40})?([eE][+-]?\d{1,2})?", re.ASCII)
"""What an amount may look like: as many digits as anybody writes, so that none costs more than it says."""
_LARGEST = Decimal(10) ** 14  # times 10^4, the finest minor unit, it still fits 64 bits with room to add up
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,12}))?(?:([Zz])|([+-])(\d\d):(\d\d))", re.ASCII
)
_YEARS = range(1900, 2200)  # so that a time zone never leads out of the calendar


def identifier(value: Any, path: str) -> str:
    """An id: text or a whole number, 1-256 characters, nothing that a database cannot hold."""
    if isinstance(value, Number) and _INTEGER.fullmatch(value.text):
        return value.text
    if not isinstance(value, str):
        raise Unmappable(path, "must be text or a whole number")
    if not 0 < len(value) <= MAX_ID:
        raise Unmappable(path, f"must have 1 to {MAX_ID} characters")
    if not value.strip() or _UNSAFE_IN_ID.search(value):
        raise Unmappable(path, "must not be blank or hold control characters or lone surrogates")
    return value


def text(value: Any, path: str) -> str:
    """Text for people, without what a database cannot hold, cut at 1,000 characters."""
    if not isinstance(value, str):
        raise Unmappable(path, "must be text")
    return printable(value).strip()[:MAX_TEXT]


def label(value: Any, path: str) -> str:
    """The same for what some CRMs number: a stage, a source."""
    return value.text[:MAX_TEXT] if isinstance(value, Number) else text(value, path)


def domain(value: Any, path: str) -> str:
    return text(value, path).lower().rstrip(".")


def host(value: Any, path: str) -> str | None:
    """The host of a website as people write it, with or without scheme, path and `www.`; None if it names none."""
    written = re.sub(r"^[a-z][a-z0-9+.-]*://", "", text(value, path).lower())
    named = re.split(r"[/?#\s]", written, maxsplit=1)[0].rpartition("@")[2].partition(":")[0]
    found = named.removeprefix("www.").rstrip(".")
    return found if "." in found else None


def one_of(words: Collection[str]) -> Read[str]:
    """A reader of one word out of an enumeration, in any case."""

    def read(value: Any, path: str) -> str:
        word = value.strip().lower() if isinstance(value, str) else ""
        if word not in words:
            raise Unmappable(path, f"must be one of {', '.join(words)}")
        return word

    return read


def amount(value: Any, path: str) -> str:
    """A decimal as the sender wrote it, text or number; an exponent is written out. Smaller than 10^14 either way."""
    sent = value.text if isinstance(value, Number) else value.strip() if isinstance(value, str) else ""
    if not DECIMAL.fullmatch(sent):
        raise Unmappable(path, 'must be a decimal number such as "1000.00"')
    number = Decimal(sent)
    if number.copy_abs() >= _LARGEST:
        raise Unmappable(path, "must be smaller than 10^14")
    return format(number, "f") if "e" in sent.lower() else sent.removeprefix("+")


def number(value: Any, path: str) -> str:
    """The same where the CRM has a number and not what somebody wrote: 1000, 1000.0 and 1000.00 are one."""
    sent = format(Decimal(amount(value, path)), "f")
    shortest = sent.rstrip("0").rstrip(".") if "." in sent else sent
    return shortest if Decimal(shortest) else "0"


def currency(value: Any, path: str) -> str:
    code = value.strip().upper() if isinstance(value, str) else ""
    if code not in CURRENCIES:
        raise Unmappable(path, 'must be an ISO 4217 code such as "EUR"')
    return code


def time_or_date(value: Any, path: str) -> str:
    """A date `YYYY-MM-DD` as it is, or a time in UTC, `YYYY-MM-DDTHH:MM:SS[.ffffff]Z`."""
    if isinstance(value, str) and (match := _DATE.fullmatch(value.strip())):
        try:
            day = date(*map(int, match.groups()))
        except ValueError:
            raise Unmappable(path, "is a day that the calendar does not have") from None
        _check_year(day.year, path)
        return day.isoformat()
    return _as_text(_time(value, path, "must be an RFC 3339 time with an offset, or a date YYYY-MM-DD"))


def microseconds(value: Any, path: str) -> int:
    """An RFC 3339 time, as whole microseconds since 1970."""
    moment = _time(value, path, "must be an RFC 3339 time with an offset")
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def text_of(time: int) -> str:
    """Microseconds since 1970 as `time_or_date` writes a time."""
    return _as_text(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time))


def list_of(read: Read[T]) -> Read[list[T]]:
    def read_all(value: Any, path: str) -> list[T]:
        return [read(entry, f"{path}[{index}]") for index, entry in enumerate(items(value, path))]

    return read_all


def items(value: Any, path: str) -> list[Any]:
    if not isinstance(value, list):
        raise Unmappable(path, "must be a list")
    if len(value) > MAX_LIST:
        raise Unmappable(path, f"must have at most {MAX_LIST} entries")
    return value


def printable(value: str) -> str:
    """The text with U+FFFD for each control character and lone surrogate, as the collector writes them too."""
    return _UNSAFE.sub("\ufffd", value)


def _time(value: Any, path: str, wanted: str) -> datetime:
    match = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise Unmappable(path, wanted)
    year, month, day, hour, minute, second, fraction, zulu, sign, offset_hours, offset_minutes = match.groups()
    _check_year(int(year), path)
    micros = int((fraction or "0").ljust(6, "0")[:6])
    if second == "60":  # a leap second is the last microsecond of its minute
        second, micros = "59", 999_999
    try:
        offset = timedelta() if zulu else timedelta(hours=int(offset_hours), minutes=int(offset_minutes))
        zone = timezone(-offset if sign == "-" else offset)
        moment = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second), micros, zone)
    except ValueError:
        raise Unmappable(path, "is a time that the calendar or the clock does not have") from None
    return moment.astimezone(UTC)


def _check_year(year: int, path: str) -> None:
    if year not in _YEARS:
        raise Unmappable(path, f"must lie in the years {_YEARS[0]} to {_YEARS[-1]}")


def _as_text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
