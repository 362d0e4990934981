"""The outside of a generic event: its type, its id, and when it happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wanamaker_crm_bridge.fields import Fields
from wanamaker_crm_bridge.mapping import Context, Unmappable, Webhook, event_id
from wanamaker_crm_bridge.values import identifier, microseconds

from .stating import AHEAD


@dataclass(frozen=True, slots=True)
class GenericEvent:
    id: str
    """The event's `id`; without one, the delivery's (and its place in the list)."""
    occurred_at: int
    fields: Fields
    webhook: Webhook
    context: Context

    @property
    def workspace_key(self) -> bytes:
        return self.context.workspace_key

    def envelope(self, index: int) -> dict[str, Any]:
        """The fields that every record has, for the event's `index`-th record."""
        return {
            "workspace": self.webhook.workspace,
            "source": self.context.connection.speaks_of or self.webhook.connection,
            "event_id": event_id(self.webhook.connection, self.id, index),
            "revision": self.webhook.revision,
            "occurred_at": self.occurred_at,
            "received_at": self.webhook.received_at,
        }


def event_type(value: Any) -> str:
    kind = Fields(value).raw("type")
    if not isinstance(kind, str):
        raise Unmappable("type", "is missing" if kind is None else "must be text")
    return kind


def read_event(value: Any, webhook: Webhook, context: Context, position: int | None) -> GenericEvent:
    """`position` is the event's place in a body that is a list. Raises Unmappable."""
    fields = Fields(value)
    delivery = webhook.delivery_id if position is None else f"{webhook.delivery_id}/{position}"
    occurred_at = fields.optional("occurred_at", microseconds)
    return GenericEvent(
        id=fields.optional("id", identifier) or delivery,
        occurred_at=min(webhook.received_at if occurred_at is None else occurred_at, webhook.received_at + AHEAD),
        fields=fields,
        webhook=webhook,
        context=context,
    )
