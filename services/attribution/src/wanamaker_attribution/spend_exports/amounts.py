"""Amounts as the platforms' sites write them in many countries: which sign is the decimal one is read from all of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Literal

from ..currencies import is_currency
from ..money import exponent

Decimal = Literal[".", ","]

_SYMBOLS = {
    "€": "EUR",
    "£": "GBP",
    "zł": "PLN",
    "₹": "INR",
    "₩": "KRW",
    "₪": "ILS",
    "₺": "TRY",
    "₴": "UAH",
    "kč": "CZK",
}
"""Those that mean one currency only; `$`, `¥` and `kr` do not, and are passed over."""
_SYMBOL = re.compile("|".join(_SYMBOLS), re.IGNORECASE)
_LONGEST = 60
_OTHERS = re.compile(r"[$¥]|kr\.?|[A-Z]{1,3}\$")
_GROUPS = re.compile("[\\s'\u2019]")
_NOTHING = frozenset(["", "-", "--", "—", "–"])
_PLAIN = re.compile(r"\d[\d.,]*")


class NoAmount(ValueError):
    """A cell is no amount; the message repeats nothing of it."""


def is_nothing(cell: str) -> bool:
    """Whether the platform says that there is nothing to say."""
    return cell.strip() in _NOTHING


def split_amount(cell: str) -> tuple[str, str | None]:
    """(sign and digits with their separators, the currency beside them if it is clear). Raises NoAmount."""
    if len(cell) > _LONGEST:
        raise NoAmount("is not an amount of money")
    text = unicodedata.normalize("NFKC", cell).replace("\u2212", "-").strip()
    said = set[str]()
    for code in re.findall(r"[A-Z]{3}(?![A-Za-z$])", text):
        if not is_currency(code):
            raise NoAmount("is not an amount of money")
        said.add(code)
        text = text.replace(code, "", 1)
    if symbol := _SYMBOL.search(text):
        said.add(_SYMBOLS[symbol[0].lower()])
        text = text.replace(symbol[0], "", 1)
    if len(said) > 1:
        raise NoAmount(f"is in {' and in '.join(sorted(said))} at once")
    text = _GROUPS.sub("", _OTHERS.sub("", text, count=1))
    bracketed = text.startswith("(") and text.endswith(")")
    signed = bracketed or text.startswith("-") or text.endswith("-")
    digits = text[1:-1] if bracketed else text.removeprefix("-") if text.startswith("-") else text.removesuffix("-")
    if not (_PLAIN.fullmatch(digits) and digits.isascii()):
        raise NoAmount("is not an amount of money")
    return ("-" if signed else "") + digits, said.pop() if said else None


def decimal_of(digits: Iterable[str], currencies: Sequence[str]) -> Decimal | None:
    """The sign that the amounts show to be the decimal one; None if they leave it open. Raises NoAmount on a contradiction.

    Of two kinds of sign the last is it; one that stands more than once in a number is not, nor one in money without minor
    units; one that is followed by other than three digits is it, and so is one after a single 0.
    """
    shown = {sign for sign in map(_decimal_in, digits) if sign is not None}
    if len(shown) > 1:
        raise NoAmount("are written with a decimal comma here and a decimal point there")
    if shown:
        return "." if "." in shown else ","
    if currencies and all(exponent(currency) == 0 for currency in currencies):
        return "."  # what is there are groups of thousands, written either way
    return None


def _decimal_in(text: str) -> str | None:
    digits = text.lstrip("-")
    signs = [character for character in digits if character in ".,"]
    if not signs:
        return None
    last = signs[-1]
    if len(set(signs)) == 2:
        return last
    if len(signs) > 1:
        return "." if last == "," else ","
    whole, _, fraction = digits.partition(last)
    return last if len(fraction) != 3 or whole == "0" or len(whole) > 3 else None


def plain(digits: str, decimal: Decimal, currency: str) -> str:
    """Decimal text, `-1234.56`. Raises NoAmount where groups and decimals do not stand as they must."""
    group = "," if decimal == "." else "."
    whole, sign, fraction = digits.lstrip("-").partition(decimal)
    if exponent(currency) == 0 and sign and len(fraction) == 3 and group not in whole:
        whole, fraction = whole + group + fraction, ""  # a group of thousands, whichever way it is written
    groups = whole.split(group)
    if group in fraction or decimal in fraction or (len(groups) > 1 and not _grouped(groups)):
        raise NoAmount("is not an amount of money")
    return ("-" if digits.startswith("-") else "") + "".join(groups) + (f".{fraction}" if fraction else "")


def _grouped(groups: Sequence[str]) -> bool:
    """By thousands, or as in India (12,34,567)."""
    return 1 <= len(groups[0]) <= 3 and len(groups[-1]) == 3 and all(len(part) in (2, 3) for part in groups[1:-1])
