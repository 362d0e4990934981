"""Who is taken in when more come than can be served: those the event loop gets to within its budget; the rest are told at once.

A queue without a limit would make everybody wait ever longer. The measure is work, not a number of requests, so that it fits
single events and large batches; it is this thread's own CPU time, since a round in which another process had the core is no
reason to refuse anybody.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

ROUND_SECONDS = 0.025
"""How much work one round of the event loop may do before a request that waits in it is refused."""


class Admission:
    """Of one event loop. A round is what the loop does between two looks at the network."""

    def __init__(self, seconds: float = ROUND_SECONDS, clock: Callable[[], float] = time.thread_time) -> None:
        self._seconds = seconds
        self._clock = clock
        self._began: float | None = None

    def too_late(self) -> bool:
        """Whether this round of the loop has done too much for one more."""
        now = self._clock()
        if self._began is None:
            self._began = now
            asyncio.get_running_loop().call_soon(self._next)  # stands behind all that is due in this round
            return False
        return now - self._began > self._seconds

    def _next(self) -> None:
        self._began = None
