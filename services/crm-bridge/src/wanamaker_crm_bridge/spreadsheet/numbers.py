"""Amounts as people write them: `1.234,56`, `1,234.56`, `1 234,56`, `1'234.56`, `€ 1.234`, `(1,234.56)`, `1.234,56-`.

Which of `.` and `,` is the decimal sign is decided by the whole column and never cell by cell: `1,234` alone says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .cells import Cell, Fault, Moment, Numeral
from .signs import SEVERAL, currency_of

_SPACES = " \u00a0\u202f\u2009\u2007"
_APOSTROPHES = "'’ʼ`´"
_ABBREVIATED = r"(?:(?<=[^\W\d_])\.)?"  # `Fr. 50`
_PARTS = re.compile(
    rf"(?P<before>[^0-9.,+\-−–()]*?{_ABBREVIATED})(?P<sign>[+\-−–]?)(?P<mid>[^0-9.,+\-−–()]*?{_ABBREVIATED})"
    rf"(?P<digits>(?:[0-9][0-9.,{_SPACES}{_APOSTROPHES}]*|(?<![^\W\d_])[.,][0-9]+))"
    rf"(?P<after>[^0-9.,()]*{_ABBREVIATED})"
)
_MINUS = "-−–"
_NO_CENTS = _MINUS + "—"
"""Behind a decimal sign: `50,-` and `50.–` are fifty."""
_GROUPS = {
    ",": re.compile(r"\d{1,3}(?:,\d{3})+|\d{1,2}(?:,\d{2})+,\d{3}", re.ASCII),  # the second: 12,34,567, as in India
    ".": re.compile(r"\d{1,3}(?:\.\d{3})+", re.ASCII),
    " ": re.compile(r"\d{1,3}(?: \d{3})+", re.ASCII),
    "'": re.compile(r"\d{1,3}(?:'\d{3})+", re.ASCII),
}
LONGEST = 60


class NoNumber(Exception):
    """Why a cell is no amount; the message does not quote it."""


@dataclass(frozen=True, slots=True)
class Written:
    """A cell taken apart: digits with their signs of grouping, apart from minus and currency."""

    negative: bool
    digits: str
    currency: str | None
    several: tuple[str, ...] = ()
    """The currencies that its sign may mean, where it means several; `currency` is the one it means if nothing else says."""


@dataclass(frozen=True, slots=True)
class Amount:
    text: str
    """A plain decimal, digit for digit."""
    currency: str | None
    several: tuple[str, ...] = ()


def take_apart(text: str) -> Written:
    """Raises NoNumber."""
    bare = text.strip().strip(_SPACES)
    if len(bare) > LONGEST:
        raise NoNumber("is no amount")
    negative = False
    if bare.startswith("(") and bare.endswith(")"):
        negative, bare = True, bare[1:-1].strip(_SPACES)
    match = _PARTS.fullmatch(bare)
    if match is None:
        raise NoNumber("is no amount")
    digits = match["digits"].rstrip(_SPACES)
    stripped, minus_behind = match["after"].strip(_SPACES), False
    if digits[-1] in ".,":
        stripped = stripped.lstrip(_NO_CENTS).strip(_SPACES)
    if stripped and stripped[0] in _MINUS:
        minus_behind, stripped = True, stripped[1:]
    elif stripped and stripped[-1] in _MINUS:
        minus_behind, stripped = True, stripped[:-1]
    minus_before = match["sign"] != "" and match["sign"] in _MINUS
    if negative + minus_before + minus_behind > 1 or (match["sign"] == "+" and (negative or minus_behind)):
        raise NoNumber("has two signs")
    signs = [bare for part in (match["before"], match["mid"], stripped) if (bare := part.strip(_SPACES))]
    currency, several = _money_of(signs)
    for space in _SPACES[1:]:
        digits = digits.replace(space, " ")
    for apostrophe in _APOSTROPHES[1:]:
        digits = digits.replace(apostrophe, "'")
    return Written(negative or minus_before or minus_behind, digits, currency, several)


def _money_of(signs: Sequence[str]) -> tuple[str | None, tuple[str, ...]]:
    """The currency that the signs around an amount mean, and which ones they may mean. Raises NoNumber."""
    exact = {currency_of(sign) for sign in signs if sign not in SEVERAL}
    vague = [SEVERAL[sign] for sign in signs if sign in SEVERAL]
    if not exact:
        return (currency_of(signs[0]), vague[0]) if vague else (None, ())
    if len(exact) > 1 or not all(exact <= set(may_be) for may_be in vague):
        raise NoNumber("is no amount: something stands on both sides of its digits")
    (currency,) = exact
    if currency is None:
        raise NoNumber("is no amount, or has a currency sign that is not known")
    return currency, ()


def shows(digits: str) -> str | None:
    """Which sign is the decimal one, if these digits prove it: `.`, `,`, or None if they would read as either.

    Both there: the last. One of them twice: it groups, so the other. Once: it is the decimal sign unless exactly three digits
    follow one to three that do not begin with 0, and nothing else groups.
    """
    points, commas = digits.count("."), digits.count(",")
    if points and commas:
        return "." if digits.rfind(".") > digits.rfind(",") else ","
    if points > 1:
        return ","
    if commas > 1:
        return "."
    if not points and not commas:
        return None
    sign = "." if points else ","
    before, _, after = digits.partition(sign)
    grouped_otherwise = " " in before or "'" in before
    if (
        len(after) == 3
        and after.isdigit()
        and 1 <= len(before) <= 3
        and not before.startswith("0")
        and not grouped_otherwise
    ):
        return None
    return sign


def open_sign(digits: str) -> str | None:
    """The sign that groups these digits or is their decimal one, nobody knows which: `1,234`, `1.234`. None if none is open."""
    if shows(digits) is not None:
        return None
    return next((sign for sign in ".," if sign in digits), None)


def amount_of(cell: Cell, decimal: str | None) -> Amount:
    """The amount in a cell of a column whose decimal sign is `decimal` (None: no cell of it has one). Raises NoNumber."""
    match cell:
        case Numeral(text, sign) if sign in SEVERAL:
            return Amount(text, currency_of(sign), SEVERAL[sign])
        case Numeral(text, currency):
            return Amount(text, currency)
        case Moment():
            raise NoNumber("is a date, not an amount")
        case Fault(problem):
            raise NoNumber(problem)
    written = take_apart(cell)
    whole, fraction = _split(written.digits, decimal)
    number = whole if fraction is None else f"{whole}.{fraction}"
    return Amount(f"-{number}" if written.negative else number, written.currency, written.several)


def _split(digits: str, decimal: str | None) -> tuple[str, str | None]:
    if decimal is not None and digits.count(decimal) > 1:
        raise NoNumber(f"has its decimal sign `{decimal}` twice")
    whole, sign, fraction = digits.partition(decimal) if decimal is not None else (digits, "", "")
    if sign and not (fraction == "" or fraction.isdigit()):
        raise NoNumber(f"is written with another decimal sign than `{decimal}`")
    grouping = {letter for letter in whole if not letter.isdigit()}
    if len(grouping) > 1:
        raise NoNumber("has its digits grouped in two ways")
    if grouping:
        (group,) = grouping
        if not _GROUPS[group].fullmatch(whole):
            other = "," if decimal == "." else "."
            raise NoNumber(
                f"is written with another decimal sign than `{decimal}`"
                if group == other and decimal is not None
                else "has digits that are not grouped by three"
            )
        whole = whole.replace(group, "")
    return whole or "0", fraction or None
