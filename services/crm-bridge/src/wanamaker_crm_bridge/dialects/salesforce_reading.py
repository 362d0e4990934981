"""What Salesforce's API says of objects: the same records as messages make (`salesforce_records`), deleted ones too.

To them comes what no message has: the history of a deal's stage, amount and close date, and the whole list of its contacts, as of
the last change that it includes.
`readers/salesforce.py` makes the document.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from wanamaker_crm_bridge.fields import Fields
from wanamaker_crm_bridge.json_body import read_json
from wanamaker_crm_bridge.mapping import Context, Failure, Mapped, Unmappable, Webhook
from wanamaker_shared.contracts.crm_events import CrmEvent

from .pages import reconciled, rows
from .salesforce import READING, organization_of, row_of
from .salesforce_fields import HISTORY, moment
from .salesforce_ids import salesforce_id
from .salesforce_records import LISTED, Row, records_of
from .stating import Stating

LISTS: Mapping[str, str] = {
    "opportunities": "Opportunity",
    "contacts": "Contact",
    "leads": "Lead",
    "accounts": "Account",
}
"""The document's lists of objects; beside them `roles` and `history`, of all its opportunities."""


def map_reading(webhook: Webhook, context: Context) -> Mapped:
    try:
        answer = Fields(read_json(webhook.body))
    except Unmappable as problem:
        return Mapped(failures=(Failure("answer", str(problem)),))
    try:
        reading = _Reading(answer, webhook, context)
        objects = [(kind, value) for name, kind in LISTS.items() for value in rows(answer, name)]
    except Unmappable as problem:
        return Mapped(failures=(Failure("answer", str(problem)),), **reconciled(answer, READING))
    for kind, value in objects:
        reading.take(kind, value)
    return Mapped(
        tuple(reading.events), tuple(reading.failures), standing=reading.standing, **reconciled(answer, READING)
    )


class _Reading:
    def __init__(self, answer: Fields, webhook: Webhook, context: Context) -> None:
        whose = organization_of(answer.raw("organization"), "organization", context)
        self._context = context
        self._stating = Stating(webhook, context.workspace_key, whose)
        self._roles = _by_deal(self._row("OpportunityContactRole", each) for each in rows(answer, "roles"))
        self._history = _by_deal(
            self._row("OpportunityHistory", each, "CreatedDate") for each in rows(answer, "history")
        )
        self.events: list[CrmEvent] = []
        self.failures: list[Failure] = []
        self.standing: dict[str, str] = {}

    def take(self, kind: str, value: Any) -> None:
        """Every record that one object comes to."""
        try:
            row = self._row(kind, value)
            said, dated = list(records_of(row) or ()), list[CrmEvent]()
            if kind == "Opportunity" and not row.deleted:
                said, dated = [*said, *self._contacts(row)], list(self._changes(row))
        except Unmappable as problem:
            self.failures.append(Failure(f"{kind} {_name(value)}", str(problem)))
            return
        self.events += [*said, *dated]
        own = {event.event_id for event in dated}
        self.standing |= {e.event_id: self._stating.content_of(e) for e in said if e.event_id not in own}

    def _row(self, kind: str, value: Any, dated: str = "SystemModstamp") -> Row:
        return row_of(kind, value, self._context, self._stating, otherwise=Fields(value).required(dated, moment))

    def _changes(self, deal: Row) -> Iterator[CrmEvent]:
        """What each row of the history changed."""
        before: dict[str, Any] = {}
        for row in sorted(self._history.get(deal.id, ()), key=lambda row: (row.at, row.id)):
            for name, make in HISTORY.items():
                value = row.fields.raw(name)
                if row.fields.states(name) and (name not in before or before[name] != value):
                    before[name] = value
                    yield self._stating.deal(deal.id, make(self._context.workspace_key, value, name), row.at)

    def _contacts(self, deal: Row) -> Iterator[CrmEvent]:
        roles = self._roles.get(deal.id, [])
        present = {role.optional("ContactId") for role in roles if not role.deleted}
        at = max([deal.at, *(role.at for role in roles)])
        contacts = sorted(each for each in present if each is not None)
        yield self._stating.deal_contacts(deal.id, at + LISTED, contacts=contacts)


def _by_deal(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Raises Unmappable for any that cannot be read: of a list that lacks some nobody knows who is absent."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.reference("OpportunityId"), []).append(row)
    return found


def _name(value: Any) -> str:
    """An object's id where it can be read."""
    try:
        return salesforce_id(value.get("Id") if isinstance(value, dict) else None, "Id")
    except Unmappable:
        return "?"
