"""Lets a page read answers to requests that it sent with its cookies, as Snowplow's tracker does: browsers want the page's own
origin named then, and take no `*`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .answers import Send

_ANY = (b"access-control-allow-origin", b"*")


def for_origin(send: Send, headers: Iterable[tuple[bytes, bytes]]) -> Send:
    """A `send` whose answers name the origin that asks, where one does."""
    origin = next((value for name, value in headers if name == b"origin"), None)
    if origin is None:
        return send

    async def named(message: Any) -> None:
        if message["type"] == "http.response.start":
            others = [header for header in message["headers"] if header != _ANY]
            allowed = (
                (b"access-control-allow-origin", origin),
                (b"access-control-allow-credentials", b"true"),
                (b"vary", b"Origin"),
            )
            message = {**message, "headers": [*others, *allowed]}
        await send(message)

    return named
