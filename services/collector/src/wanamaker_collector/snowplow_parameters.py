"""The values of Snowplow's parameters: texts, numbers, times and self-describing JSON, plain or in base64.

The protocol sends everything as text; trackers that send a JSON number are understood too.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from .cleaning import mend_surrogates

Parameters = Mapping[str, Any]

_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")
_MILLISECONDS = re.compile(r"[0-9]{1,15}")
_IGLU = re.compile(r"iglu:([^/]+)/([^/]+)/[^/]+/[^/]+")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MODERN = str.maketrans("-_ ", "+/+")
"""Base64 for URLs, and the space that an unescaped `+` of a query string becomes."""


class Malformed(ValueError):
    """An event cannot be read. The message names the parameter and what it should be, and holds nothing of its value."""


def text_of(stated: Parameters, name: str) -> str | None:
    """A parameter's text; None if it is missing, null or empty. Raises Malformed."""
    value = stated.get(name)
    if value is None or isinstance(value, str):
        return value or None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise Malformed(f"{name} must be a text")


def number_of(stated: Parameters, name: str) -> int | float | str | None:
    """A parameter that should be a number; what is none stays the text it was. Raises Malformed."""
    text = text_of(stated, name)
    if text is None or not _NUMBER.fullmatch(text):
        return text
    return float(text) if "." in text else int(text)


def time_of(stated: Parameters, name: str) -> str | None:
    """A parameter in milliseconds since 1970 as an RFC 3339 time. Raises Malformed."""
    text = text_of(stated, name)
    if text is None:
        return None
    try:
        if not _MILLISECONDS.fullmatch(text):
            raise ValueError
        return (_EPOCH + timedelta(milliseconds=int(text))).isoformat(timespec="milliseconds")
    except (ValueError, OverflowError) as error:
        raise Malformed(f"{name} must be milliseconds since 1970") from error


def json_of(stated: Parameters, plain: str, encoded: str) -> Any:
    """The JSON object of `plain`, else of `encoded`, which is base64; None if neither is there. Raises Malformed."""
    if (text := text_of(stated, plain)) is not None:
        return _object(text.encode("utf-8", "replace"), plain)
    if (text := text_of(stated, encoded)) is None:
        return None
    try:
        ascii_text = text.translate(_MODERN).rstrip("=").encode("ascii")
        raw = base64.b64decode(ascii_text + b"=" * (-len(ascii_text) % 4), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise Malformed(f"{encoded} must be JSON in base64") from error
    return _object(raw, encoded)


def named(schema: Any) -> tuple[str, str] | None:
    """Vendor and name of a schema, `iglu:vendor/name/format/version`; None if it is not written so."""
    found = _IGLU.fullmatch(schema) if isinstance(schema, str) else None
    return None if found is None else (found[1], found[2])


def _object(raw: bytes, name: str) -> Any:
    try:
        value = orjson.loads(mend_surrogates(raw))
    except orjson.JSONDecodeError as error:
        raise Malformed(f"{name} must be a JSON object") from error
    if not isinstance(value, dict):
        raise Malformed(f"{name} must be a JSON object")
    return value
