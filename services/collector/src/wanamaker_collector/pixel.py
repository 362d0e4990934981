"""The pixel: a picture of one dot whose address says what was seen, for e-mails and for pages without scripts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from .headers import Headers
from .reading import Envelope
from .snowplow import query_parameters

PIXEL = "/pixel.gif"

PARAMETERS = {
    "k": "The write key, unless the Authorization header names it.",
    "a": "The visitor's anonymousId.",
    "u": "Your own id of the person.",
    "e": "The name of what happened; without it the picture stands for a page view.",
    "url": "The page's address; without it the header `Referer`, the page that shows the picture.",
    "r": "The address of the page before it.",
    "m": "The event's own id: a repetition with it counts once. Without it each showing counts.",
}
"""Parameter → its meaning, for OpenAPI too. Further ones are kept as properties."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read_pixel(query: bytes, headers: Headers, *, keyed: bool, received_at: int) -> Envelope:
    """One page view or track, happened when it was received (microseconds): a picture has no clock."""
    stated = query_parameters(query)
    key = None if keyed else stated.get("k")
    page = {"url": stated.get("url") or headers.referer, "referrer": stated.get("r", "")}
    event: dict[str, Any] = {
        "type": "track" if "e" in stated else "page",
        "timestamp": (_EPOCH + timedelta(microseconds=received_at)).isoformat(timespec="microseconds"),
        "properties": {name: value for name, value in stated.items() if name not in PARAMETERS},
        "context": {
            "page": {name: value for name, value in page.items() if value},
            "userAgent": headers.user_agent,
            "library": {"name": "pixel"},
        },
    }
    for ours, theirs in (("anonymousId", "a"), ("userId", "u"), ("event", "e"), ("messageId", "m")):
        if theirs in stated:
            event[ours] = stated[theirs]
    return Envelope({}, key, [event], unsafe=True, where=PIXEL, raws=lambda: (query,))
