"""What the headers of a request say of the events in it, for the dialects in which an event does not say it itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Headers:
    """Texts as they were sent, each byte a character; empty where the header is missing."""

    user_agent: str = ""
    referer: str = ""
    anonymous: bool = False
    """Snowplow's `SP-Anonymous`: neither set a cookie nor keep the address."""


def headers_of(raw: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Read ASGI's headers, whose names are lower case."""
    found = dict(raw)
    return Headers(
        user_agent=found.get(b"user-agent", b"").decode("latin-1"),
        referer=found.get(b"referer", b"").decode("latin-1"),
        anonymous=b"sp-anonymous" in found,
    )
