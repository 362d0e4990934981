"""How often somebody may ask: a steady rate with a burst on top, for each of many (keys, cookies, addresses).

The generic cell rate algorithm (ATM Forum, TM 4.0): one number for each, the time at which its bucket is full again.
"""

from __future__ import annotations

from collections import OrderedDict

_MOST = 100_000
"""How many are remembered; beyond it the one that asked longest ago is forgotten, so that an attack fills no memory."""


class Rate:
    """`per_second` on average, `burst` at once. Zero per second = no limit. Time is an argument, in seconds."""

    __slots__ = ("_full", "_interval", "_most", "_slack")

    def __init__(self, per_second: float, burst: int, *, most: int = _MOST) -> None:
        self._interval = 1 / per_second if per_second else 0.0
        self._slack = self._interval * (burst - 1)
        self._most = most
        self._full: OrderedDict[object, float] = OrderedDict()

    def due(self, who: object, now: float) -> float:
        """In how many seconds `wait` would say zero."""
        return max(0.0, self._full.get(who, 0.0) - now - self._slack) if self._interval else 0.0

    def wait(self, who: object, now: float) -> float:
        """Zero, and it is counted; else how many seconds to wait, and it is not."""
        if not self._interval:
            return 0.0
        full = self._full.get(who, 0.0)
        if full - now > self._slack:
            return full - now - self._slack
        self._full[who] = max(full, now) + self._interval
        self._full.move_to_end(who)
        if len(self._full) > self._most:
            self._full.popitem(last=False)
        return 0.0
