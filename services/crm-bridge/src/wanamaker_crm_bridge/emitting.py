"""What a mapping came to, as records for the outbox: facts for `crm-events`, what failed for `failed-events`."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

from wanamaker_shared.contracts import crm_events, failed_events
from wanamaker_shared.contracts.crm_events import (
    CompanyMerged,
    CompanyRevised,
    ContactErased,
    ContactMerged,
    ContactRevised,
    CrmEvent,
    DealMerged,
    RevenueAdjusted,
)
from wanamaker_shared.contracts.failed_events import EventFailed
from wanamaker_shared.contracts.record import Personal, canonical, encode
from wanamaker_shared.eventlog.port import NewRecord

from .dialects.question import Question
from .mapping import Failure, Webhook
from .repository.fetches import QueuedFetch
from .spreadsheet.deliveries import is_import

ORIGIN = "crm-bridge"
ASKED = "/api/"
"""How the place of a question begins that failed; which API it is follows."""
MEND = "correct it in the CRM and send it again"
MEND_ROW = "mend it here, or in the file and import that"
_CONTACTS = ("contacts", "contacts_added", "contacts_removed")
_TOLD = 20
"""How many failures of one delivery are told; the rest are counted."""


def event_record(event: CrmEvent) -> NewRecord:
    return NewRecord(crm_events.TOPIC, crm_events.key(event.workspace, event.source, subject(event)), encode(event))


def subject(event: CrmEvent) -> str:
    """What the event is about, so that all of it share a partition; a merge goes by the one merged into."""
    match event:
        case ContactRevised() | ContactErased():
            return f"contact:{event.contact_id}"
        case CompanyRevised():
            return f"company:{event.company_id}"
        case CompanyMerged():
            return f"company:{event.into_id}"
        case ContactMerged():
            return f"contact:{event.into_id}"
        case DealMerged():
            return f"deal:{event.into_id}"
        case crm_events.DealRevised() | crm_events.DealDeleted() | crm_events.DealRestored() | RevenueAdjusted():
            return f"deal:{event.deal_id}"
    raise TypeError(f"{type(event).__name__} is no record of {crm_events.TOPIC}")


def what(event: CrmEvent) -> str:
    """What it states, by name and without a value: `deal.revised amount, stage`."""
    stated = [*getattr(event, "properties", {}), *(name for name in _CONTACTS if getattr(event, name, None))]
    return " ".join([event.type, ", ".join(sorted(stated))]).strip()


def failed_record(webhook: Webhook, failures: Sequence[Failure], where: str, raw: bytes) -> NewRecord:
    """One record for all that failed of a delivery, so that its bytes are kept once.

    `raw` is the inbox record as stored, so that a replay maps the whole delivery again; `where` is its place in the log. The
    event id is made of the delivery and its revision, so that mapping again says the same once.
    """
    told = "; ".join(f"{failure.item}: {failure.reason}" for failure in failures[:_TOLD])
    more = f"; and {len(failures) - _TOLD} more" if len(failures) > _TOLD else ""
    return _failed(
        webhook.workspace,
        webhook.connection,
        identity=[webhook.delivery_id, webhook.revision],
        where=where,
        reason=f"{told}{more}; {MEND_ROW if is_import(webhook.delivery_id) else MEND}",
        whose=f"{webhook.connection}/{webhook.delivery_id}",
        raw=raw,
        at=webhook.received_at,
    )


def failed_fetch(queued: QueuedFetch, reason: str, *, at: int) -> NewRecord:
    """A question that was given up. `at` in microseconds: asked again, it may be given up again."""
    asked = Question(id=queued.fetch.id, dialect=queued.fetch.dialect, parameters=dict(queued.fetch.parameters))
    return _failed(
        queued.workspace,
        queued.connection,
        identity=["fetch", queued.fetch.id, at],
        where=f"{ASKED}{queued.fetch.dialect}",
        reason=f"{reason}; see that the connection's access is valid, then replay it",
        whose=f"{queued.connection}/{queued.fetch.id}",
        raw=canonical(asked.model_dump()),
        at=at,
    )


def _failed(
    workspace: str, connection: str, *, identity: list[object], where: str, reason: str, whose: str, raw: bytes, at: int
) -> NewRecord:
    event = EventFailed(
        workspace=workspace,
        source=connection,
        event_id=hashlib.sha256(canonical([ORIGIN, workspace, connection, *identity])).hexdigest()[:32],
        occurred_at=at,
        received_at=at,
        origin=ORIGIN,
        where=where,
        reason=reason,
        personal=Personal(key=whose, v={"raw": base64.b64encode(raw).decode()}),
    )
    return NewRecord(failed_events.TOPIC, failed_events.key(workspace, ORIGIN), encode(event))
