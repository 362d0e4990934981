"""What Snowplow's events of every kind have in common: who, when, on which page, with which device and entities."""

from __future__ import annotations

from typing import Any

from wanamaker_shared.contracts.identifiers import is_junk_id

from .headers import Headers
from .snowplow_parameters import Malformed, Parameters, json_of, text_of, time_of

_COOKIES = ("tnuid", "nuid", "duid")
"""The cookie's id: what the tracker says the collector's cookie is, that cookie, the browser's own."""

COMMON = frozenset("e aid eid uid dtm stm ttm url page refr ua lang tz res ip tv co cx".split() + list(_COOKIES))
"""Parameters that have a place in the event. All others are kept under `context.snowplow`."""


def common_members(stated: Parameters, headers: Headers) -> dict[str, Any]:
    """The members that every Segment event has, without the key. Raises Malformed."""
    cookies = {name: found for name in _COOKIES if (found := text_of(stated, name)) is not None}
    timestamp, sent_at = _times(stated)
    members = {
        "messageId": text_of(stated, "eid"),
        "userId": text_of(stated, "uid"),
        "anonymousId": next((found for found in cookies.values() if not is_junk_id(found)), None),
        "timestamp": timestamp,
        "sentAt": sent_at,
    }
    context = _context(stated, headers)
    if len(cookies) > 1:
        context["cookies"] = cookies
    return {**{name: value for name, value in members.items() if value is not None}, "context": context}


def _times(stated: Parameters) -> tuple[str | None, str | None]:
    """Timestamp and sentAt. A true time (`ttm`) is taken as it is.

    As with Snowplow, a clock that says an event was sent before it happened says nothing: it happened when it was received.
    (The Python tracker cuts `stm` to whole seconds.)
    """
    true, created, sent = (time_of(stated, name) for name in ("ttm", "dtm", "stm"))
    if true is not None:
        return true, None
    if created is not None and sent is not None and sent < created:
        return created, created
    return created, sent


def _context(stated: Parameters, headers: Headers) -> dict[str, Any]:
    agent = text_of(stated, "ua")
    if agent is None and stated.get("p") == "web":
        agent = headers.user_agent  # a page's tracker leaves that to the browser; a server's agent is not its visitor's
    page = {"url": text_of(stated, "url"), "title": text_of(stated, "page"), "referrer": text_of(stated, "refr")}
    context: dict[str, Any] = {
        "page": {name: value for name, value in page.items() if value is not None},
        "userAgent": agent,
        "locale": text_of(stated, "lang"),
        "timezone": text_of(stated, "tz"),
        "ip": None if headers.anonymous else text_of(stated, "ip"),
        "screen": _size(text_of(stated, "res")),
        "library": {"name": "snowplow", **({"version": version} if (version := text_of(stated, "tv")) else {})},
        "entities": _entities(stated),
        "cookieless": headers.anonymous or None,
    }
    return {name: value for name, value in context.items() if value}


def _size(text: str | None) -> dict[str, int] | None:
    width, x, height = (text or "").partition("x")
    if not x or not all(part.isascii() and part.isdigit() and len(part) < 6 for part in (width, height)):
        return None
    return {"width": int(width), "height": int(height)}


def _entities(stated: Parameters) -> list[Any] | None:
    document = json_of(stated, "co", "cx")
    if document is None:
        return None
    entities = document.get("data")
    if not isinstance(entities, list):
        raise Malformed("co or cx must hold a list, data, of self-describing JSON")
    return entities
