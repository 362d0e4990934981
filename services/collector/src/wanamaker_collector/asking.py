"""What a request's head says: its key, its length, its browser. One pass over the headers, since every event pays for it."""

from __future__ import annotations

from typing import Any

Headers = dict[bytes, bytes]

_WANTED = frozenset(
    {
        b"authorization",
        b"content-length",
        b"content-encoding",
        b"cookie",
        b"dnt",
        b"origin",
        b"sec-fetch-site",
        b"sec-gpc",
        b"user-agent",
    }
)


def headers_of(scope: Any) -> Headers:
    """The headers that matter, names in lower case; of one that stands twice the last."""
    return {name: value for name, value in scope["headers"] if name in _WANTED}


def address_of(scope: Any) -> str:
    """The visitor's address: the connection's, or what a trusted proxy says of it."""
    client = scope.get("client")
    return client[0] if client else ""


def is_browser(headers: Headers) -> bool:
    """Whether a browser sent it, and not a library with a browser's key: only they send one of these by themselves."""
    return b"origin" in headers or b"sec-fetch-site" in headers or b"cookie" in headers


def opted_out(headers: Headers) -> bool:
    """Do Not Track, or Global Privacy Control (globalprivacycontrol.org)."""
    return headers.get(b"dnt") == b"1" or headers.get(b"sec-gpc") == b"1"


def text_of(headers: Headers, name: bytes) -> str:
    return headers.get(name, b"").decode("latin-1")
