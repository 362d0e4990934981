"""How often somebody may ask: a steady rate with a burst on top, for each of many (keys, cookies, addresses).

The generic cell rate algorithm (ATM Forum, TM 4.0): one number for each, the time at which its bucket is full again. Our own,
since every request asks three times: here that is 1 µs each, with the library `limits` 5 to 8.
"""

from __future__ import annotations

_MOST = 200_000
"""How many are remembered; beyond it those that asked longest ago are forgotten, so that an attack fills no memory."""


class Rate:
    """`per_second` on average, `burst` at once. Time is an argument, in seconds, and does not go back."""

    __slots__ = ("_before", "_full", "_half", "_interval", "_slack", "_turn")

    def __init__(self, per_second: float, burst: int, *, most: int = _MOST) -> None:
        self._interval = 1 / per_second
        self._slack = self._interval * (burst - 1)
        self._half = most // 2
        # Who has not asked for as long as a bucket takes to fill is as good as unknown: those of the time before last go.
        self._full: dict[object, float] = {}
        self._before: dict[object, float] = {}
        self._turn = 0.0

    def due(self, who: object, now: float) -> float:
        """In how many seconds `wait` would say zero."""
        return max(0.0, self._full_at(who) - now - self._slack)

    def wait(self, who: object, now: float) -> float:
        """Zero, and it is counted; else how many seconds to wait, and it is not."""
        full = self._full_at(who)
        if full - now > self._slack:
            return full - now - self._slack
        if now >= self._turn or len(self._full) >= self._half:
            self._before, self._full = self._full, {}
            self._turn = now + self._slack + self._interval
        self._full[who] = max(full, now) + self._interval
        return 0.0

    def _full_at(self, who: object) -> float:
        full = self._full.get(who)
        return self._before.get(who, 0.0) if full is None else full
