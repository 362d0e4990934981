"""A collector as its own process on an embedded log, and what its log holds."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import httpx
import orjson

from tests.parts.apart import run_apart
from wanamaker_shared.contracts import failed_events, web_events
from wanamaker_shared.eventlog.embedded import EmbeddedLog
from wanamaker_shared.service.keys import new_workspace, read_keyring, write_keys

SECONDS = 60.0
T = TypeVar("T")


@dataclass(slots=True)
class RunningCollector:
    """`events` and `failed` are those since `empty` was called last; an event counts once, as with consumers."""

    data: Path
    port: int
    keys: Mapping[str, Any]
    workspace_key: bytes
    _known: set[str] = field(default_factory=set)
    _old_failures: list[dict[str, Any]] = field(default_factory=list)

    def events(self) -> list[dict[str, Any]]:
        """In the order in which they happened."""
        return [event for event in self._each() if event["event_id"] not in self._known]

    def failed(self) -> list[dict[str, Any]]:
        return [record for record in run_apart(self._read(failed_events.TOPIC)) if record not in self._old_failures]

    def empty(self) -> None:
        self._old_failures += self.failed()
        self._known = {event["event_id"] for event in self._each()}

    def until(self, many: int) -> list[dict[str, Any]]:
        """The events, once there are so many."""
        return until(lambda: events if len(events := self.events()) >= many else None, f"{many} events in the log")

    def _each(self) -> list[dict[str, Any]]:
        """The first record of each event. That others of it say the same is asserted."""
        first: dict[str, dict[str, Any]] = {}
        for record in run_apart(self._read(web_events.TOPIC)):
            web_events.adapter.validate_python(record)
            again = first.setdefault(record["event_id"], record)
            changed = {name for name in record if record[name] != again.get(name)} - _OF_A_TRY
            assert not changed, (again, record)
        return sorted(first.values(), key=_happened)

    async def _read(self, topic: str) -> list[dict[str, Any]]:
        log = EmbeddedLog(self.data / "log", process="reader")
        found: list[dict[str, Any]] = []
        try:
            for at, end in sorted((await log.end_positions([topic])).items()):
                async for batch in log.read(topic, at.partition, 0, end):
                    found += [orjson.loads(record.value) for record in batch.records]
        finally:
            await log.close()
        return found


def _happened(record: dict[str, Any]) -> float:
    """When, by the browser's clock; where that is not kept, by the server's, which is some milliseconds off."""
    stated = record["personal"]["v"].get("timestamp")
    return datetime.fromisoformat(stated).timestamp() if stated else record["occurred_at"] / 1e6


_OF_A_TRY = {"received_at", "occurred_at"}
"""What may differ between two times that one event came in."""


def until(found: Callable[[], T | None], what: str, seconds: float = SECONDS) -> T:
    """Ask until the answer is something."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := found():
            return answer
        time.sleep(0.02)
    raise AssertionError(f"no {what} within {seconds:g} s")


@contextmanager
def running_collector(data: Path) -> Iterator[RunningCollector]:
    keys = new_workspace("default")
    write_keys(data / "keys.json", keys)
    workspace_key = read_keyring(data / "keys.json").hmac_key("default")
    port = free_port()
    environment = {**os.environ, "WANAMAKER_DATA": str(data), "WANAMAKER_PORT": str(port)}
    process = subprocess.Popen([sys.executable, "-m", "wanamaker_collector", "serve"], env=environment)
    try:
        until(lambda: _is_ready(process, port), "ready collector")
        yield RunningCollector(data, port, keys, workspace_key)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _is_ready(process: subprocess.Popen[bytes], port: int) -> bool:
    assert process.poll() is None
    try:
        return httpx.get(f"http://127.0.0.1:{port}/readyz", trust_env=False).is_success
    except httpx.TransportError:
        return False


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port
