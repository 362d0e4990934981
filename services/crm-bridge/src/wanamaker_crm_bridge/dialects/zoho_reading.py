"""What Zoho CRM's API says: records as they are, the contacts of deals, converted leads, deals that were deleted.

A record tells in whole seconds when it changed (`whole_seconds`). A lead that was converted is part of its contact from then on.
`readers/zoho.py` makes the document.
"""

from __future__ import annotations

from collections.abc import Iterator

from wanamaker_crm_bridge.fields import Fields
from wanamaker_crm_bridge.json_body import read_json
from wanamaker_crm_bridge.mapping import Context, Failure, Mapped, Unmappable, Webhook
from wanamaker_crm_bridge.values import identifier, items, list_of, microseconds
from wanamaker_shared.contracts.crm_events import CrmEvent

from .pages import reconciled
from .whole_seconds import read_after, whole_micros
from .zoho import READING, Statements
from .zoho_fields import FIELDS, deal_meant, linked, stages_of

_DELETED = "deleted"


def map_reading(webhook: Webhook, context: Context) -> Mapped:
    statements = Statements(webhook, context)
    try:
        answer = Fields(read_json(webhook.body))
        reading = _Reading(answer, statements)
        found = [(kind, value) for kind in (*FIELDS, _DELETED) for value in items(answer.raw(kind) or [], kind)]
    except Unmappable as problem:
        return Mapped(failures=(Failure("answer", str(problem)),))
    events: list[CrmEvent] = []
    failures: list[Failure] = []
    for number, (kind, value) in enumerate(found):
        try:
            events += list(reading.record(kind, Fields(value)))
        except Unmappable as problem:
            failures.append(Failure(f"{kind} {_name(value, number)}", str(problem)))
    return Mapped(tuple(events), tuple(failures), standing=statements.standing, **reconciled(answer, READING))


class _Reading:
    def __init__(self, answer: Fields, statements: Statements) -> None:
        self._statements = statements
        self._read = answer.required("read", whole_micros)
        self._stages = stages_of(items(answer.raw("stages") or [], "stages"))
        self._roles = {
            Fields(row).id("deal"): Fields(row).required("contacts", list_of(identifier))
            for row in items(answer.raw("roles") or [], "roles")
        }

    def record(self, kind: str, found: Fields) -> Iterator[CrmEvent]:
        record_id = found.id()
        if kind == _DELETED:
            yield self._statements.deleted(record_id, found.required("deleted_time", microseconds))
            return
        at = read_after(found.required("Modified_Time", microseconds), self._read)
        yield from self._statements.of(kind, found, record_id, at)
        if kind == "Deals":
            yield from self._deal(found, record_id, at)
        elif kind == "Leads":
            yield from self._converted(found, record_id)

    def _deal(self, found: Fields, deal_id: str, at: int) -> Iterator[CrmEvent]:
        meant = deal_meant(found, self._stages)
        if meant is not None:
            yield self._statements.stood(self._statements.stating.deal(deal_id, meant, at))
        contact = found.optional("Contact_Name", linked)
        everybody = {*([] if contact is None else [contact]), *self._roles.get(deal_id, [])}
        yield self._statements.contacts(deal_id, sorted(everybody), at)

    def _converted(self, found: Fields, lead_id: str) -> Iterator[CrmEvent]:
        contact = found.optional("Converted_Contact", linked)
        if contact is not None:
            converted = found.optional("Converted_Date_Time", microseconds)
            at = found.required("Modified_Time", microseconds) if converted is None else converted
            yield self._statements.stating.merge("contact", lead_id, contact, at)


def _name(value: object, number: int) -> str:
    """Which of the answer's records could not be read: its id, else its place."""
    try:
        return Fields(value).id()
    except Unmappable:
        return f"number {number}"
