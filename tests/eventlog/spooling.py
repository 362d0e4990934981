"""A process to be killed: its log is down, so it spools, and prints each record's number once that is durable.

`python spooling.py DIRECTORY`; it never ends.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
from pathlib import Path

from tests.eventlog.failing_log import FailingLog, spooled
from wanamaker_shared.eventlog.port import NewRecord
from wanamaker_shared.service.logs import configure


async def spool_and_tell(directory: Path) -> None:
    log = FailingLog()
    log.down = True
    both = await spooled(directory, log)
    numbers = itertools.count()

    async def client() -> None:
        for number in numbers:
            await both.append([NewRecord("topic", f"key-{number % 50}", b"%d" % number)])
            os.write(1, b"%d\n" % number)  # not print: nothing may be left in a buffer

    await asyncio.gather(*(client() for _ in range(20)))


if __name__ == "__main__":
    configure("spooling", "error")
    asyncio.run(spool_and_tell(Path(sys.argv[1])))
