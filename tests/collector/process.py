"""A service in a process of its own (the collector unless told), and plain bytes over a socket to it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

MEGABYTE = 1 << 20


@pytest.fixture
def port(tmp_path: Path, keys: dict[str, Any]) -> Iterator[int]:
    with serving(tmp_path) as chosen:
        yield chosen


@contextmanager
def serving(
    data: Path, *, module: str = "wanamaker_collector", most_bytes: int = 250 * MEGABYTE, **settings: str
) -> Iterator[int]:
    """The port of a `serve` with these settings (without `WANAMAKER_`); its memory is bounded and it ends well."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        chosen: int = free.getsockname()[1]
    stated = {"data": str(data), "port": str(chosen), **settings}
    environment = {**os.environ, **{f"WANAMAKER_{name.upper()}": value for name, value in stated.items()}}
    process = subprocess.Popen([sys.executable, "-m", module, "serve"], env=environment)
    try:
        for _ in range(600):
            assert process.poll() is None
            try:
                if talk(chosen, b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").startswith(
                    b"HTTP/1.1 200"
                ):
                    break
            except OSError:
                time.sleep(0.05)
        yield chosen
        assert peak_bytes(process.pid) < most_bytes
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) in (0, -signal.SIGTERM)  # uvicorn ends well, then raises the signal again


def talk(port: int, *pieces: bytes) -> bytes:
    """Send the pieces, and read until the server closes or has nothing more to say."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        for piece in pieces:
            connection.sendall(piece)
        answer = b""
        while b"\r\n\r\n" not in answer:
            received = connection.recv(65536)
            if not received:
                break
            answer += received
        return answer


def peak_bytes(pid: int) -> int:
    """The most memory the process ever had; 0 where the system does not tell."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return 0
    return next(int(line.split()[1]) * 1024 for line in status.read_text().splitlines() if line.startswith("VmHWM"))
