"""What becomes of a request's events: each is a record of `web-events`, or one of `failed-events` with its raw bytes and
the reason. None stops another, and none disappears. Pure: the time of reception is an argument.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from wanamaker_shared.contracts.record import canonical
from wanamaker_shared.eventlog.port import NewRecord

from .consent import Declined
from .failing import failed_record
from .mapping import Origin, time_of, to_record
from .reading import Broken, Envelope, raw_events
from .refusing import ID_BYTES, Refused
from .visitors import Visitor, sender_of

BATCH = "batch"


@dataclass(frozen=True, slots=True)
class Intake:
    """Records to append together, and a verdict for each event that failed, in the order of the body."""

    records: list[NewRecord]
    failures: list[dict[str, Any]]
    declined: int = 0
    """Events that their visitors do not want to be stored; nothing is left of them."""
    keep: str | None = None
    """The visitor's id, for the browser's cookie."""

    @property
    def accepted(self) -> int:
        return len(self.records) - len(self.failures)


def take_in(
    body: bytes,
    envelope: Envelope,
    endpoint: str,
    origin: Origin,
    received_at: int,
    visitor: Visitor | None = None,
) -> Intake:
    """Judge every event of the envelope. `endpoint` is `batch`, or the kind of the only event.

    Raises Refused if none can be judged: sentAt, which is for all of them, is no time.
    """
    sent_at = time_of(envelope.fields, "sentAt")
    if visitor is not None and visitor.cookie is None:
        visitor = replace(visitor, request_id=_first_id(envelope))
    records: list[NewRecord] = []
    refusals: list[tuple[int, str]] = []
    declined, keep = 0, None
    for index, event in enumerate(envelope.events):
        kind = endpoint if endpoint != BATCH else event.get("type") if isinstance(event, dict) else None
        try:
            if isinstance(event, Broken):
                raise Refused(event.reason)
            record, keeps = to_record(
                event,
                kind,
                origin,
                received_at=received_at,
                sent_at=sent_at,
                unsafe=envelope.unsafe,
                visitor=visitor,
            )
        except Refused as refusal:
            refusals.append((index, str(refusal)))
        except Declined:
            declined += 1
        else:
            records.append(record)
            keep = keeps or keep
    failures = _set_aside(records, refusals, body, envelope, endpoint, origin, received_at) if refusals else []
    return Intake(records, failures, declined, keep)


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
    raws = raw_events(body, len(envelope.events)) if endpoint == BATCH else (body,)
    verdicts = []
    for index, reason in refusals:
        event = envelope.events[index]
        failed_id, record = failed_record(
            _again(event, body) if raws is None else raws[index],
            reason,
            workspace=origin.workspace,
            source=origin.source,
            whose=_whose(event, origin),
            where=f"/v1/{endpoint}[{index}]",
            received_at=received_at,
        )
        records.append(record)
        verdict = {"index": index, "status": "failed", "reason": reason, "failed_id": failed_id}
        if isinstance(event, dict) and _is_short(message_id := event.get("messageId")):
            verdict["messageId"] = message_id
        verdicts.append(verdict)
    return verdicts


def _whose(event: Any, origin: Origin) -> str:
    try:
        return sender_of(event, origin.workspace_key).id if isinstance(event, dict) else ""
    except Refused:
        return ""


def _first_id(envelope: Envelope) -> str | None:
    ids = (event.get("messageId") for event in envelope.events if isinstance(event, dict))
    return next((id for id in ids if id and _is_short(id)), None)


def _is_short(message_id: Any) -> bool:
    return isinstance(message_id, str) and len(message_id) <= ID_BYTES


def _again(event: Any, body: bytes) -> bytes:
    """An event whose bytes cannot be found in the body, written again; else the body whole."""
    try:
        return canonical(event)
    except TypeError:
        return body
