"""The answer to a browser that asks whether a page of another origin may send (CORS preflight, Fetch Standard 4.8).

It comes without a key, so a website is let through here if any key lets it; the request itself is held to its own key.
"""

from __future__ import annotations

from .answers import Answer, problem


def preflight(*, allowed: bool) -> Answer:
    return _ALLOWED if allowed else _REFUSED


_ALLOWED = Answer(
    204,
    b"",
    b"",
    (
        (b"access-control-allow-methods", b"GET, POST"),
        (b"access-control-allow-headers", b"authorization, content-type, sp-anonymous, x-retry-count"),
        (b"access-control-max-age", b"7200"),
    ),
)
_REFUSED = problem(403, "No key lets this website send; `wanamaker keys allow` does.")
