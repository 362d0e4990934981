"""What becomes of a request's events: each is a record of `web-events`, or one of `failed-events` with its raw bytes and
the reason. None stops another, and none disappears. Pure: the time of reception is an argument.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, NamedTuple

from wanamaker_shared.eventlog.port import NewRecord

from .consent import Declined, consent_of
from .failing import failed_record
from .mapping import Origin, time_of, to_record
from .reading import Broken, Envelope, again, raw_events
from .refusing import ID_BYTES, Refused
from .visitors import Visitor, sender_of

BATCH = "batch"


class Intake(NamedTuple):
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
    *,
    sent_at: int | None = None,
) -> Intake:
    """Judge every event of the envelope. `endpoint` is `batch`, or the kind of the only event. `sent_at` is the batch's,
    where the envelope does not say it any more.

    Raises Refused if none can be judged: sentAt, which is for all of them, is no time.
    """
    if sent_at is None:
        sent_at = time_of(envelope.fields, "sentAt")
    if visitor is not None and visitor.cookie is None:
        visitor = visitor._replace(request_id=_first_id(envelope) or _digest(body, received_at))
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
            if keeps is not None and visitor is not None and _has_token(event):
                # As if the answer to this event had set the cookie, and the next came by itself.
                visitor = visitor._replace(cookie=keeps)
    if refusals and visitor is not None and visitor.opted_out:
        kept = [refusal for refusal in refusals if _may_keep(envelope.events[refusal[0]], origin)]
        declined += len(refusals) - len(kept)
        refusals = kept
    failures = (
        _set_aside(records, refusals, body, envelope, endpoint, origin, received_at, sent_at, visitor)
        if refusals
        else []
    )
    return Intake(records, failures, declined, keep)


def _set_aside(
    records: list[NewRecord],
    refusals: list[tuple[int, str]],
    body: bytes,
    envelope: Envelope,
    endpoint: str,
    origin: Origin,
    received_at: int,
    sent_at: int | None,
    visitor: Visitor | None,
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
            whose=_whose(stated, origin, visitor, received_at),
            where=f"{envelope.where or f'/v1/{endpoint}'}[{index}]",
            received_at=received_at,
            sent_at=sent_at,
            user_agent=visitor.user_agent if visitor is not None else "",
        )
        records.append(record)
        verdict = {"index": index, "status": "failed", "reason": reason, "failed_id": failed_id}
        if isinstance(stated, dict) and _is_short(message_id := stated.get("messageId")):
            verdict["messageId"] = message_id
        verdicts.append(verdict)
    return verdicts


def _whose(event: Any, origin: Origin, visitor: Visitor | None, received_at: int) -> str:
    """The sender the event would have had; empty if nobody can be told."""
    if not isinstance(event, dict):
        event = {}
    context = event.get("context")
    context = context if isinstance(context, dict) else {}
    try:
        consent = consent_of(context, origin.policy, browser=origin.browser, opted_out=False)
        cookie = consent.cookie and context.get("cookieless") is not True
        return sender_of(event, origin.workspace_key, visitor, cookie=cookie, at=received_at).id
    except (Refused, Declined):
        return ""


def _may_keep(event: Any, origin: Origin) -> bool:
    """Whether a browser that asks not to be tracked sent an event that says otherwise."""
    context = event.get("context") if isinstance(event, dict) else None
    try:
        consent_of(context if isinstance(context, dict) else {}, origin.policy, browser=origin.browser, opted_out=True)
    except Declined:
        return False
    return True


def _has_token(event: Any) -> bool:
    context = event.get("context")
    return isinstance(context, dict) and "linkToken" in context


def _first_id(envelope: Envelope) -> str | None:
    ids = (event.get("messageId") for event in envelope.events if isinstance(event, dict))
    return next((id for id in ids if id and _is_short(id)), None)


def _digest(body: bytes, received_at: int) -> str:
    return hashlib.sha256(body + str(received_at).encode()).hexdigest()


def _is_short(message_id: Any) -> bool:
    return isinstance(message_id, str) and len(message_id) <= ID_BYTES
