"""Kinds of values that several bodies share. Every message says what is expected and repeats nothing that was sent."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from ..currencies import is_currency
from ..reports.dimensions import NOT_SET

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_DECIMAL = re.compile(r"-?\d{1,15}(\.\d{1,12})?")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")  # categories Cc and Cs
_WHOLE_DIGITS, _FRACTION_DIGITS = 15, 12
FIRST_YEAR, LAST_YEAR = 1900, 2200
"""Days beyond would have no days before or after them to look for rates on."""
_YEARS = {"first": FIRST_YEAR, "last": LAST_YEAR}
MOST_BYTES = 255
"""Of a text: where the collector cuts what visits say, which these stand beside; they become parts of database keys."""


def _day(value: object) -> str:
    text = _stripped(value)
    if _DAY.fullmatch(text) and text.isascii():
        try:
            day = date.fromisoformat(text)
        except ValueError:
            pass
        else:
            if not FIRST_YEAR <= day.year <= LAST_YEAR:
                raise PydanticCustomError("year", "must be a day of the years {first} to {last}", _YEARS)
            return day.isoformat()
    raise PydanticCustomError("day", "must be a day, YYYY-MM-DD")


def _decimal(value: object) -> str:
    """Decimal text as sent; a JSON number (parsed as Decimal) in plain digits."""
    text = value.strip() if isinstance(value, str) else _digits(value) if isinstance(value, Decimal) else ""
    if not (_DECIMAL.fullmatch(text) and text.isascii()):
        raise PydanticCustomError(
            "decimal", "must be a decimal number like 12.50, with at most 15 digits before and 12 after the point"
        )
    return text


def _digits(number: Decimal) -> str:
    exponent = number.as_tuple().exponent
    fits = isinstance(exponent, int) and exponent >= -_FRACTION_DIGITS and number.adjusted() < _WHOLE_DIGITS
    return format(number, "f") if fits else ""


def _currency(value: object) -> str:
    text = _stripped(value).upper()
    if not is_currency(text):
        raise PydanticCustomError("currency", "must be a currency of ISO 4217, like EUR")
    return text


def label(value: object) -> str | None:
    """Trimmed text; blank and `(not set)` are the same as absent."""
    if value is None:
        return None
    text = _stripped(value)
    return None if text in ("", NOT_SET) else text


def lower_label(value: object) -> str | None:
    text = label(value)
    return None if text is None else _short(text.lower())  # a few letters are longer in lower case


def _stripped(value: object) -> str:
    if not isinstance(value, str):
        raise PydanticCustomError("text", "must be text")
    text = value.strip()
    if len(text) <= MOST_BYTES and _CONTROLS.search(text):
        raise PydanticCustomError("control", "must not hold control characters or halves of surrogate pairs")
    return _short(text)


def _short(text: str) -> str:
    if len(text) > MOST_BYTES or len(text.encode()) > MOST_BYTES:
        raise PydanticCustomError(
            "long", "must have at most {most} bytes; longer ones are cut in visits", {"most": MOST_BYTES}
        )
    return text


Day = Annotated[str, BeforeValidator(_day)]
DecimalText = Annotated[str, BeforeValidator(_decimal)]
Currency = Annotated[str, BeforeValidator(_currency)]
Label = Annotated[str | None, BeforeValidator(label)]
LowerLabel = Annotated[str | None, BeforeValidator(lower_label)]
