"""What a request's head says: its key, its length, its browser. One pass over the headers, since every event pays for it."""

from __future__ import annotations

from typing import Any

Head = dict[bytes, bytes]


def head_of(scope: Any) -> Head:
    """The headers, names in lower case; of one that stands twice the last."""
    return dict(scope["headers"])


def address_of(scope: Any) -> str:
    """The visitor's address: the connection's, or what a trusted proxy says of it."""
    client = scope.get("client")
    return client[0] if client else ""


def is_browser(head: Head) -> bool:
    """Whether a browser sent it, and not a library with a browser's key: only they send one of these by themselves."""
    return b"origin" in head or b"sec-fetch-site" in head or b"cookie" in head


def opted_out(head: Head) -> bool:
    """Do Not Track, or Global Privacy Control (globalprivacycontrol.org)."""
    return head.get(b"dnt") == b"1" or head.get(b"sec-gpc") == b"1"


def text_of(head: Head, name: bytes) -> str:
    return head.get(name, b"").decode("latin-1")
