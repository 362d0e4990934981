"""How many requests the collector takes from one key, one cookie and one address. Time is the monotonic clock's."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from .ip_addresses import is_private
from .rates import Rate

_BURST_SECONDS = 10
"""A burst may have as many requests as this many seconds of the rate."""


class Limits:
    """Rates in requests a second, 0 = none. Private addresses are not limited: behind them stands a proxy of ours."""

    def __init__(
        self, *, key: float, cookie: float, address: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._key, self._cookie, self._address = (_rate(per_second) for per_second in (key, cookie, address))
        self._clock = clock

    def flooded_by(self, address: str) -> int:
        """Whole seconds until this address may ask at all; looked at before anything is read, and not counted."""
        due = 0.0 if self._address is None else self._address.due(address, self._clock())
        return 0 if not due or is_private(address) else math.ceil(due)

    def wait(self, key: str, cookie: str | None, address: str) -> int:
        """Whole seconds until this sender may ask again; 0 = now, and the request is counted. Empty texts are not limited."""
        now = self._clock()
        wait = 0.0
        if self._address is not None and address and (wait := self._address.wait(address, now)) and is_private(address):
            wait = 0.0
        if not wait and self._cookie is not None and cookie is not None:
            wait = self._cookie.wait(cookie, now)
        if not wait and self._key is not None and key:
            wait = self._key.wait(key, now)
        return math.ceil(wait)


def _rate(per_second: float) -> Rate | None:
    return Rate(per_second, max(1, round(per_second * _BURST_SECONDS))) if per_second else None
