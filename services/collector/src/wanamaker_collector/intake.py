"""What becomes of a request's events: each is a record of `web-events`, or one of `failed-events` with its raw bytes and
the reason. None stops another, and none disappears. Pure: the time of reception is an argument.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from wanamaker_shared.eventlog.port import NewRecord

from .failing import failed_record
from .mapping import ID_BYTES, Origin, Refused, sender_of, time_of, to_record
from .reading import Broken, Envelope, again, raw_events

BATCH = "batch"


@dataclass(frozen=True, slots=True)
class Intake:
    """Records to append together, and a verdict for each event that failed, in the order of the body."""

    records: list[NewRecord]
    failures: list[dict[str, Any]]

    @property
    def accepted(self) -> int:
        return len(self.records) - len(self.failures)


def take_in(body: bytes, envelope: Envelope, endpoint: str, origin: Origin, received_at: int) -> Intake:
    """Judge every event of the envelope. `endpoint` is `batch`, or the kind of the only event.

    Raises Refused if none can be judged: sentAt, which is for all of them, is no time.
    """
    sent_at = time_of(envelope.fields, "sentAt")
    records: list[NewRecord] = []
    refusals: list[tuple[int, str]] = []
    for index, event in enumerate(envelope.events):
        kind = endpoint if endpoint != BATCH else event.get("type") if isinstance(event, dict) else None
        try:
            if isinstance(event, Broken):
                raise Refused(event.reason)
            record = to_record(event, kind, origin, received_at=received_at, sent_at=sent_at, unsafe=envelope.unsafe)
        except Refused as refusal:
            refusals.append((index, str(refusal)))
        else:
            records.append(record)
    failures = _set_aside(records, refusals, body, envelope, endpoint, origin, received_at) if refusals else []
    return Intake(records, failures)


def _set_aside(
    records: list[NewRecord],
    refusals: list[tuple[int, str]],
    body: bytes,
    envelope: Envelope,
    endpoint: str,
    origin: Origin,
    received_at: int,
) -> list[dict[str, Any]]:
    """Add a failed record for each refusal; the verdicts on them."""
    raws: Sequence[bytes | None] = (body,)
    if envelope.raws is not None:
        raws = envelope.raws()
    elif endpoint == BATCH:
        raws = raw_events(body, len(envelope.events)) or [again(event) for event in envelope.events]
    whole = body
    verdicts = []
    for index, reason in refusals:
        event = envelope.events[index]
        stated = event.ids if isinstance(event, Broken) else event
        raw = raws[index]
        if raw is None:  # kept with the first of them only: a body of many such would grow a hundredfold
            raw, whole = whole, b""
        failed_id, record = failed_record(
            raw,
            reason,
            workspace=origin.workspace,
            source=origin.source,
            whose=_whose(stated, origin),
            where=f"{envelope.where or f'/v1/{endpoint}'}[{index}]",
            received_at=received_at,
        )
        records.append(record)
        verdict = {"index": index, "status": "failed", "reason": reason, "failed_id": failed_id}
        if isinstance(stated, dict) and _is_short(message_id := stated.get("messageId")):
            verdict["messageId"] = message_id
        verdicts.append(verdict)
    return verdicts


def _whose(event: Any, origin: Origin) -> str:
    try:
        return sender_of(event, origin)[0] if isinstance(event, dict) else ""
    except Refused:
        return ""


def _is_short(message_id: Any) -> bool:
    return isinstance(message_id, str) and len(message_id) <= ID_BYTES
