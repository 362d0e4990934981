"""Sends the spool on, in order, once the log takes records again; and looks after the log while nothing is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from ...service.errors import describe
from ..port import EventLog, LogUnavailable
from .circuit import Circuit
from .file import BATCH_RECORDS
from .spool import Spool

_FIRST_PAUSE = 0.05

_log = structlog.get_logger(__name__)


class Drainer:
    """`behind` takes what was spooled; `look` raises if the log does not answer.

    `patience` in seconds bounds how long new records wait for the last of the spool, `look_every` how long an idle log goes
    without a look, `longest_pause` the time between two attempts.
    """

    def __init__(
        self,
        spool: Spool,
        circuit: Circuit,
        behind: EventLog,
        look: Callable[[], Awaitable[object]],
        *,
        patience: float,
        look_every: float = 5.0,
        longest_pause: float = 1.0,
    ) -> None:
        self._spool = spool
        self._circuit = circuit
        self._behind = behind
        self._look = look
        self._patience = patience
        self._look_every = look_every
        self._longest_pause = longest_pause

    async def run(self) -> None:
        """For ever."""
        pause = _FIRST_PAUSE
        while True:
            try:
                await self._turn()
                pause = _FIRST_PAUSE
            except Exception as error:  # noqa: BLE001 - whatever it is: the spool is kept, said to be so, and tried again
                self._circuit.open(str(error) if isinstance(error, LogUnavailable) else describe(error))
                await asyncio.sleep(pause)
                pause = min(2 * pause, self._longest_pause)

    async def _turn(self) -> None:
        self._spool.filled.clear()  # before the look into it: what comes after it is seen next time
        if await self._send_next():
            if self._spool.records <= BATCH_RECORDS:
                await self._hand_over()
        elif not self._circuit.closed:
            await self._look()
            await self._hand_over()
        elif not await self._filled():
            await self._look()

    async def _hand_over(self) -> None:
        """The last of the spool, while new records wait: so that what was accepted first is first in the log too."""
        handover = self._circuit.hand_over(self._patience)
        while await self._send_next() or self._spool.unsettled:
            if handover.is_set():
                raise LogUnavailable(f"the log needs more than {self._patience:g} s for the last records of the spool")
        self._circuit.close()

    async def _send_next(self) -> bool:
        """Whether there was something to send, and it was sent. Raises LogUnavailable if the log did not take it."""
        try:
            waiting = await self._spool.read()
        except LogUnavailable as unreadable:
            _log.error("the spool cannot be sent on", error=str(unreadable))
            return False
        if waiting.start == waiting.next:
            return False
        if waiting.records:
            await self._behind.append(waiting.records)
            self._circuit.reason = "the log acknowledges again, and gets what was spooled first"
        try:
            await self._spool.forget(waiting)
        except LogUnavailable as refused:
            _log.warning("the spool keeps on disk what was sent on", error=str(refused))
        return True

    async def _filled(self) -> bool:
        """Wait until something is spooled; False if it is time to look after the log."""
        try:
            async with asyncio.timeout(self._look_every):
                return await self._spool.filled.wait()
        except TimeoutError:
            return False
