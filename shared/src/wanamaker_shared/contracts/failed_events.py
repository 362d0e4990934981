"""Topic `failed-events`: what could not be taken, with its bytes and the reason, and what was sent in again. Nothing disappears.

Producers: every service. Readers: `wanamaker failed`, and the services that send their failed events in again (`failed/`).
Key: workspace and origin. Retention: 30 days (inbox).
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
    sent_at: int | None = None
    """What the batch around the event said of its sender's clock, which the event's own time is corrected by."""
    personal: Personal
    """`v` = {"raw": base64 of the bytes}; with {"bytes": n} only the first of n were kept. {"user_agent": the browser's}."""


class EventReplayed(Record):
    """A failed event was sent in again, as it was or edited, and is durable in `topic`.

    `source` is the id of the admin key that did it, `event_id` is made of failed_id, revision and bytes: saying it twice is
    one statement. A replay that fails leaves no record, since the failed event stands as it was.
    """

    type: Literal["event.replayed"] = "event.replayed"
    origin: str
    """The failed event's."""
    retry_of: str
    """The failed_id."""
    topic: str
    """Where it went; there it is the record (as_source, as_sender, as_event_id) with as_revision."""
    as_source: str
    as_sender: str = ""
    as_event_id: str
    as_revision: int = 0
    sha256: str
    """Of the bytes that were sent in, hex."""
    personal: Personal | None = None
    """Of an edited event `v` = {"raw": base64 of the edited bytes}."""


TYPES = frozenset(["event.failed", "event.replayed"])
adapter: TypeAdapter[EventFailed] = TypeAdapter(EventFailed)
replayed_adapter: TypeAdapter[EventReplayed] = TypeAdapter(EventReplayed)


def key(workspace: str, origin: str) -> str:
    return f"{workspace}/{origin}"
