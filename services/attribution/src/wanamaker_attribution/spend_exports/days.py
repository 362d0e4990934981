"""Days as the platforms' sites write them. Whether the day or the month stands first is read from all of them, never guessed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from .layout import DateOrder

_LONGEST = 60
_TIME = re.compile(r"[T ]\d{1,2}:\d{2}(:\d{2})?(\.\d+)?( ?[ap]m)?(Z|[+-]\d{2}:?\d{2})?$", re.IGNORECASE)
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_DOTS = re.compile(r"(\d{1,2})\. ?(\d{1,2})\. ?(\d{4})")
_SLASHES = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})")
_SLASHES_IN_TEXT = re.compile(r"(?<![\d/-])(\d{1,2})[/-](\d{1,2})[/-]\d{4}(?!\d)")
_NAMED_MONTH_FIRST = re.compile(r"([^\W\d_]+)\.? (\d{1,2}),? (\d{4})")
_NAMED_DAY_FIRST = re.compile(r"(\d{1,2})(?:\.|er|º)? (?:de )?([^\W\d_]+)\.? (?:de )?(\d{4})")
_NAMED_SHORT = re.compile(r"(\d{1,2})-([^\W\d_]+)-(\d{4})")

# By month how its name begins in English, German, French, Polish, Spanish, Italian, Dutch and Portuguese, without accents.
_MONTHS = (
    ("jan", "janv", "sty", "ene", "gen", "jaen"),
    ("feb", "fev", "lut"),
    ("mar", "maer", "mrz", "maa", "mrt"),
    ("apr", "avr", "kwi", "abr"),
    ("may", "mai", "maj", "mag", "mei", "mayo"),
    ("jun", "juin", "cze", "giu"),
    ("jul", "juil", "lip", "lug"),
    ("aug", "aou", "sie", "ago"),
    ("sep", "wrz", "set"),
    ("oct", "okt", "paz", "ott", "out"),
    ("nov", "lis"),
    ("dec", "dez", "gru", "dic"),
)


class NoDay(ValueError):
    """A cell is no day; the message repeats nothing of it."""


def order_of(cells: Iterable[str]) -> DateOrder | None:
    """What the cells show: one whose first number is no month, or whose second is none. Raises NoDay if they contradict."""
    found: set[DateOrder] = set()
    for cell in cells:
        for first, second in _SLASHES_IN_TEXT.findall(cell):
            if int(first) > 12 >= int(second):
                found.add("dmy")
            if int(second) > 12 >= int(first):
                found.add("mdy")
    if len(found) > 1:
        raise NoDay("are written with the day first here and the month first there")
    return found.pop() if found else None


def needs_order(cell: str) -> bool:
    """Whether the cell is one day or another, by whether the day or the month stands first."""
    written = _SLASHES.fullmatch(_without_time(cell[:_LONGEST]))
    return written is not None and written[1] != written[2]


@lru_cache(maxsize=4096)
def day_of(cell: str, order: DateOrder | None) -> str:
    """`YYYY-MM-DD`; an `order` is needed where `needs_order` says so. Raises NoDay."""
    if len(cell) > _LONGEST:
        raise NoDay("is not a day")
    text = _without_time(cell)
    if written := _ISO.fullmatch(text):
        return _day(written[1], written[2], written[3])
    if written := _DOTS.fullmatch(text):
        return _day(written[3], written[2], written[1])
    if written := _SLASHES.fullmatch(text):
        first, second = (written[2], written[1]) if order == "dmy" else (written[1], written[2])
        return _day(written[3], first, second)
    if written := _NAMED_MONTH_FIRST.fullmatch(text):
        return _day(written[3], _month(written[1]), written[2])
    if written := _NAMED_DAY_FIRST.fullmatch(text) or _NAMED_SHORT.fullmatch(text):
        return _day(written[3], _month(written[2]), written[1])
    raise NoDay("is not a day")


def is_day(cell: str) -> bool:
    """Whether it is a day in either order."""
    for order in ("dmy", "mdy"):
        try:
            day_of(cell, "dmy" if order == "dmy" else "mdy")
        except NoDay:
            continue
        return True
    return False


def _without_time(cell: str) -> str:
    """Trimmed, with plain spaces, and without a time of the day."""
    return _TIME.sub("", " ".join(unicodedata.normalize("NFKC", cell).split()))


def _day(year: str, month: str | int, day: str) -> str:
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        raise NoDay("is not a day") from None


def _month(name: str) -> int:
    """1 to 12. The longest beginning that fits wins (`mar` is March, `mars` too; `maj` is May)."""
    spelled = name.casefold().replace("ä", "ae")
    plain = "".join(c for c in unicodedata.normalize("NFD", spelled) if not unicodedata.combining(c))
    fitting = [
        (len(start), place) for place, starts in enumerate(_MONTHS, 1) for start in starts if plain.startswith(start)
    ]
    if not fitting:
        raise NoDay("is not a day")
    return max(fitting)[1]
