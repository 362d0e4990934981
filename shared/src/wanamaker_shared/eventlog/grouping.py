"""Group commit, the part both adapters share: appends wait for room, join a group, and are answered together."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Generic, TypeVar

from .port import LogUnavailable

T = TypeVar("T")


class Room:
    """Bounds the bytes that were accepted and are not settled yet. First come, first served.

    `deadline` is in seconds. Lives on one event loop.
    """

    def __init__(self, limit: int, deadline: float) -> None:
        self._limit = limit
        self._deadline = deadline
        self._taken = 0
        self._turns: deque[tuple[int, asyncio.Future[None]]] = deque()

    def take_now(self, size: int) -> bool:
        """Take room without waiting, if there is some and nobody waits for it."""
        free = not self._turns and self._fits(size)
        if free:
            self._taken += size
        return free

    async def take(self, size: int) -> None:
        """Wait until `size` bytes have room. Raises LogUnavailable after the deadline, or once closed."""
        if not self.take_now(size):
            await self._wait(size)

    def give_back(self, size: int) -> None:
        self._taken -= size
        self._admit()

    def close(self) -> None:
        """Refuse those who wait."""
        while self._turns:
            _, turn = self._turns.popleft()
            if not turn.done():
                turn.set_exception(closed())

    def _fits(self, size: int) -> bool:
        # What is larger than all the room may still pass, alone.
        return self._taken == 0 or self._taken + size <= self._limit

    async def _wait(self, size: int) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._turns.append((size, turn))
        try:
            async with asyncio.timeout(self._deadline):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self.give_back(size)  # room was given and nobody takes it
            if isinstance(error, TimeoutError):
                raise LogUnavailable(
                    f"{self._taken} bytes wait to be written already, and none moved on for {self._deadline:g} s"
                ) from error
            raise

    def _admit(self) -> None:
        while self._turns:
            size, turn = self._turns[0]
            if not turn.done():
                if not self._fits(size):
                    return
                self._taken += size
                turn.set_result(None)
            self._turns.popleft()


class Group(Generic[T]):
    """Appends that share one write. Filled and settled on the event loop, written wherever the adapter writes."""

    def __init__(self, deadline: float) -> None:
        self.loop = asyncio.get_running_loop()
        self.records: list[T] = []
        self.size = 0
        self.until = self.loop.time() + deadline
        self.expired = False
        self._waiting: list[asyncio.Future[None]] = []
        # One timer for the group, not one for each append: who joined later hears of it a little before his time.
        self._timer = self.loop.call_at(self.until, self._expire, deadline)

    def join(self, records: Sequence[T], size: int) -> asyncio.Future[None]:
        future = self.loop.create_future()
        self.records.extend(records)
        self.size += size
        self._waiting.append(future)
        return future

    def settle(self, error: LogUnavailable | None) -> None:
        """Answer all who still wait: done, or an error of their own with the reason of `error`."""
        self._timer.cancel()
        for future in self._waiting:
            if future.done():
                continue
            if error is None:
                future.set_result(None)
            else:
                future.set_exception(LogUnavailable(str(error)))

    def _expire(self, deadline: float) -> None:
        self.expired = True
        self.settle(LogUnavailable(f"the records were not written within {deadline:g} s; retry with the same ids"))


def closed() -> LogUnavailable:
    return LogUnavailable("the log is closed")
