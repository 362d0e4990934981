"""What may be said about an exception in a log line, an answer or a failed event: its kind and place, never its values.

A message can quote what it choked on, and that may be somebody's name. Only messages of errors that cannot know any record
are repeated.
"""

from __future__ import annotations

import sqlite3
import traceback

from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

from ..eventlog.port import LogCorrupt, LogUnavailable

_SPEAKING = (OSError, sqlite3.OperationalError, LogUnavailable, LogCorrupt)
_SHOWN_ERRORS = 5


class SafeError(Exception):
    """An error whose message holds no value of any record and may be shown."""


def describe(error: BaseException) -> str:
    """One line: the kind of the error, which fields (pydantic) or which SQLSTATE, and where it was raised."""
    return f"{_what(error)} at {place}" if (place := _place(error)) else _what(error)


def frames(error: BaseException) -> list[str]:
    """The stack as `module.py:line function`, innermost last; no source lines, no locals."""
    return [
        f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]


def _what(error: BaseException) -> str:
    kind = type(error).__name__
    if isinstance(error, ValidationError):
        problems = error.errors(include_url=False, include_context=False, include_input=False)
        told = ", ".join(
            f"{'.'.join(str(part) for part in problem['loc'])}: {problem['type']}"
            for problem in problems[:_SHOWN_ERRORS]
        )
        return f"{kind} ({told}{', …' if len(problems) > _SHOWN_ERRORS else ''})"
    if isinstance(error, DBAPIError) and error.orig is not None:
        state = getattr(error.orig, "sqlstate", None)
        return f"{kind} ({state})" if state else f"{kind} ({_what(error.orig)})"
    return f"{kind}: {error}" if isinstance(error, (SafeError, *_SPEAKING)) else kind


def _place(error: BaseException) -> str:
    stack = frames(error)
    return stack[-1] if stack else ""
