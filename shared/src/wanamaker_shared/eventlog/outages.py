"""Outages: errors that say nothing about the record in hand, and the waiting until they are over."""

from __future__ import annotations

import asyncio
import random
from typing import Literal

import structlog
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from ..service.errors import describe
from ..service.metrics import RETRIES
from .port import LogUnavailable
from .positions import LostOwnership

Reason = Literal["database", "log", "ownership"]

_OUTAGE_STATES = ("08", "40", "53", "55", "57", "58", "XX")
"""SQLSTATE classes: connection, rollback (serialization, deadlock), resources, state, operator, system, internal."""
_FIRST_SECONDS = 0.05
_LONGEST_SECONDS = 10.0

_log = structlog.get_logger(__name__)


def outage_of(error: BaseException) -> Reason | None:
    """What is out of order, or None if the error comes from what was being done."""
    if isinstance(error, LostOwnership):
        return "ownership"
    if isinstance(error, LogUnavailable):
        return "log"
    if isinstance(error, (OperationalError, PoolTimeout, ConnectionError, TimeoutError)):
        return "database"
    if isinstance(error, DBAPIError):
        state = str(getattr(error.orig, "sqlstate", None) or "")
        return "database" if error.connection_invalidated or state.startswith(_OUTAGE_STATES) else None
    return "database" if isinstance(error, OSError) else None


class Backoff:
    """Waits longer after each outage in a row, half of it by chance, so that processes do not come back in step."""

    def __init__(self, stop: asyncio.Event) -> None:
        self._stop = stop
        self._seconds = _FIRST_SECONDS

    def reset(self) -> None:
        self._seconds = _FIRST_SECONDS

    async def wait(self, reason: Reason, error: BaseException) -> None:
        """Say what is out of order, wait; returns at once when the stop is set."""
        RETRIES.labels(reason).inc()
        _log.warning("waiting for an outage to end", reason=reason, seconds=self._seconds, error=describe(error))
        seconds = self._seconds * random.uniform(0.5, 1.0)  # noqa: S311  not a secret
        self._seconds = min(self._seconds * 2, _LONGEST_SECONDS)
        try:
            await asyncio.wait_for(self._stop.wait(), seconds)
        except TimeoutError:
            return
