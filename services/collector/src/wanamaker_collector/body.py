"""Reads a request's body and stops at the limit: no more than that is ever held, whatever the client sends or announces."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


class TooLarge(Exception):
    """The body is longer than the limit, or says that it is."""


class TooSlow(Exception):
    """The rest of the body did not come in time."""


class Gone(Exception):
    """The client hung up before its body was complete; nobody waits for an answer."""


class NoRoom(Exception):
    """All requests together hold as many bytes as they may."""


@dataclass(slots=True)
class Room:
    """Bytes of bodies held by all requests together, from their first byte to their answer."""

    limit: int
    taken: int = 0


async def read_body(receive: Receive, room: Room, *, limit: int, seconds: float) -> bytes:
    """The whole body. While it is incomplete it is counted in `room`; the caller counts it from then on.

    `seconds` bounds the time from its first to its last byte. Raises TooLarge, TooSlow, NoRoom, Gone.
    """
    message = await receive()
    if room.taken >= room.limit:
        raise NoRoom
    if message["type"] == "http.request" and not message.get("more_body", False):
        body: bytes = message.get("body", b"")
        if len(body) > limit:
            raise TooLarge
        return body
    try:
        async with asyncio.timeout(seconds):
            return await _rest(message, receive, room, limit)
    except TimeoutError as error:
        raise TooSlow from error


async def _rest(message: MutableMapping[str, Any], receive: Receive, room: Room, limit: int) -> bytes:
    body = bytearray()
    try:
        while message["type"] == "http.request":
            piece = message.get("body", b"")
            body += piece
            room.taken += len(piece)
            if len(body) > limit:
                raise TooLarge
            if room.taken > room.limit:
                raise NoRoom
            if not message.get("more_body", False):
                return bytes(body)
            message = await receive()
        raise Gone
    finally:
        room.taken -= len(body)
