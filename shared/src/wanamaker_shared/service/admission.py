"""Who is let in when more come than can be served: as many as the event loop gets to soon; the rest are told at once.

A queue without a limit would make everybody wait ever longer. What counts is the work that waits, not a number of
requests, so that it fits single events and large batches; a request that waits for its body or for the log is no work. More
waits where nobody sees it, in the sockets: that shows in how late the loop comes to what is due, and the later it is, the less
is let in, until refusing leaves time to read on.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection

LET_IN = "wanamaker.let_in"
"""Stands in the scope of a request that was let in: whoever gets to it tells `begin`."""

QUEUE_SECONDS = 0.02
"""How much work may wait."""
_FIRST_GUESS = 0.0001
_MEMORY = 0.1
"""The share of the newest round in what a request is taken to cost, and of the newest beat in how late the loop is."""
_BEAT_SECONDS = 0.005
_LATEST_SECONDS = 0.006
"""A loop that is so late lets in next to nothing."""
_LEAST = 0.04


class Admission:
    """Of one event loop. A round is what the loop does between two looks at the network.

    `paths` are those that may be refused, as they stand in a request, without the query.
    """

    def __init__(
        self,
        paths: Collection[str],
        *,
        seconds: float = QUEUE_SECONDS,
        clock: Callable[[], float] = time.thread_time,
    ) -> None:
        self._paths = frozenset(path.encode() for path in paths)
        self._seconds = seconds
        self._clock = clock
        self._cost = _FIRST_GUESS
        self._waiting = 0
        self._begun = 0
        self._looked = clock()
        self._late = 0.0
        self._beats = False
        self._quiet = True

    def watches(self, url: bytes) -> bool:
        """Whether such a request may be refused, and is counted while it waits: also one that spells its path oddly."""
        path = url.partition(b"?")[0]
        return path in self._paths or b"%" in path or not path.startswith(b"/")

    def is_full(self) -> bool:
        """Whether one that comes now would have to wait too long."""
        room = self._seconds * max(_LEAST, 1 - self._late / _LATEST_SECONDS)
        return self._waiting * self._cost > room

    def came(self) -> None:
        """One was let in; the loop will get to it."""
        self._waiting += 1

    def left(self, requests: int) -> None:
        """So many hung up before the loop got to them."""
        self._waiting -= requests

    def begin(self) -> None:
        """The loop has got to one that was let in."""
        self._waiting -= 1
        if not self._begun:
            loop = asyncio.get_running_loop()
            loop.call_soon(self._round_is_over)  # stands behind all that is due in this round
            if not self._beats:
                self._beats = True
                self._beat_again(loop)
        self._begun += 1
        self._quiet = False

    def _round_is_over(self) -> None:
        """All work since the last round, reading and answering too, was for the requests that began."""
        now = self._clock()
        cost = (now - self._looked) / self._begun
        self._cost += (cost - self._cost) * _MEMORY
        self._begun, self._looked = 0, now

    def _beat_again(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.call_later(_BEAT_SECONDS, self._beat, loop, time.monotonic() + _BEAT_SECONDS)

    def _beat(self, loop: asyncio.AbstractEventLoop, due: float) -> None:
        if self._quiet:
            self._beats, self._late = False, 0.0
            return
        self._late += (time.monotonic() - due - self._late) * _MEMORY
        self._quiet = True
        self._beat_again(loop)
