"""Batches posted to a collector from a thread of its own, whatever happens to the log behind it; and how each was answered."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count

import httpx
import orjson

AT_ONCE = 24
"""Requests under way."""
BUSY = "more requests come than can be"
"""What the collector says when it has no time for another one, whatever its log does."""


@dataclass(frozen=True, slots=True)
class Answered:
    status: int
    """0: no answer at all."""
    seconds: float
    ids: tuple[str, ...]
    """The messageIds of its events."""
    refusal: str = ""
    """What was said instead of yes."""


class Posting:
    """`per_second` requests of `events` events, each of about `size` bytes, from construction to `end`.

    One that the collector has no time for is sent again a second later, as its `Retry-After` says: a slow machine is no test of
    the log.
    """

    def __init__(self, address: str, write_key: str, *, per_second: float, events: int, size: int) -> None:
        self.answered: list[Answered] = []
        self._address = address
        self._auth = (write_key, "")
        self._every = 1 / per_second
        self._events = events
        self._filling = "x" * size
        self._numbers = count()
        self._over = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="posting")
        self._thread.start()

    @property
    def statuses(self) -> list[int]:
        return [answer.status for answer in self.answered]

    def acknowledged(self) -> set[str]:
        return {each for answer in self.answered if 200 <= answer.status < 300 for each in answer.ids}

    def end(self) -> None:
        """Once what is under way is answered."""
        self._over.set()
        self._thread.join()

    async def _run(self) -> None:
        limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE)
        async with (
            httpx.AsyncClient(auth=self._auth, timeout=60, limits=limits, trust_env=False) as client,
            asyncio.TaskGroup() as group,
        ):
            room = asyncio.Semaphore(AT_ONCE)
            while not self._over.is_set():
                await room.acquire()
                group.create_task(self._post(client, next(self._numbers), room))
                await asyncio.sleep(self._every)

    async def _post(self, client: httpx.AsyncClient, number: int, room: asyncio.Semaphore) -> None:
        ids = tuple(f"{number}-{each}" for each in range(self._events))
        batch = [
            {"type": "page", "messageId": each, "anonymousId": f"c{number % 50}", "properties": {"x": self._filling}}
            for each in ids
        ]
        body = orjson.dumps({"batch": batch})
        try:
            answered = await self._send(client, body, ids)
            while answered.refusal == BUSY and not self._over.is_set():
                await asyncio.sleep(1)
                answered = await self._send(client, body, ids)
        finally:
            room.release()
        if answered.refusal != BUSY:
            self.answered.append(answered)

    async def _send(self, client: httpx.AsyncClient, body: bytes, ids: tuple[str, ...]) -> Answered:
        began = time.monotonic()
        try:
            answer = await client.post(f"{self._address}/v1/batch", content=body)
        except httpx.HTTPError as error:
            return Answered(0, time.monotonic() - began, ids, repr(error))
        refusal = "" if answer.is_success else answer.text
        return Answered(answer.status_code, time.monotonic() - began, ids, BUSY if BUSY in refusal else refusal)


@contextmanager
def posting_to(address: str, write_key: str, *, per_second: float, events: int, size: int) -> Iterator[Posting]:
    """Ended when it is left."""
    posting = Posting(address, write_key, per_second=per_second, events=events, size=size)
    try:
        yield posting
    finally:
        posting.end()


def until(look: Callable[[], object], seconds: float = 90.0) -> None:
    """Return once it is so; fail after so many seconds."""
    give_up = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < give_up, look
        time.sleep(0.05)
