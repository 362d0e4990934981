"""Log lines: one JSON object each, on stderr. No line holds a personal value.

Callers log names, counts and ids of ours; exceptions are reduced to their kind and stack (`errors`), and the access log is
off, because an address can stand in a URL.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import MutableMapping
from contextlib import suppress
from types import TracebackType
from typing import Any, TextIO, cast

import orjson
import structlog

from .errors import describe, frames


def configure(service: str, level: str = "info") -> None:
    """Set up structlog and the standard library's logging for this process. Called once, by `__main__`."""
    severity = logging.getLevelNamesMapping()[level.upper()]
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        lambda _logger, _name, event: {"service": service, **event},
        _reduce_exception,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(_dumps)],
        wrapper_class=structlog.make_filtering_bound_logger(severity),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, _Patient(sys.stderr))),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(_dumps),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=max(severity, logging.WARNING), force=True)
    logging.getLogger("uvicorn").setLevel(severity)
    sys.excepthook = _on_crash
    threading.excepthook = lambda crash: _on_crash(crash.exc_type, crash.exc_value, crash.exc_traceback)


class _Patient:
    """A stream whose disk may be full: a line that cannot be written is lost, and not what the process was doing."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        with suppress(OSError):
            self._stream.write(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()


def _on_crash(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    """What nobody caught ends the process; the interpreter's own traceback would print its message."""
    if error is None or issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error or kind(), trace)
        return
    structlog.get_logger(__name__).critical("crashed", exc_info=error)


def _reduce_exception(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    given = event.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        event["error"], event["frames"] = describe(error), frames(error)
    return event


def _dumps(value: Any, **_: Any) -> str:
    return orjson.dumps(value, default=str).decode()
