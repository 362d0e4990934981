"""A group of appends that will share one commit, and its answer to all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ..port import LogUnavailable

Encoded = tuple[int, bytes]
"""(partition, the record as it stands in a block)"""


class Group:
    """Filled on the event loop, written by the writer thread, settled on the event loop."""

    def __init__(self, deadline: float) -> None:
        self.loop = asyncio.get_running_loop()
        self.records: list[Encoded] = []
        self.size = 0
        self._waiting: list[asyncio.Future[None]] = []
        # One timer for the group, not one for each append. Its members joined at most one commit later than the first.
        self._timer = self.loop.call_later(deadline, self._expire, deadline)

    def join(self, records: Sequence[Encoded], size: int) -> asyncio.Future[None]:
        future = self.loop.create_future()
        self.records.extend(records)
        self.size += size
        self._waiting.append(future)
        return future

    def settle(self, error: LogUnavailable | None) -> None:
        """Answer all who still wait."""
        self._timer.cancel()
        for future in self._waiting:
            if future.done():
                continue
            if error is None:
                future.set_result(None)
            else:
                future.set_exception(LogUnavailable(str(error)).with_traceback(None))

    def _expire(self, deadline: float) -> None:
        self.settle(LogUnavailable(f"the disk did not take the records within {deadline:g} s; retry with the same ids"))
