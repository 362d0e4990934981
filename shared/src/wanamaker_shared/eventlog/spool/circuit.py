"""Where new records go: into the log while it acknowledges, into the spool from its first failure until the spool is empty."""

from __future__ import annotations

import asyncio
import time

import structlog

_log = structlog.get_logger(__name__)


class Circuit:
    """Begins open: nobody has asked the log yet. Lives on one event loop."""

    def __init__(self) -> None:
        self.closed = False
        """Whether records go into the log."""
        self.handover: asyncio.Event | None = None
        """While it is there new records wait for it, and then look again: the last of the spool goes before them."""
        self.reason = "the log was not asked yet"
        """Why it is open."""
        self.known = asyncio.Event()
        """Set once the log has answered, or failed to, for the first time."""
        self._opened_at = time.monotonic()

    def open(self, reason: str) -> None:
        """The log did not acknowledge."""
        news = self.closed or not self.known.is_set()
        self.closed = False
        self.reason = reason
        self._over()
        self.known.set()
        if news:
            self._opened_at = time.monotonic()
            _log.warning("the log does not acknowledge; events are spooled until it does", reason=reason)

    def close(self) -> None:
        """The log acknowledges, and the spool is empty or cannot be read."""
        news = not self.closed and self.known.is_set()
        self.closed = True
        self.reason = ""
        self._over()
        self.known.set()
        if news:
            _log.info("the log acknowledges again", seconds=round(time.monotonic() - self._opened_at, 1))

    def hand_over(self, seconds: float) -> asyncio.Event:
        """Let new records wait, for so many seconds at most."""
        self.handover = handover = asyncio.Event()
        asyncio.get_running_loop().call_later(seconds, self._expire, handover)
        return handover

    def _expire(self, handover: asyncio.Event) -> None:
        if self.handover is handover:
            self._over()

    def _over(self) -> None:
        handover, self.handover = self.handover, None
        if handover is not None:
            handover.set()
