"""The fork server as the supervisor has it: asked for processes, it says what became of each."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import orjson

from .fork_server import die_with_parent
from .processes import Process


class Forked:
    """A process that was started; like asyncio's, as far as it goes."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._over = asyncio.Event()

    async def wait(self) -> int:
        await self._over.wait()
        assert self.returncode is not None
        return self.returncode

    def terminate(self) -> None:
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        self._send(signal.SIGKILL)

    def ended(self, code: int) -> None:
        self.returncode = code
        self._over.set()

    def _send(self, number: signal.Signals) -> None:
        if self.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)


class ForkServer:
    """Started when the first process is asked for, and again should it have died."""

    def __init__(self, common: Sequence[str]) -> None:
        """`common`: the modules that the processes share."""
        self._common = common
        self._server: asyncio.subprocess.Process | None = None
        self._listening: asyncio.Task[None] | None = None
        self._forked: dict[int, Forked] = {}
        self._turn = asyncio.Lock()
        self._answer: asyncio.Future[Forked] | None = None

    async def start(self, process: Process, log: Path) -> Forked:
        """Once it runs; `log` gets what it prints. One that could not be started has ended already."""
        wanted = {
            "name": process.name,
            "command": process.command,
            "environment": dict(process.environment),
            "log": str(log.absolute()),
        }
        async with self._turn:
            server = await self._running(log)
            self._answer = asyncio.get_running_loop().create_future()
            assert server.stdin is not None
            with suppress(ConnectionError):  # then its end is the answer
                server.stdin.write(orjson.dumps(wanted) + b"\n")
                await server.stdin.drain()
            return await self._answer

    async def close(self) -> None:
        """Processes that still run are ended with it."""
        if self._server is not None and self._listening is not None:
            assert self._server.stdin is not None
            self._server.stdin.close()
            await self._listening

    async def _running(self, log: Path) -> asyncio.subprocess.Process:
        if self._server is None or self._listening is None or self._listening.done():
            with log.open("ab") as output:
                self._server = await asyncio.create_subprocess_exec(
                    sys.executable,
                    "-m",
                    f"{__package__}.fork_server",
                    *self._common,
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=output,
                    start_new_session=True,
                    preexec_fn=die_with_parent,
                )
            self._listening = asyncio.create_task(self._listen(self._server))
        return self._server

    async def _listen(self, server: asyncio.subprocess.Process) -> None:
        assert server.stdout is not None
        async for line in server.stdout:
            told = orjson.loads(line)
            if "code" in told:
                self._forked.pop(told["pid"]).ended(told["code"])
            else:
                forked = self._forked[told["pid"]] = Forked(told["pid"])
                self._answered(forked)
        code = await server.wait()
        for forked in self._forked.values():  # they end with it, and nobody is left to say how
            forked.terminate()
            forked.ended(-signal.SIGTERM)
        self._forked.clear()
        stillborn = Forked(0)
        stillborn.ended(code)
        self._answered(stillborn)

    def _answered(self, forked: Forked) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(forked)
