"""What is kept of a failed event, and which service can send it in again. Pure; the command line and the services share it."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

import orjson

from ..contracts import crm_webhooks
from ..contracts.failed_events import EventFailed, EventReplayed
from ..contracts.topics import TOPICS


@dataclass(frozen=True, slots=True)
class Kept:
    """`size` is how many bytes there were; fewer may be kept."""

    raw: bytes
    size: int

    @property
    def whole(self) -> bool:
        return len(self.raw) == self.size


def kept(event: EventFailed | EventReplayed) -> Kept:
    """The bytes that failed, or those that were sent in instead."""
    personal = event.personal.v if event.personal is not None else {}
    raw = _decoded(personal.get("raw")) or b""
    size = personal.get("bytes")
    return Kept(raw, size if isinstance(size, int) else len(raw))


def shown(where: str, raw: bytes) -> bytes:
    """What a person looks at and edits: of a webhook its body, which stands in base64 in the inbox; else the bytes themselves."""
    if topic_of(where) != crm_webhooks.TOPIC:
        return raw
    try:
        body = _decoded(orjson.loads(raw)["personal"]["v"]["body"])
    except (ValueError, KeyError, TypeError, IndexError):
        return raw
    return raw if body is None else body


def topic_of(where: str) -> str | None:
    """The topic of a place `topic/partition/offset`; None for an endpoint, or whatever else says where it stood."""
    topic, _, _ = where.partition("/")
    return topic if topic in TOPICS else None


def replayed_by(origin: str, where: str) -> str | None:
    """The service that can send it in again: whose endpoint it came to, or whose topic it stood in. None: `rebuild` does it."""
    if where.startswith("/"):
        return origin
    topic = topic_of(where)
    if topic is None or TOPICS[topic].kind in ("derived", "history"):
        return None
    return TOPICS[topic].writers[0].rpartition("-")[0]


def _decoded(encoded: object) -> bytes | None:
    if not isinstance(encoded, str):
        return None
    try:
        return base64.b64decode(encoded, validate=True)
    except binascii.Error:
        return None
