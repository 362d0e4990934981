"""The collector as a process, on a socket: bodies of 60 MB, announced or in chunks, cost it nothing; SIGTERM ends it well."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.e2e

MEGABYTE = 1 << 20


@pytest.fixture
def port(tmp_path: Path, keys: dict[str, Any]) -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        chosen: int = free.getsockname()[1]
    environment = {**os.environ, "WANAMAKER_DATA": str(tmp_path), "WANAMAKER_PORT": str(chosen)}
    process = subprocess.Popen([sys.executable, "-m", "wanamaker_collector", "serve"], env=environment)
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
        assert peak_bytes(process.pid) < 250 * MEGABYTE
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


def head(key: str, *more: str) -> bytes:
    basic = b64encode(f"{key}:".encode()).decode()
    lines = ["POST /v1/batch HTTP/1.1", "Host: x", f"Authorization: Basic {basic}", *more]
    return "\r\n".join([*lines, "", ""]).encode()


def test_sixty_megabytes(port: int, keys: dict[str, Any]) -> None:
    key = keys["write_key"]
    good = b'{"batch":[{"type":"page","anonymousId":"c1"}]}'
    for _ in range(2):
        pieces = [b"x" * MEGABYTE] * 60
        assert talk(port, head(key, f"Content-Length: {60 * MEGABYTE}"), *pieces).startswith(b"HTTP/1.1 413")
        chunks = [b"%x\r\n" % MEGABYTE + piece + b"\r\n" for piece in pieces]
        answer = talk(port, head(key, "Transfer-Encoding: chunked"), *chunks, b"0\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 413")
        assert b"application/problem+json" in answer
        assert talk(port, head(key, f"Content-Length: {len(good)}"), good).startswith(b"HTTP/1.1 200")
        chunked = b"%x\r\n" % len(good) + good + b"\r\n0\r\n\r\n"
        assert talk(port, head(key, "Transfer-Encoding: chunked"), chunked).startswith(b"HTTP/1.1 200")


def test_hostile_requests_leave_it_serving(port: int, keys: dict[str, Any]) -> None:
    key = keys["write_key"]
    for garbage in (b"\x00\x01\x02\r\n\r\n", head(key, "Content-Length: -1"), head(key, "Content-Length: x") + b"{}"):
        assert not talk(port, garbage).startswith(b"HTTP/1.1 5")
    half = socket.create_connection(("127.0.0.1", port))
    half.sendall(head(key, "Content-Length: 100") + b'{"batch"')
    half.close()
    good = b'{"batch":[{"type":"page","anonymousId":"c1"}]}'
    assert talk(port, head(key, f"Content-Length: {len(good)}"), good).startswith(b"HTTP/1.1 200")
