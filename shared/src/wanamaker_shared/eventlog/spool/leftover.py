"""What a spool still holds when its process is started without the log it was meant for: it goes into the log that there is."""

from __future__ import annotations

from pathlib import Path

import structlog

from ..port import EventLog
from .file import spool_file
from .spool import Spool

_SECONDS = 10.0

_log = structlog.get_logger(__name__)


async def send_on_leftover(directory: Path, process: str, log: EventLog) -> None:
    """Nothing is done, and no file made, where there is no spool. A crash on the way sends again and loses nothing.

    Raises LogUnavailable: another process has the spool, or a disk refuses; what was not sent on stays in it.
    """
    if not spool_file(directory).path.exists():
        return
    spool = Spool(directory, process, limit=0, deadline=_SECONDS, queue_bytes=0)  # nothing is added to it
    try:
        if spool.records:
            _log.warning(
                "events were spooled for another log; they go into this one",
                spool=str(directory),
                records=spool.records,
            )
        while (waiting := await spool.read()).start != waiting.next:
            await log.append(waiting.records)
            await spool.forget(waiting)
    finally:
        await spool.close()
