"""What Zoho CRM's API says: records as they are, the contacts of deals, converted leads, deals that were deleted.

A record tells in whole seconds when it changed (`whole_seconds`). A lead that was converted is part of its contact from then on.
`readers/zoho.py` makes the document.
"""

from __future__ import annotations

from collections.abc import Iterator

from wanamaker_crm_bridge.fields import Fields
from wanamaker_crm_bridge.mapping import Context, Mapped, Webhook
from wanamaker_crm_bridge.values import identifier, microseconds
from wanamaker_shared.contracts.crm_events import CrmEvent

from .pages import map_answer, rows
from .whole_seconds import read_after, whole_micros
from .zoho import READING, Statements
from .zoho_fields import FIELDS, deal_meant, linked, stages_of

_DELETED = "deleted"
_LISTS = {kind: kind for kind in (*FIELDS, _DELETED)}


def map_reading(webhook: Webhook, context: Context) -> Mapped:
    return map_answer(webhook, READING, _LISTS, lambda answer: _Reading(answer, Statements(webhook, context)))


class _Reading:
    """See `pages.Reading`."""

    def __init__(self, answer: Fields, statements: Statements) -> None:
        self._statements = statements
        self.standing = statements.standing
        self._read = answer.required("read", whole_micros)
        self._stages = stages_of(rows(answer, "stages"))
        self._roles = {
            row.id("deal"): [identifier(each, "roles.contacts") for each in rows(row, "contacts")]
            for row in answer.objects("roles")
        }

    def object(self, kind: str, found: Fields) -> Iterator[CrmEvent]:
        record_id = found.id()
        if kind == _DELETED:
            yield self._statements.deleted(record_id, found.required("deleted_time", microseconds))
            return
        changed = found.required("Modified_Time", microseconds)
        at = read_after(changed, self._read)
        yield from self._statements.of(kind, found, record_id, at)
        if kind == "Deals":
            yield self._statements.exists(record_id, changed)
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
