"""A collector as a process on Kafka, which tests stop, kill and start again on the same spool."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.standalone.running_demo import clean

from .posting import until

START_SECONDS = 60


class CollectorProcess:
    """Running from construction to `stop` or `kill`."""

    def __init__(self, data: Path, kafka: str, prefix: str, **settings: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        self._environment = {
            **clean(),
            "WANAMAKER_DATA": str(data),
            "WANAMAKER_KAFKA": kafka,
            "WANAMAKER_KAFKA_PREFIX": prefix,
            "WANAMAKER_PORT": str(port),
            **settings,
        }
        self.printed = data / "collector.log"
        self.start()

    def start(self) -> None:
        """Also again. Returns once it is ready."""
        with self.printed.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "wanamaker_collector", "serve"], env=self._environment, stderr=output
            )
        until(self._ready, START_SECONDS)

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"{self.address}{path}", timeout=30, trust_env=False)

    def spool(self) -> dict[str, int]:
        """What waits in it: records and bytes."""
        answer: dict[str, Any] = self.get("/readyz").json()
        return dict(answer.get("spool", {"records": 0, "bytes": 0}))

    def sink_is_well(self) -> bool:
        return self.get("/sink-health").status_code == 200

    def drained(self) -> bool:
        return self.sink_is_well() and self.spool()["records"] == 0

    def peak_bytes(self) -> int:
        """The most memory it ever had."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> float:
        """By SIGTERM; how long that took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(60) in (0, -signal.SIGTERM)  # uvicorn ends well, then raises the signal again
        return time.monotonic() - began

    def _ready(self) -> bool:
        assert self.process.poll() is None, self.printed.read_text()
        try:
            return self.get("/readyz").status_code == 200
        except httpx.TransportError:
            return False


@contextmanager
def collector_on(data: Path, kafka: str, prefix: str, **settings: str) -> Iterator[CollectorProcess]:
    """Killed when it is left, if it still runs."""
    collector = CollectorProcess(data, kafka, prefix, **settings)
    try:
        yield collector
    finally:
        if collector.process.poll() is None:
            collector.kill()
