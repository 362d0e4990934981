"""The relay of one consuming process: brings the outbox to the log right after each commit."""

from __future__ import annotations

import asyncio
import time

from sqlalchemy import Table

from ..service.database import Database
from .outages import Backoff, outage_of
from .outbox import newest_row, relay
from .port import EventLog

ORPHANS_SECONDS = 5.0
"""What another process wrote and has not relayed for so long is taken for a dead one's."""


async def run_relay(
    outbox: Table, database: Database, log: EventLog, committed: asyncio.Event, stop: asyncio.Event
) -> None:
    """Relay until `stop`, then once more what this process wrote. Outages are waited out.

    At the start everything is relayed: after a crash it is our own.
    """
    backoff = Backoff(stop)
    others_upto: int | None = None
    newest, looked = 0, time.monotonic()
    while True:
        ending = stop.is_set()
        committed.clear()  # before looking: a commit from here on wakes us again
        try:
            await relay(outbox, database, log, others_upto=others_upto)
            others_upto = 0
            if time.monotonic() - looked >= ORPHANS_SECONDS:
                others_upto = newest  # what was there at the last look, and still is, nobody relays
                newest, looked = await newest_row(outbox, database), time.monotonic()
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
        await asyncio.wait(waiting, timeout=ORPHANS_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
