"""What HubSpot's API says of objects: every change of each property with its time, associations, merges, archived deals.

The changes are the same records that webhooks make (`hubspot`), so that whatever a webhook told is not told again. What has no
time of its own (the list of contacts, all addresses) stands just after the object's last change, which it includes: HubSpot's
times are milliseconds, so a microsecond later nothing else can stand between. `readers/hubspot.py` makes the document.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from wanamaker_crm_bridge.fields import Fields
from wanamaker_crm_bridge.json_body import read_json
from wanamaker_crm_bridge.mapping import Context, Failure, Mapped, Unmappable, Webhook
from wanamaker_crm_bridge.values import identifier
from wanamaker_shared.contracts.crm_events import CrmEvent, DealDeleted

from .hubspot import READING, company, merge, revised
from .hubspot_properties import ADDITIONAL_EMAILS, COMPANY, CONTACT, DEAL, MERGED, milliseconds
from .pages import reconciled
from .stating import Said, Stating, emails

Stages = Mapping[str, str]
"""What each stage means to HubSpot itself: open, won or lost."""


def map_reading(webhook: Webhook, context: Context) -> Mapped:
    try:
        answer = Fields(read_json(webhook.body))
        reading = _Reading(answer, webhook, context)
    except Unmappable as problem:
        return Mapped(failures=(Failure("answer", str(problem)),))
    events: list[CrmEvent] = []
    failures: list[Failure] = []
    for kind, key in (("deal", "deals"), ("contact", "contacts"), ("company", "companies"), ("archived", "archived")):
        for value in answer.raw(key) or ():
            try:
                events += list(reading.object(kind, Fields(value)))
            except Unmappable as problem:
                name = value.get("id") if isinstance(value, dict) else None
                failures.append(Failure(f"{kind} {name if isinstance(name, str) else '?'}", str(problem)))
    return Mapped(tuple(events), tuple(failures), standing=reading.standing, **reconciled(answer, READING))


class _Reading:
    def __init__(self, answer: Fields, webhook: Webhook, context: Context) -> None:
        self._stating = Stating(webhook, context.workspace_key, answer.id("portal"))
        self._key = context.workspace_key
        self._stages = dict(_stages(answer.raw("pipelines") or ()))
        self._contacts = _associated(answer.raw("deals_contacts") or ())
        self._companies = _associated(answer.raw("deals_companies") or ())
        self.standing: dict[str, str] = {}

    def object(self, kind: str, found: Fields) -> Iterator[CrmEvent]:
        """Every record that one object comes to."""
        object_id = found.id()
        if kind == "archived":
            at = found.required("archivedAt", milliseconds)
            yield DealDeleted(**self._stating.envelope("deal", object_id, "deletion", at=at), deal_id=object_id)
            return
        for name, value, at in _changes(found):
            yield from self._changed(kind, object_id, name, value, at)
        for event in self._standing(kind, object_id, found):
            self.standing[event.event_id] = self._stating.content_of(event)
            yield event

    def _standing(self, kind: str, object_id: str, found: Fields) -> Iterator[CrmEvent]:
        """What has no time of its own."""
        after = found.required("updatedAt", milliseconds) + 1
        if kind == "deal":
            yield from self._associations(object_id, after)
        elif kind == "contact":
            yield from self._addresses(object_id, found.object("properties"), after)

    def _changed(self, kind: str, object_id: str, name: str, value: Any, at: int) -> Iterator[CrmEvent]:
        if name == MERGED:
            for merged in filter(None, str(value or "").split(";")):
                yield merge(self._stating, kind, identifier(merged, name), object_id, at)
        elif kind == "company":
            if name in COMPANY:
                yield company(
                    self._stating, object_id, {name: None if value is None else COMPANY[name](value, name)}, at
                )
        elif make := (DEAL if kind == "deal" else CONTACT).get(name):
            yield revised(self._stating, kind, object_id, make(self._key, value, name), at)
            if name == "dealstage" and value in self._stages:
                yield self._stating.deal(object_id, Said({"stage_status": self._stages[value]}), at)

    def _associations(self, deal_id: str, at: int) -> Iterator[CrmEvent]:
        if deal_id in self._contacts:
            yield self._stating.deal_contacts(deal_id, at, contacts=sorted(self._contacts[deal_id]))
        if deal_id in self._companies:
            companies = self._companies[deal_id]
            first = min(companies, key=lambda found: (not companies[found], found), default=None)
            yield self._stating.deal(deal_id, Said({"company_id": first}), at)

    def _addresses(self, contact_id: str, properties: Fields, at: int) -> Iterator[CrmEvent]:
        """All addresses together, where there are several; one alone was said with its own time."""
        further = [each.strip() for each in str(properties.raw(ADDITIONAL_EMAILS) or "").split(";") if each.strip()]
        if further:
            first = properties.raw("email")
            addresses = [*([first] if isinstance(first, str) else []), *further]
            yield self._stating.contact(contact_id, emails(self._key, list(dict.fromkeys(addresses))), at)


def _changes(found: Fields) -> Iterator[tuple[str, Any, int]]:
    """(property, value or None, when) of every change that HubSpot kept."""
    histories = found.object("propertiesWithHistory")
    for name, changes in sorted(found.raw("propertiesWithHistory").items()):
        for index, change in enumerate(changes if isinstance(changes, list) else ()):
            entry = Fields(change, f"{histories.path(name)}[{index}]")
            value = entry.raw("value")
            yield name, None if value == "" else value, entry.required("timestamp", milliseconds)


def _stages(pipelines: Any) -> Iterator[tuple[str, str]]:
    """HubSpot's stages say whether a deal in them is closed, and won with what probability."""
    for pipeline in pipelines:
        for stage in pipeline.get("stages", ()):
            metadata = stage.get("metadata", {})
            won = str(metadata.get("probability")) in ("1.0", "1")
            closed = str(metadata.get("isClosed")).lower() == "true"
            yield str(stage.get("id")), ("won" if won else "lost") if closed else "open"


def _associated(rows: Any) -> dict[str, dict[str, bool]]:
    """By object its associated objects, each with whether it is the primary one."""
    found: dict[str, dict[str, bool]] = {}
    for row in rows:
        ends = found.setdefault(Fields(row).object("from").id(), {})
        for to in row.get("to", ()):
            labels = [str(kind.get("label") or "").lower() for kind in to.get("associationTypes", ())]
            ends[Fields(to).id("toObjectId")] = "primary" in labels
    return found
