"""A file on its way from a request to the disk: hashed as it comes, bounded in bytes and time, never in memory as a whole."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import ClientDisconnect, Request

from wanamaker_shared.service.problems import Problem

_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Received:
    sha256: str
    size: int


async def receive_file(request: Request, path: Path, *, limit: int, seconds: float) -> Received:
    """Raises Problem: 413 as soon as more than `limit` bytes are announced or came, 408 after `seconds`, 507 on a full disk."""
    announced = request.headers.get("content-length", "")
    if announced.isascii() and announced.isdigit() and (len(announced) > 18 or int(announced) > limit):
        raise _too_large(limit)
    digest, size = hashlib.sha256(), 0
    try:
        with await asyncio.to_thread(path.open, "wb") as file:
            async with asyncio.timeout(seconds):
                piece = bytearray()
                async for chunk in request.stream():
                    size += len(chunk)
                    if size > limit:
                        raise _too_large(limit)
                    digest.update(chunk)
                    piece += chunk
                    if len(piece) >= _PIECE:
                        await asyncio.to_thread(file.write, piece)
                        piece = bytearray()
                await asyncio.to_thread(file.write, piece)
    except TimeoutError:
        raise Problem(408, "Request Timeout", f"The file did not arrive within {seconds:g} seconds.") from None
    except ClientDisconnect:
        raise Problem(400, "Bad Request", "The connection ended before the file did.") from None
    except OSError:
        raise no_room() from None
    return Received(digest.hexdigest(), size)


def no_room() -> Problem:
    return Problem(507, "Insufficient Storage", "The disk does not take the file; make room and send it again.")


def _too_large(limit: int) -> Problem:
    return Problem(
        413,
        "Content Too Large",
        f"A spreadsheet has at most {limit:,} bytes (WANAMAKER_IMPORT_BYTES); send it in parts.",
        headers={"Connection": "close"},
    )
