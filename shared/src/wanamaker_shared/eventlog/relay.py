"""The relay of one consuming process: brings the outbox to the log right after each commit."""

from __future__ import annotations

import asyncio

from sqlalchemy import Table

from ..service.database import Database
from .outages import Backoff, outage_of
from .outbox import relay
from .port import EventLog

_LOOK_AGAIN_SECONDS = 5.0
"""What another process left behind when it died is found by looking without being woken."""


async def run_relay(
    outbox: Table, database: Database, log: EventLog, committed: asyncio.Event, stop: asyncio.Event
) -> None:
    """Relay until `stop`, then once more what is there. Outages are waited out."""
    backoff = Backoff(stop)
    while True:
        ending = stop.is_set()
        committed.clear()  # before looking: a commit from here on wakes us again
        try:
            await relay(outbox, database, log)
            backoff.reset()
        except Exception as error:
            if (reason := outage_of(error)) is None:
                raise
            if ending:
                return  # it stays in the outbox; the next start relays it
            await backoff.wait(reason, error)
            continue
        if ending:
            return
        await _first_of(committed, stop)


async def _first_of(*events: asyncio.Event) -> None:
    waiting = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waiting, timeout=_LOOK_AGAIN_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
