"""All children together: started at once, ready when each answers, stopped in `STOP_ORDER`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from .child import Child, Patience, Say
from .forking import ForkServer
from .processes import COMMON, STOP_ORDER, Process

_POLL_SECONDS = 0.1


class Supervisor:
    """`say` gets one clear line for each thing a person should know. Children's own output goes to `logs`/<name>.log."""

    def __init__(
        self,
        processes: Sequence[Process],
        logs: Path,
        say: Say,
        *,
        patience: Patience | None = None,
        stop_order: Sequence[Sequence[str]] = STOP_ORDER,
        common: Sequence[str] = COMMON,
    ) -> None:
        self._server = ForkServer(common)
        self.children = {
            process.name: Child(process, self._server, logs / f"{process.name}.log", say, patience or Patience())
            for process in processes
        }
        self._stop_order = stop_order
        self._running: dict[str, asyncio.Task[None]] = {}

    def start(self) -> None:
        self._running = {
            name: asyncio.create_task(child.keep_running(), name=name) for name, child in self.children.items()
        }

    async def ready(self) -> None:
        """Return once every process answers its /readyz. Raises GaveUp if one crashes again and again."""
        async with httpx.AsyncClient(timeout=2, trust_env=False) as client:
            asked = asyncio.gather(*(_until_ready(client, child) for child in self.children.values()))
            await self._unless_given_up(asked)

    async def watch(self, until: asyncio.Event) -> None:
        """Return when `until` is set; children are restarted meanwhile."""
        await self._unless_given_up(asyncio.ensure_future(until.wait()))

    async def stop(self) -> None:
        """Stop stage after stage; each process has its time, then it is killed."""
        for stage in self._stop_order:
            stopping = [self._running[name] for name in stage if name in self._running]
            for name in stage:
                if name in self.children:
                    self.children[name].stop()
            await asyncio.gather(*stopping, return_exceptions=True)
        await self._server.close()

    def hurry(self) -> None:
        """Kill whatever is still there once its turn to stop comes."""
        for child in self.children.values():
            child.hurry()

    async def _unless_given_up(self, wanted: asyncio.Future[Any]) -> None:
        try:
            await asyncio.wait({wanted, *self._running.values()}, return_when=asyncio.FIRST_COMPLETED)
            for task in self._running.values():
                if task.done():
                    task.result()
            await wanted
        finally:
            wanted.cancel()
            await asyncio.gather(wanted, return_exceptions=True)


@asynccontextmanager
async def supervised(supervisor: Supervisor) -> AsyncIterator[Supervisor]:
    """Start, and stop in order whatever happens in between."""
    supervisor.start()
    try:
        yield supervisor
    finally:
        await supervisor.stop()


async def _until_ready(client: httpx.AsyncClient, child: Child) -> None:
    while True:
        if await _is_ready(client, child.process.address):
            child.was_ready = True
            return
        await asyncio.sleep(_POLL_SECONDS)


async def _is_ready(client: httpx.AsyncClient, address: str) -> bool:
    try:
        return (await client.get(f"{address}/readyz")).status_code == 200
    except httpx.HTTPError:
        return False
