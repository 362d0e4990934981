"""The thread that reads: SQLite blocks, and the event loop must not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from ..port import LogUnavailable

T = TypeVar("T")


class Reading:
    """One thread for all of a log's readers, so that no connection is used by two at once."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="read-log")
        self._closed = False

    async def run(self, work: Callable[..., T], *arguments: object) -> T:
        """Raises what the work raises, and LogUnavailable once closed."""
        if self._closed:
            raise LogUnavailable("the log is closed")
        return await asyncio.get_running_loop().run_in_executor(self._pool, work, *arguments)

    async def close(self, last: Callable[[], None]) -> None:
        """Finish what was asked, then run `last` on the same thread."""
        if self._closed:
            return
        self._closed = True
        await asyncio.get_running_loop().run_in_executor(self._pool, last)
        await asyncio.to_thread(self._pool.shutdown)
