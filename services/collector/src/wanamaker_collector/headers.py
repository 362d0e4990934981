"""What the headers of a request say of the events in it, for the dialects in which an event does not say it itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Headers:
    """Texts as they were sent, each byte a character; empty where the header is missing."""

    user_agent: str = ""
    referer: str = ""
    anonymous: bool = False
    """Snowplow's `SP-Anonymous`: neither set a cookie nor keep the address."""


def headers_of(head: Mapping[bytes, bytes]) -> Headers:
    """Read the headers that `asking.head_of` found."""
    return Headers(
        user_agent=head.get(b"user-agent", b"").decode("latin-1"),
        referer=head.get(b"referer", b"").decode("latin-1"),
        anonymous=b"sp-anonymous" in head,
    )
