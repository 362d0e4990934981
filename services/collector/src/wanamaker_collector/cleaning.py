"""Makes text and structure safe for every store behind the collector, and says when an event is too deep to take.

PostgreSQL refuses NUL, UTF-8 has no lone surrogates, and a terminal obeys escape characters: one such record would halt a
consumer for ever. Each is replaced by U+FFFD, so that nothing vanishes unseen and equal texts stay equal.
"""

from __future__ import annotations

import re
from typing import Any

DEPTH = 32
"""Levels of objects and lists in one event, the event itself included."""

REPLACEMENT = "\ufffd"

_UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)


class TooDeep(ValueError):
    """The value has more than DEPTH levels."""


def may_be_unsafe(body: bytes) -> bool:
    """Whether JSON text can hold unsafe characters at all; cheap, so that ordinary events are never walked.

    JSON must escape what stands below U+0020; U+007F … U+009F may stand there plainly.
    """
    if b"\\" in body and (b"\\u" in body or b"\\b" in body or b"\\f" in body):
        return True
    return b"\x7f" in body or b"\xc2" in body


def mend_surrogates(body: bytes) -> bytes:
    """JSON text with escapes of lone surrogates (half an emoji cut by a browser) written as U+FFFD."""
    return _ESCAPE.sub(lambda match: rb"\ufffd" if match[1] else match[0], body)


def clean_text(text: str) -> str:
    return _UNSAFE.sub(REPLACEMENT, text)


def clean(value: Any, levels: int = DEPTH) -> Any:
    """A copy of a JSON value with all its texts (names too) safe. Raises TooDeep."""
    if isinstance(value, str):
        return _UNSAFE.sub(REPLACEMENT, value)
    if isinstance(value, dict):
        _need(levels)
        return {clean_text(name): clean(member, levels - 1) for name, member in value.items()}
    if isinstance(value, list):
        _need(levels)
        return [clean(member, levels - 1) for member in value]
    return value


def check_depth(value: Any, levels: int = DEPTH) -> None:
    """Raises TooDeep if the value has more levels than that."""
    if isinstance(value, dict | list):
        _need(levels)
        for member in value.values() if isinstance(value, dict) else value:
            check_depth(member, levels - 1)


def cut(text: str, limit: int) -> str:
    """The text cut to at most `limit` bytes of UTF-8, between characters."""
    if len(text) * 4 <= limit or (text.isascii() and len(text) <= limit):
        return text
    return text.encode()[:limit].decode(errors="ignore")


def _need(levels: int) -> None:
    if levels == 0:
        raise TooDeep
