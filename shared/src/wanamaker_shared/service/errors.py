"""What may be said about an exception in a log line, an answer or a failed event: its kind and place, never its values.

A message can quote what it choked on, and that may be somebody's name. Only messages of errors that cannot know any record
are repeated.
"""

from __future__ import annotations

import re
import sqlite3
import traceback
from collections.abc import Iterable

from pydantic import ValidationError

from ..eventlog.port import LogCorrupt, LogUnavailable
from ..safe_error import SafeError as SafeError  # callers of this module catch it by this name

_SPEAKING = (OSError, sqlite3.OperationalError, LogUnavailable, LogCorrupt)
_SHOWN_ERRORS = 5
_FIELD_NAME = re.compile(r"[A-Za-z_][\w.-]{0,63}")


def describe(error: BaseException) -> str:
    """One line: the kind of the error, which fields (pydantic) or which SQLSTATE, and where it was raised."""
    return f"{_what(error)} at {place}" if (place := _place(error)) else _what(error)


def frames(error: BaseException) -> list[str]:
    """The stack as `module/file.py:line function`, innermost last; no source lines, no locals."""
    return [
        f"{'/'.join(frame.filename.split('/')[-2:])}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]


def location(parts: Iterable[object]) -> list[int | str]:
    """The way to a field as pydantic tells it; a step that does not look like a field's name is the sender's own: `?`."""
    return [
        part if isinstance(part, int) else part if isinstance(part, str) and _FIELD_NAME.fullmatch(part) else "?"
        for part in parts
    ]


def _what(error: BaseException) -> str:
    kind = type(error).__name__
    if isinstance(error, ValidationError):
        problems = error.errors(include_url=False, include_context=False, include_input=False)
        told = [f"{'.'.join(map(str, location(problem['loc'])))}: {problem['type']}" for problem in problems]
        return f"{kind} ({', '.join([*told[:_SHOWN_ERRORS], *(['…'] if len(told) > _SHOWN_ERRORS else [])])})"
    if isinstance(driven := getattr(error, "orig", None), Exception):  # SQLAlchemy's, which the collector is spared
        return f"{kind} ({getattr(driven, 'sqlstate', None) or _what(driven)})"
    return f"{kind}: {error}" if isinstance(error, (SafeError, *_SPEAKING)) else kind


def _place(error: BaseException) -> str:
    """The innermost frame of our own code, else the innermost."""
    stack = frames(error)
    ours = [frame for frame in stack if frame.startswith("wanamaker_") or "wanamaker_" in frame]
    return (ours or stack or [""])[-1]
