"""Waits until everything sent is in the reports."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from wanamaker_shared.service.opening import open_log
from wanamaker_shared.service.settings import ServiceSettings

from ..stages import Stage, read_stages

_LOOK_SECONDS = 0.2


async def until_reflected(settings: ServiceSettings, progress: Callable[[list[Stage]], None]) -> None:
    """Return once every consumer has read to the end of its topics and its outbox is in the log."""
    log = open_log(settings, "demo")
    try:
        while True:
            stages = await read_stages(settings, log)
            progress(stages)
            if all(stage.caught_up for stage in stages):
                return
            await asyncio.sleep(_LOOK_SECONDS)
    finally:
        await log.close()
