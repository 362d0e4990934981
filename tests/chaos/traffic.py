"""Traffic of a demo company that goes on whatever happens to the services, and remembers what they acknowledged."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from datetime import date
from itertools import count

import httpx

from wanamaker_shared.service.keys import WorkspaceKeys
from wanamaker_standalone.demo.sending import Sender
from wanamaker_standalone.simulation.simulate import simulate
from wanamaker_standalone.simulation.values import Step, WebBatch

AT_ONCE = 24
"""Requests under way to each service: those to a dead one hold up no others."""
END = date(2026, 3, 31)


def companies(seed: int, *, batch: int) -> Iterator[Step]:
    """One demo company's ninety days after another's, for ever: batches of web events, webhooks, spend."""
    for company in count(seed):
        yield from simulate(company, 90, END, batch=batch).steps


def size(step: Step) -> int:
    """In events, as a rate counts them."""
    return len(step.events) if isinstance(step, WebBatch) else 1


class Traffic:
    """Sends steps at a rate. What is refused or broken is sent again with the same ids, by the demo's own sender, which
    raises at an answer that no retry mends (4xx, 500)."""

    def __init__(self, sender: Sender) -> None:
        self.acknowledged: list[Step] = []
        self._sender = sender

    async def send(self, steps: Iterable[Step], *, per_second: float | None, until: asyncio.Event) -> float:
        """Return when `until` is set or the steps end, and all that began is acknowledged; the events per second.

        `per_second` None: as fast as they are taken.
        """
        rooms: dict[type[Step], asyncio.Semaphore] = {}
        loop = asyncio.get_running_loop()
        began = loop.time()
        events = 0

        async def one(step: Step, room: asyncio.Semaphore) -> None:
            try:
                await self._sender.send(step)
            finally:
                room.release()
            self.acknowledged.append(step)

        async with asyncio.TaskGroup() as group:
            for step in steps:
                room = rooms.setdefault(type(step), asyncio.Semaphore(AT_ONCE))
                await room.acquire()
                group.create_task(one(step, room))
                events += size(step)
                if per_second is not None:
                    await asyncio.sleep(max(0.0, began + events / per_second - loop.time()))
                if until.is_set():
                    break
        return events / (loop.time() - began)


@asynccontextmanager
async def traffic_to(addresses: dict[str, str], keys: WorkspaceKeys) -> AsyncIterator[Traffic]:
    async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
        yield Traffic(Sender(client, addresses, keys))
