"""A record that a projection could not take in, as a record of `failed-events`: its bytes, and why, without quoting it."""

from __future__ import annotations

import base64
import hashlib

import orjson

from ..contracts import failed_events
from ..contracts.record import Personal, encode
from ..service.errors import describe
from .port import Batch, NewRecord, StoredRecord


def set_aside(batch: Batch, record: StoredRecord, error: BaseException, *, origin: str, at: int) -> NewRecord:
    """The failed event of one record of the batch. `origin` is the service, `at` the time in microseconds.

    Its event id is made of origin and place, so that however often it is relayed it is one record.
    """
    where = f"{batch.topic}/{batch.partition}/{record.offset}"
    workspace = record.key.partition("/")[0]
    event = failed_events.EventFailed(
        workspace=workspace,
        source=origin,
        event_id=hashlib.sha256(f"{origin}:{where}".encode()).hexdigest()[:32],
        occurred_at=at,
        received_at=at,
        origin=origin,
        where=where,
        reason=f"{describe(error)}; kept here, replay it after a fix",
        personal=Personal(key=_whose(record.value), v={"raw": base64.b64encode(record.value).decode()}),
    )
    return NewRecord(failed_events.TOPIC, failed_events.key(workspace, origin), encode(event))


def _whose(value: bytes) -> str:
    """Whose personal values the record holds, so that erasing that person finds it here; empty if it cannot be read."""
    try:
        key = orjson.loads(value)["personal"]["key"]
    except (ValueError, KeyError, TypeError, IndexError):
        return ""
    return key if isinstance(key, str) else ""
