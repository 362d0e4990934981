"""Kept-open connections that post whole requests at a small cost, for senders that must not be what is measured."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Lines:
    """Up to `most` connections to one address; who posts takes a free one, or waits for it."""

    def __init__(self, address: str, most: int = 8) -> None:
        where = urlsplit(address)
        self._host, self._port = where.hostname or "127.0.0.1", where.port or 80
        self._free: asyncio.LifoQueue[Line | None] = asyncio.LifoQueue()
        for _ in range(most):
            self._free.put_nowait(None)

    async def post(self, path: str, body: bytes, headers: dict[str, str]) -> None:
        """Raises RuntimeError at an answer that is not 200."""
        said = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\n{said}"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        line = await self._free.get()
        try:
            line, answer = await self._exchange(line, head.encode() + body)
        except (asyncio.IncompleteReadError, ConnectionError):
            if line is None:
                raise
            line, answer = await self._exchange(None, head.encode() + body)  # a server closes lines that were idle
        self._free.put_nowait(line)
        if not answer.startswith(b"http/1.1 200"):
            raise RuntimeError(f"{path} was answered {answer[:300]!r}")

    async def _exchange(self, line: Line | None, request: bytes) -> tuple[Line, bytes]:
        reader, writer = line or await asyncio.open_connection(self._host, self._port)
        writer.write(request)
        answer = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(answer.partition(b"content-length:")[2].partition(b"\r\n")[0])
        return (reader, writer), answer + await reader.readexactly(length)
