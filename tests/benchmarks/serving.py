"""Servers to be measured: each a process of its own on the first core, whoever asks them on the second."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wanamaker_shared.service.keys import WorkspaceKeys, new_workspace, read_keyring, write_keys

from .browser import WEBSITE

SERVERS, CLIENTS = 0, 1
"""Cores."""


def fresh_keys(directory: Path) -> WorkspaceKeys:
    """Write keys.json; only our website may send."""
    path = directory / "keys.json"
    write_keys(path, {**new_workspace("default"), "origins": [WEBSITE]})
    return read_keyring(path).workspaces["default"]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def server(kind: str, directory: Path, *, kafka: str = "", port: int | None = None) -> Iterator[Server]:
    """One of `collector_servers`, until the block ends."""
    port = port or free_port()
    command = [sys.executable, "-m", "tests.benchmarks.collector_servers", kind, str(port), str(directory), kafka]
    log = directory / f"{kind}-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, stderr=output)
    try:
        started = Server(port, process, log)
        started.wait()
        yield started
    finally:
        process.terminate()
        process.wait(30)


class Server:
    """`log` is what it said on stderr."""

    def __init__(self, port: int, process: subprocess.Popen[bytes], log: Path) -> None:
        self.port = port
        self._process = process
        self._log = log

    def wait(self) -> None:
        """Until it answers. Raises RuntimeError with what it said."""
        for _ in range(600):
            if self._process.poll() is not None:
                break
            try:
                self.cpu()
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(f"the server does not answer; it said: {self._log.read_text()[-2000:]}")

    def cpu(self) -> float:
        """The CPU seconds it has used."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/cpu", timeout=30) as answer:
            return float(answer.read())

    def most_memory(self) -> int:
        """The most bytes that it has had in memory so far (Linux)."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) << 10

    def tracebacks(self) -> int:
        """How many it has printed."""
        return self._log.read_text().count("Traceback (most recent call last)")

    def kill(self) -> None:
        """As a failing machine would."""
        self._process.kill()
        self._process.wait(30)


def stay_on(core: int) -> None:
    """Run on this core, where there are several and the system can say so."""
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(0, {core})
