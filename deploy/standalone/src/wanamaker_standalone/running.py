"""Wanamaker running in this process's care: what `up` and `demo` share."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from wanamaker_shared.service.keys import Keyring
from wanamaker_shared.service.settings import ServiceSettings

from .first_start import keyring
from .refusal import Refusal
from .supervisor import ports
from .supervisor.addresses import published
from .supervisor.child import GaveUp
from .supervisor.lock import only_one
from .supervisor.processes import SERVICES, processes
from .supervisor.supervisor import Supervisor, supervised


@dataclass(frozen=True, slots=True)
class Running:
    """`addresses`: service → base URL."""

    supervisor: Supervisor
    keyring: Keyring
    addresses: dict[str, str]
    stop: asyncio.Event


@asynccontextmanager
async def running(data: Path, host: str, wanted: Sequence[int], say: Callable[[str], None]) -> AsyncIterator[Running]:
    """Start every process on free or given ports and yield once all are ready; stop them in order afterwards.

    Ctrl-C or SIGTERM sets `stop`; again, and children are killed rather than asked. Raises Refusal.
    """
    with only_one(data):
        ports.require_free(host, wanted)
        path = ServiceSettings(data=data).keys_path
        keys, fresh = keyring(path)
        if fresh:
            say(f"made the workspace `default`; its keys are in {path} (yours alone to read)")
        chosen = ports.choose(host, wanted, spare=3)
        every = processes(data, host, chosen[:4], chosen[4:])
        supervisor = Supervisor(every, data / "logs", say)
        with _stop_on_signals(supervisor) as stop:
            async with supervised(supervisor):
                await _ready_or_stopped(supervisor, stop)
                addresses = dict(zip(SERVICES, (each.address for each in every[:4]), strict=True))
                with published(data, addresses):
                    yield Running(supervisor, keys, addresses, stop)


async def _ready_or_stopped(supervisor: Supervisor, stop: asyncio.Event) -> None:
    ready, stopped = asyncio.create_task(supervisor.ready()), asyncio.create_task(stop.wait())
    await asyncio.wait({ready, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if not ready.done():
        ready.cancel()
        await asyncio.gather(ready, return_exceptions=True)
        raise Refusal("stopped before everything was ready")
    try:
        ready.result()
    except GaveUp as error:
        raise Refusal(str(error)) from error


@contextmanager
def _stop_on_signals(supervisor: Supervisor) -> Iterator[asyncio.Event]:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()

    def told() -> None:
        if stop.is_set():
            supervisor.hurry()
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told)
    try:
        yield stop
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
