"""A JSON value with holes: what a connection's owner writes to say where in somebody's body each of our fields stands.

A text that begins with `$` is a JSONPath (RFC 9535) into the body; a table with `path` says besides how to read what is there;
every other value stands for itself. What a path does not find is absent, and absent means unchanged. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal
from functools import lru_cache
from typing import Any

import jsonpath
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from .currencies import digits
from .json_body import Number
from .unmappable import Unmappable
from .values import DECIMAL

ABSENT = object()
_MOST_SECONDS = 7_258_118_400  # the year 2200
_WHOLE = re.compile(r"\d{1,16}", re.ASCII)
_EXACT = Context(prec=100)  # more digits than a DECIMAL has


class BadTemplate(ValueError):
    """Says which place of the template cannot be used."""


class Look(BaseModel):
    """How to read what stands at a path."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    words: Mapping[str, str] | None = None
    """What each word of theirs is in ours; a word that is not listed is absent."""
    unit: str | None = None
    """`s` or `ms`: a number of these since 1970, as a time."""
    minor: str | None = None
    """The path of a currency: the number counts its minor units."""
    negative: bool = False
    """The amount's sign is turned: a refund that is stated as what was given back."""

    @model_validator(mode="after")
    def _one_reading(self) -> Look:
        if self.unit not in (None, "s", "ms"):
            raise ValueError("unit is `s` or `ms`")
        for path in filter(None, (self.path, self.minor)):
            compiled(path)
        return self


@lru_cache(maxsize=1_000)
def compiled(path: str) -> Any:
    """Raises BadTemplate."""
    try:
        return jsonpath.compile(path)
    except jsonpath.JSONPathError as error:
        raise BadTemplate(f"{path!r} is no JSONPath: {str(error).splitlines()[0]}") from None


def found(path: str, body: Any) -> list[Any]:
    """What a path that `compiled` took finds, in order."""
    matches: list[Any] = compiled(path).findall(body)
    return matches


class Template:
    """Compiled once; `fill` makes the value for a body. Raises BadTemplate with the place (`deal.amount`)."""

    def __init__(self, written: Any, place: str = "") -> None:
        self._fill = _compile(written, place)

    def fill(self, body: Any) -> Any:
        """The value with its holes filled from a body that `read_json` read; ABSENT if nothing of it is there.

        Raises Unmappable where what is there says nothing without what is not.
        """
        return self._fill(body)


def _compile(written: Any, place: str) -> Any:
    match written:
        case str() if written.startswith("$"):
            return _look({"path": written}, place)
        case dict() if "path" in written:
            return _look(written, place)
        case dict():
            parts = {name: _compile(value, f"{place}.{name}".strip(".")) for name, value in written.items()}
            return lambda body: _object(parts, body)
        case list():
            entries = [_entry(value, f"{place}[{n}]") for n, value in enumerate(written)]
            return lambda body: [each for entry in entries for each in entry(body)]
        case bool() | str():
            return lambda _: written
        case int() | float():
            return lambda _: Number(str(written))
    raise BadTemplate(f"{place}: a {type(written).__name__} says nothing here")


def _object(parts: Mapping[str, Any], body: Any) -> Any:
    filled = {name: value for name, part in parts.items() if (value := part(body)) is not ABSENT}
    return filled or ABSENT


def _entry(written: Any, place: str) -> Any:
    """A list's entry: with `each`, one for every match, its paths beginning there; without what it names it is left out."""
    if isinstance(written, dict) and isinstance(written.get("each"), str):
        path = written["each"]
        compiled(path)
        inner = _compile({name: value for name, value in written.items() if name != "each"}, place)
        return lambda body: [each for at in found(path, body) if (each := inner(at)) is not ABSENT]
    whole = _compile(written, place)
    return lambda body: [each for each in (whole(body),) if each is not ABSENT and each is not None]


def _look(written: Mapping[str, Any], place: str) -> Any:
    try:
        look = Look.model_validate(written)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join([place, *map(str, first["loc"])])
        raise BadTemplate(f"{where}: {first['msg'].removeprefix('Value error, ')}") from None
    return lambda body: _read(look, body, place)


def _read(look: Look, body: Any, place: str) -> Any:
    matches = found(look.path, body)
    if not matches:
        return ABSENT
    value = matches[0]
    if value is None:
        return None
    if look.words is not None:
        return look.words.get(word(value), ABSENT)
    if look.unit is not None:
        return _moment(value, 1_000_000 if look.unit == "s" else 1_000)
    if look.minor is not None or look.negative:
        return _amount(look, value, body, place)
    return value


def word(value: Any) -> str:
    """A text, a number or a truth, as the owner writes it in the file; nothing of what is none of them."""
    match value:
        case bool():
            return str(value).lower()
        case Number():
            return value.text
        case str():
            return value
    return ""


def _moment(value: Any, microseconds: int) -> Any:
    """A number of seconds or milliseconds as RFC 3339; what is none stays as it is, and whoever reads it says so."""
    text = word(value)
    if not _WHOLE.fullmatch(text) or int(text) * microseconds >= _MOST_SECONDS * 1_000_000:
        return value
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(text) * microseconds)
    return moment.isoformat().replace("+00:00", "Z")


def _amount(look: Look, value: Any, body: Any, place: str) -> Any:
    """What is no decimal stays as it is, and whoever reads it says so."""
    text = word(value).strip()
    if not DECIMAL.fullmatch(text):
        return value
    amount = Decimal(text)
    if look.minor is not None:
        currency = next(iter(found(look.minor, body)), None)
        if not isinstance(currency, str):
            raise Unmappable(place, f"counts minor units, and {look.minor} names no currency")
        amount = amount.scaleb(-digits(currency.strip().upper()), _EXACT)
    return format(amount.copy_negate() if look.negative and amount else amount, "f")
