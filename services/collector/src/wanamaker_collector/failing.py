"""The record of an event that could not be taken: its bytes as they were sent and the reason, on `failed-events`."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from wanamaker_shared.contracts import failed_events
from wanamaker_shared.contracts.record import canonical
from wanamaker_shared.eventlog.port import NewRecord

from .robots import LONGEST

ORIGIN = "collector"

RAW_BYTES = 700_000
"""As much of the raw bytes as fits, in base64, into a message of Kafka's default size; of more the length is kept beside."""


def failed_record(
    raw: bytes,
    reason: str,
    *,
    workspace: str,
    source: str,
    whose: str,
    where: str,
    received_at: int,
    sent_at: int | None = None,
    user_agent: str = "",
) -> tuple[str, NewRecord]:
    """The failed_id, by which the sender and the operator speak of the event, and the record.

    `whose` is the event's sender if it tells one, so that erasing that person finds it here; else empty. `sent_at` is the
    batch's, without which a replay could not tell when the event happened; `user_agent` the browser's, by which it is judged.
    """
    failed_id = hashlib.sha256(canonical([workspace, source, where, received_at]) + raw).hexdigest()[:32]
    kept = {"raw": base64.b64encode(raw[:RAW_BYTES]).decode()}
    if user_agent:
        kept["user_agent"] = user_agent[:LONGEST]
    fields: dict[str, Any] = {
        "type": "event.failed",
        "workspace": workspace,
        "source": source,
        "sender": "",
        "event_id": failed_id,
        "revision": 0,
        "occurred_at": received_at,
        "received_at": received_at,
        "schema_version": 1,
        "origin": ORIGIN,
        "where": where,
        "reason": reason,
        "personal": {"key": whose, "v": kept if len(raw) <= RAW_BYTES else {**kept, "bytes": len(raw)}},
    }
    if sent_at is not None:
        fields["sent_at"] = sent_at
    return failed_id, NewRecord(failed_events.TOPIC, failed_events.key(workspace, ORIGIN), canonical(fields))
