"""A process to be killed or traced: appends to a topic and prints each record's number once it is acknowledged.

`python appending.py DIRECTORY CLIENTS [RECORDS]`; without RECORDS it never ends.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
from pathlib import Path

from wanamaker_shared.eventlog.embedded import EmbeddedLog
from wanamaker_shared.eventlog.port import NewRecord


async def append_and_tell(directory: Path, clients: int, records: int | None) -> None:
    log = EmbeddedLog(directory, "writer")
    numbers = iter(itertools.count() if records is None else range(records))

    async def client() -> None:
        for number in numbers:
            await log.append([NewRecord("topic", f"key-{number % 50}", b"%d" % number)])
            os.write(1, b"%d\n" % number)  # not print: nothing may be left in a buffer

    await asyncio.gather(*(client() for _ in range(clients)))
    await log.close()


if __name__ == "__main__":
    asyncio.run(append_and_tell(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else None))
