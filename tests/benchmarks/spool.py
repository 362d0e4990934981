"""What the spool costs: beside a log that acknowledges at once, and while it takes everything itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.eventlog.failing_log import FailingLog, spooled
from wanamaker_shared.eventlog.port import NewRecord
from wanamaker_shared.service.logs import configure

ROUNDS = 7
APPENDS = 50_000
SECONDS = 2.0
RECORDS = [NewRecord("web-events", "default/visitor", bytes(600))]


class InstantLog(FailingLog):
    """Acknowledges at once, and keeps nothing."""

    async def append(self, records: object) -> None:
        return


async def beside(directory: Path) -> None:
    """CPU of an append of one record, with and without the spool, in turns."""
    log = InstantLog()
    both = await spooled(directory, log)
    alone, within = [], []
    for _ in range(ROUNDS):
        alone.append(await _cpu(log.append))
        within.append(await _cpu(both.append))
    await both.close()
    print(f"an append costs {min(alone):.0f} ns without the spool, {min(within):.0f} ns with it before the log")


async def alone(directory: Path, at_once: int) -> None:
    """Appends a second while the log is gone, each synced before it returns."""
    log = FailingLog()
    log.down = True
    both = await spooled(directory, log, limit=4 << 30)
    began, cpu, appends = time.monotonic(), time.process_time(), 0

    async def client() -> None:
        nonlocal appends
        while time.monotonic() < began + SECONDS:
            await both.append(RECORDS)
            appends += 1

    await asyncio.gather(*(client() for _ in range(at_once)))
    seconds, cpu = time.monotonic() - began, time.process_time() - cpu
    await both.close()
    print(f"spooling, {at_once} at once: {appends / seconds:.0f} a second, {cpu / appends * 1e6:.0f} µs CPU each")


async def _cpu(append: Callable[[list[NewRecord]], Awaitable[object]]) -> float:
    """In nanoseconds."""
    began = time.process_time()
    for _ in range(APPENDS):
        await append(RECORDS)
    return (time.process_time() - began) / APPENDS * 1e9


def run() -> None:
    configure("benchmark", "error")
    with TemporaryDirectory() as directory:
        asyncio.run(beside(Path(directory) / "beside"))
        for at_once in (1, 64, 256):
            asyncio.run(alone(Path(directory) / f"{at_once}", at_once))
