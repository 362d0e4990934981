"""Reading a request's body with a limit that holds while it arrives, in bytes and in time."""

from __future__ import annotations

import asyncio

from starlette.requests import ClientDisconnect, Request

from wanamaker_shared.service.problems import Problem


async def read_body(request: Request, *, limit: int, seconds: float) -> bytes:
    """The raw body. Raises Problem: 413 as soon as more than `limit` bytes are announced or came, 408 after `seconds`."""
    announced = request.headers.get("content-length", "")
    if announced.isascii() and announced.isdigit() and (len(announced) > 18 or int(announced) > limit):
        raise _too_large(limit)
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.stream():
                body += chunk
                if len(body) > limit:
                    raise _too_large(limit)
    except TimeoutError:
        raise Problem(408, "Request Timeout", f"The body did not arrive within {seconds:g} seconds.") from None
    except ClientDisconnect:
        raise Problem(400, "Bad Request", "The connection ended before the body did.") from None
    return bytes(body)


def _too_large(limit: int) -> Problem:
    return Problem(413, "Content Too Large", f"A webhook has at most {limit} bytes.", headers={"Connection": "close"})
