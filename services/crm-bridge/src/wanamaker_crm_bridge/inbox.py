"""A raw request as a record of the inbox topic. Nothing of the body is read here: a fixed mapping can read it again."""

from __future__ import annotations

import base64

from wanamaker_shared.contracts import crm_webhooks
from wanamaker_shared.contracts.crm_webhooks import WebhookReceived
from wanamaker_shared.contracts.record import Personal, encode
from wanamaker_shared.eventlog.port import NewRecord

from .mapping import MAPPING_VERSION, Webhook

FETCHED = "fetch:"
"""Begins the delivery id of an API's answer; the question's id follows."""


def inbox_record(webhook: Webhook, *, dialect: str, verified_by: str) -> NewRecord:
    """A delivery has one identity however often it comes: (workspace, connection, the sender's id of it)."""
    record = WebhookReceived(
        workspace=webhook.workspace,
        source=webhook.connection,
        event_id=webhook.delivery_id,
        occurred_at=webhook.received_at,
        received_at=webhook.received_at,
        revision=webhook.revision,
        dialect=dialect,
        mapping_version=MAPPING_VERSION,
        headers=dict(webhook.headers),
        verified_by=verified_by,
        personal=Personal(
            key=f"{webhook.connection}/{webhook.delivery_id}", v={"body": base64.b64encode(webhook.body).decode()}
        ),
    )
    return NewRecord(crm_webhooks.TOPIC, crm_webhooks.key(webhook.workspace, webhook.connection), encode(record))


def webhook_of(record: WebhookReceived) -> Webhook:
    """Raises ValueError if the record has no readable body."""
    return Webhook(
        workspace=record.workspace,
        connection=record.source,
        delivery_id=record.event_id,
        received_at=record.received_at,
        body=base64.b64decode(record.personal.v["body"], validate=True),
        revision=record.revision,
        headers=record.headers,
        mapping_version=record.mapping_version or 1,
    )
