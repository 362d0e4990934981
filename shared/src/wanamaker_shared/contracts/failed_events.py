"""Topic `failed-events`: what could not be taken, with its raw bytes and the reason. Nothing disappears.

Producers: every service. Consumer: later the replay tool. Key: workspace and origin. Retention: 30 days (inbox).
"""

from __future__ import annotations

from typing import Literal

from pydantic import TypeAdapter

from .record import Personal, Record

TOPIC = "failed-events"


class EventFailed(Record):
    """`event_id` is the failed_id that the sender was told."""

    type: Literal["event.failed"] = "event.failed"
    origin: str
    """Who refused it: `collector`, `identity`, `crm-bridge`, `attribution`."""
    where: str
    """Where it stood: an endpoint and index, or `topic/partition/offset`."""
    reason: str
    """What was wrong and what to do; holds no personal value."""
    retry_of: str | None = None
    personal: Personal
    """`v` = {"raw": base64 of the bytes}."""


TYPES = frozenset(["event.failed"])
adapter: TypeAdapter[EventFailed] = TypeAdapter(EventFailed)


def key(workspace: str, origin: str) -> str:
    return f"{workspace}/{origin}"
