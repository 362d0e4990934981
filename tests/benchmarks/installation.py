"""A benchmark's own installation: keys, an embedded log, and the three `consume` processes as `wanamaker up` runs them."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from wanamaker_shared.contracts import crm_webhooks
from wanamaker_shared.eventlog.embedded import EmbeddedLog
from wanamaker_shared.eventlog.port import NewRecord
from wanamaker_shared.service.keys import WorkspaceKeys, new_workspace, read_keyring, write_keys
from wanamaker_standalone.stages import CONSUMED

_LOOK_SECONDS = 0.02
_TICKS = os.sysconf("SC_CLK_TCK")
_APPENDED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Spent:
    """What taking in some events took: seconds until all tables had them, and each consumer's CPU seconds."""

    events: int
    seconds: float
    cpu: Mapping[str, float]

    @property
    def rate(self) -> float:
        return self.events / self.seconds

    def micros(self, service: str) -> float:
        """CPU µs an event."""
        return self.cpu[service] / self.events * 1e6

    @property
    def micros_of_all(self) -> float:
        return sum(map(self.micros, self.cpu))

    def __add__(self, other: Spent) -> Spent:
        cpu = {service: self.cpu[service] + other.cpu[service] for service in self.cpu}
        return Spent(self.events + other.events, self.seconds + other.seconds, cpu)


class Installation:
    """`append` writes to the log as the collector and the crm-bridge's front door would."""

    def __init__(self, directory: Path, consumers: Mapping[str, subprocess.Popen[bytes]]) -> None:
        self.keys = _keys(directory)
        self._directory = directory
        self._consumers = consumers
        self._doors = {
            process: EmbeddedLog(directory / "log", process) for process in ("collector-serve", "crm-bridge-serve")
        }

    async def take_in(self, records: Sequence[NewRecord]) -> Spent:
        """Append the records, wait until every consumer has read everything, and tell what that took."""
        before, started = self._cpu(), time.perf_counter()
        for first in range(0, len(records), _APPENDED_AT_ONCE):
            for record_of_inbox, door in ((False, "collector-serve"), (True, "crm-bridge-serve")):
                part = records[first : first + _APPENDED_AT_ONCE]
                await self._doors[door].append(
                    [record for record in part if (record.topic == crm_webhooks.TOPIC) == record_of_inbox]
                )
        while not await self._caught_up():  # noqa: ASYNC110 - other processes get on; no event here says so
            await asyncio.sleep(_LOOK_SECONDS)
        seconds, after = time.perf_counter() - started, self._cpu()
        return Spent(len(records), seconds, {service: after[service] - before[service] for service in after})

    async def close(self) -> None:
        for door in self._doors.values():
            await door.close()

    async def _caught_up(self) -> bool:
        """Whether each consumer, in the order the data flows, is at the end of its topics with nothing left to emit."""
        for service, topics in CONSUMED.items():
            if (code := self._consumers[service].poll()) is not None:
                raise RuntimeError(f"{service} ended with status {code}")
            position, waiting = _progress(self._directory / service / "g1.db")
            ends = await self._doors["collector-serve"].end_positions(topics)
            if waiting or position < sum(ends.values()):
                return False
        return True

    def _cpu(self) -> dict[str, float]:
        return {service: cpu_seconds(process.pid) for service, process in self._consumers.items()}


@asynccontextmanager
async def installation(directory: Path) -> AsyncIterator[Installation]:
    """A fresh one with its consumers running; they are stopped at the end."""
    directory.mkdir(parents=True)
    write_keys(directory / "keys.json", new_workspace("default"))
    environment = {**os.environ, "WANAMAKER_DATA": str(directory), "WANAMAKER_LOG_LEVEL": "warning"}
    consumers = {
        service: subprocess.Popen(
            [sys.executable, "-m", f"wanamaker_{service.replace('-', '_')}", "consume"], env=environment
        )
        for service in CONSUMED
    }
    opened = Installation(directory, consumers)
    try:
        yield opened
    finally:
        for process in consumers.values():
            process.terminate()
        for process in consumers.values():
            process.wait(60)
        await opened.close()


def cpu_seconds(pid: int) -> float:
    """User and system time of a process (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _keys(directory: Path) -> WorkspaceKeys:
    return read_keyring(directory / "keys.json").workspaces["default"]


def _progress(path: Path) -> tuple[int, int]:
    """How many records a consumer has read, and whether its outbox holds any."""
    try:
        database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    except sqlite3.OperationalError:
        return 0, 0
    try:
        row = database.execute(
            "SELECT (SELECT coalesce(sum(position), 0) FROM position), EXISTS (SELECT 1 FROM outbox)"
        ).fetchone()
    except sqlite3.OperationalError:  # not there yet
        return 0, 0
    finally:
        database.close()
    return int(row[0]), int(row[1])
