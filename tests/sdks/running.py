"""A collector as its own process on an embedded log, and what its log holds."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson

from tests.parts.apart import run_apart
from wanamaker_shared.contracts import failed_events, web_events
from wanamaker_shared.eventlog.embedded import EmbeddedLog
from wanamaker_shared.eventlog.port import TopicPartition
from wanamaker_shared.service.keys import new_workspace, read_keyring, write_keys

START_SECONDS = 60.0


@dataclass(slots=True)
class RunningCollector:
    """`inbox` is what came since `empty` was called last."""

    data: Path
    port: int
    keys: Mapping[str, Any]
    workspace_key: bytes
    _read_to: dict[TopicPartition, int]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def events(self) -> list[dict[str, Any]]:
        """The web events since then, checked against the contract, each in the order of its partition."""
        found = self._new(web_events.TOPIC)
        for event in found:
            web_events.adapter.validate_python(event)
        return found

    def failed(self) -> list[dict[str, Any]]:
        return self._new(failed_events.TOPIC)

    def empty(self) -> None:
        self._read_to = run_apart(self._ends([web_events.TOPIC, failed_events.TOPIC]))

    def _new(self, topic: str) -> list[dict[str, Any]]:
        return run_apart(self._since(topic))

    async def _ends(self, topics: list[str]) -> dict[TopicPartition, int]:
        log = EmbeddedLog(self.data / "log", process="reader")
        try:
            return await log.end_positions(topics)
        finally:
            await log.close()

    async def _since(self, topic: str) -> list[dict[str, Any]]:
        log = EmbeddedLog(self.data / "log", process="reader")
        found: list[dict[str, Any]] = []
        try:
            for at, end in sorted((await log.end_positions([topic])).items()):
                async for batch in log.read(topic, at.partition, self._read_to.get(at, 0), end):
                    found += [orjson.loads(record.value) for record in batch.records]
        finally:
            await log.close()
        return found


@contextmanager
def running_collector(data: Path) -> Iterator[RunningCollector]:
    keys = new_workspace("default")
    write_keys(data / "keys.json", keys)
    workspace_key = read_keyring(data / "keys.json").hmac_key("default")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    environment = {**os.environ, "WANAMAKER_DATA": str(data), "WANAMAKER_PORT": str(port)}
    process = subprocess.Popen([sys.executable, "-m", "wanamaker_collector", "serve"], env=environment)
    try:
        _wait_until_ready(process, port)
        yield RunningCollector(data, port, keys, workspace_key, {})
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _wait_until_ready(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/readyz", trust_env=False).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise RuntimeError("the collector did not start")
