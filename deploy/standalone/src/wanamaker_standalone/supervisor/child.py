"""One child process kept running: restarted with growing pauses when it crashes, stopped within a bounded time."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .forking import Forked, ForkServer
from .processes import Process

Say = Callable[[str], None]
_OLD_LOG_BYTES = 20 << 20


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds, except `tries`."""

    first_pause: float = 0.5
    longest_pause: float = 30.0
    steady: float = 60.0
    """After running so long, the next crash counts as the first again."""
    tries: int = 5
    """So many crashes in a row before it was ever ready, and the fault is in the installation: give up."""
    stop: float = 15.0
    """From SIGTERM to SIGKILL."""


class GaveUp(Exception):
    """A process never became ready; the message names its log and shows the end of it."""


class Child:
    def __init__(self, process: Process, server: ForkServer, log: Path, say: Say, patience: Patience) -> None:
        self.process = process
        self._server = server
        self.was_ready = False
        """Set by whoever saw it ready: from then on it is restarted for ever."""
        self.pid: int | None = None
        self._log = log
        self._say = say
        self._patience = patience
        self._stop = asyncio.Event()
        self._hurry = asyncio.Event()

    async def keep_running(self) -> None:
        """Returns when told to stop and the process has ended. Raises GaveUp."""
        crashes = 0
        while not self._stop.is_set():
            began = asyncio.get_running_loop().time()
            running = await self._start()
            if not await _first(running.wait(), self._stop.wait()):
                await self._end(running)
                return
            crashes = 1 if asyncio.get_running_loop().time() - began >= self._patience.steady else crashes + 1
            how = _how_it_ended(running.returncode or 0)
            if crashes >= self._patience.tries and not self.was_ready:
                raise GaveUp(
                    f"{self.process.name} {how} {crashes} times without becoming ready; the end of {self._log}:\n{self._tail()}"
                )
            pause = min(self._patience.first_pause * 2 ** (crashes - 1), self._patience.longest_pause)
            self._say(f"{self.process.name} {how}; starting it again in {pause:g} s (its log: {self._log})")
            await _first(asyncio.sleep(pause), self._stop.wait())

    def stop(self) -> None:
        """Tell `keep_running` to end the process and return."""
        self._stop.set()

    def hurry(self) -> None:
        """Do not wait for the process to end by itself any longer."""
        self._hurry.set()

    async def _start(self) -> Forked:
        self._log.parent.mkdir(parents=True, exist_ok=True)
        if self._log.exists() and self._log.stat().st_size > _OLD_LOG_BYTES:
            self._log.replace(self._log.with_suffix(".old.log"))
        running = await self._server.start(self.process, self._log)
        self.pid = running.pid
        return running

    async def _end(self, running: Forked) -> None:
        self.pid = None
        if running.returncode is not None:
            return
        running.terminate()
        ended = asyncio.ensure_future(running.wait())
        hurried = asyncio.ensure_future(self._hurry.wait())
        await asyncio.wait({ended, hurried}, timeout=self._patience.stop, return_when=asyncio.FIRST_COMPLETED)
        hurried.cancel()
        if not ended.done():
            self._say(f"{self.process.name} did not stop in time and was killed (its log: {self._log})")
            running.kill()
        await ended

    def _tail(self) -> str:
        lines = self._log.read_text(errors="replace").splitlines()
        return "\n".join(f"    {line}" for line in lines[-8:])


async def _first(one: Coroutine[Any, Any, Any], other: Coroutine[Any, Any, Any]) -> bool:
    """Wait for one of the two; whether it was the first one. The other is cancelled."""
    tasks = [asyncio.create_task(each) for each in (one, other)]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    first = tasks[0].done()
    for task in tasks:
        task.cancel()
    return first


def _how_it_ended(code: int) -> str:
    return f"ended with exit code {code}" if code >= 0 else f"was killed by {signal.Signals(-code).name}"
