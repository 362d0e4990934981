"""What Salesforce's API says of objects: the same records as messages make (`salesforce_records`), deleted ones too.

To them comes what no message has: the whole list of a deal's contacts, as of the last change that it includes.
`readers/salesforce.py` makes the document.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from wanamaker_crm_bridge.fields import Fields
from wanamaker_crm_bridge.json_body import read_json
from wanamaker_crm_bridge.mapping import Context, Failure, Mapped, Unmappable, Webhook
from wanamaker_shared.contracts.crm_events import CrmEvent

from .pages import reconciled
from .salesforce import READING, organization_of, row_of
from .salesforce_fields import moment
from .salesforce_ids import salesforce_id
from .salesforce_records import LISTED, Row, records_of
from .stating import Stating

LISTS: Mapping[str, str] = {
    "opportunities": "Opportunity",
    "contacts": "Contact",
    "leads": "Lead",
    "accounts": "Account",
}
"""The document's lists of objects; beside them `roles`, of all its opportunities."""


def map_reading(webhook: Webhook, context: Context) -> Mapped:
    try:
        answer = Fields(read_json(webhook.body))
    except Unmappable as problem:
        return Mapped(failures=(Failure("answer", str(problem)),))
    try:
        reading = _Reading(answer, webhook, context)
    except Unmappable as problem:
        return Mapped(failures=(Failure("answer", str(problem)),), **reconciled(answer, READING))
    for name, kind in LISTS.items():
        for value in answer.raw(name) or ():
            reading.take(kind, value)
    return Mapped(
        tuple(reading.events), tuple(reading.failures), standing=reading.standing, **reconciled(answer, READING)
    )


class _Reading:
    def __init__(self, answer: Fields, webhook: Webhook, context: Context) -> None:
        whose = organization_of(answer.raw("organization"), "organization", context)
        self._context = context
        self._stating = Stating(webhook, context.workspace_key, whose)
        self._roles: dict[str, list[Row]] = {}
        self.events: list[CrmEvent] = []
        self.failures: list[Failure] = []
        self.standing: dict[str, str] = {}
        for value in answer.raw("roles") or ():
            row = self._row("OpportunityContactRole", value)
            self._roles.setdefault(row.reference("OpportunityId"), []).append(row)

    def take(self, kind: str, value: Any) -> None:
        """Every record that one object comes to."""
        try:
            row = self._row(kind, value)
            said = [*(records_of(row) or ()), *self._contacts(row)]
        except Unmappable as problem:
            self.failures.append(Failure(f"{kind} {_name(value)}", str(problem)))
            return
        self.events += said
        self.standing |= {event.event_id: self._stating.content_of(event) for event in said}

    def _row(self, kind: str, value: Any) -> Row:
        Fields(value).required("SystemModstamp", moment)
        return row_of(kind, value, self._context, self._stating, otherwise=0)

    def _contacts(self, row: Row) -> Iterator[CrmEvent]:
        if row.kind != "Opportunity" or row.deleted:
            return
        roles = self._roles.get(row.id, [])
        present = {role.optional("ContactId") for role in roles if not role.deleted}
        at = max([row.at, *(role.at for role in roles)])
        contacts = sorted(each for each in present if each is not None)
        yield self._stating.deal_contacts(row.id, at + LISTED, contacts=contacts)


def _name(value: Any) -> str:
    """An object's id where it can be read."""
    try:
        return salesforce_id(value.get("Id") if isinstance(value, dict) else None, "Id")
    except Unmappable:
        return "?"
