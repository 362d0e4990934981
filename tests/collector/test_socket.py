"""The collector as a process, on a socket: bodies of 60 MB, announced or in chunks, cost it nothing; SIGTERM ends it well."""

from __future__ import annotations

import socket
from base64 import b64encode
from typing import Any

import pytest

from .process import talk

pytestmark = pytest.mark.e2e

MEGABYTE = 1 << 20


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
