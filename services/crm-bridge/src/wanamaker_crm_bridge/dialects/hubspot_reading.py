"""What HubSpot's API says of objects: every change of each property with its time, associations, merges, archived deals.

The changes are the same records that webhooks make (`hubspot`), so that whatever a webhook told is not told again. What has no
time of its own (the list of contacts, all addresses) stands just after the object's last change, which it includes: HubSpot's
times are milliseconds, so a microsecond later nothing else can stand between. So does that a deal is there: its return from the
bin may have been told to nobody. `readers/hubspot.py` makes the document.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from wanamaker_crm_bridge.fields import Fields
from wanamaker_crm_bridge.json_body import read_json
from wanamaker_crm_bridge.mapping import Context, Failure, Mapped, Unmappable, Webhook
from wanamaker_crm_bridge.values import identifier, text
from wanamaker_shared.contracts.crm_events import CrmEvent, DealDeleted, DealRestored

from .hubspot import READING
from .hubspot_properties import ADDITIONAL_EMAILS, COMPANY, DEAL, MERGED, contact_properties, milliseconds
from .pages import reconciled
from .property_makers import Reader
from .stating import Said, Stating, emails

Stages = Mapping[str, str]
"""What each stage means to HubSpot itself: open, won or lost."""


def map_reading(webhook: Webhook, context: Context) -> Mapped:
    try:
        answer = Fields(read_json(webhook.body))
    except Unmappable as problem:
        return Mapped(failures=(Failure("answer", str(problem)),))
    try:
        reading = _Reading(answer, webhook, context)
        found = [(kind, each) for kind, key in _LISTS.items() for each in answer.objects(key)]
    except Unmappable as problem:
        return Mapped(failures=(Failure("answer", str(problem)),), **reconciled(answer, READING))
    for kind, each in found:
        reading.take(kind, each)
    return Mapped(
        tuple(reading.events), tuple(reading.failures), standing=reading.standing, **reconciled(answer, READING)
    )


_LISTS = {"deal": "deals", "contact": "contacts", "company": "companies", "archived": "archived"}


class _Reading:
    def __init__(self, answer: Fields, webhook: Webhook, context: Context) -> None:
        self._stating = Stating(webhook, context.workspace_key, answer.id("portal"))
        self._key = context.workspace_key
        self._known = {"deal": DEAL, "contact": contact_properties(context.connection)}
        self._stages = dict(_stages(answer.objects("pipelines")))
        self._contacts = _associated(answer.objects("deals_contacts"))
        self._cut = {row.object("from").id() for row in answer.objects("deals_contacts") if row.states("paging")}
        self._companies = _associated(answer.objects("deals_companies"))
        self.events: list[CrmEvent] = []
        self.failures: list[Failure] = []
        self.standing: dict[str, str] = {}

    def take(self, kind: str, found: Fields) -> None:
        """Every record that one object comes to. What cannot be read fails alone: the rest of the object still counts."""
        name = kind
        try:
            object_id = found.id()
            name = f"{kind} {object_id}"
            if kind == "archived":
                self.events.append(self._archived(object_id, found))
                return
            after = found.required("updatedAt", milliseconds) + 1
            histories = found.object("propertiesWithHistory")
            for property_name in sorted(found.raw("propertiesWithHistory")):
                self._history(kind, object_id, property_name, histories.raw(property_name))
            standing = list(self._standing(kind, object_id, found, after))
        except Unmappable as problem:
            self.failures.append(Failure(name, str(problem)))
            return
        self.events += standing
        self.standing |= {event.event_id: self._stating.content_of(event) for event in standing}

    def _history(self, kind: str, object_id: str, name: str, changes: Any) -> None:
        merges: dict[str, int] = {}
        for index, change in enumerate(changes if isinstance(changes, list) else ()):
            try:
                entry = Fields(change, name)
                value = entry.raw("value")
                at = entry.required("timestamp", milliseconds)
                if name == MERGED:  # each time all that ever went in: a merge is of the first that names it
                    merges |= {each: min(at, merges.get(each, at)) for each in _listed(value, name, identifier)}
                else:
                    self.events += list(self._changed(kind, object_id, name, None if value == "" else value, at))
            except Unmappable as problem:
                self.failures.append(Failure(f"{kind} {object_id} {name}[{index}]", str(problem)))
        self.events += [self._stating.merge(kind, each, object_id, at) for each, at in merges.items()]

    def _archived(self, deal_id: str, found: Fields) -> DealDeleted:
        at = found.required("archivedAt", milliseconds)
        return DealDeleted(**self._stating.envelope("deal", deal_id, "deletion", at=at), deal_id=deal_id)

    def _standing(self, kind: str, object_id: str, found: Fields, at: int) -> Iterator[CrmEvent]:
        """What has no time of its own."""
        if kind == "deal":
            yield DealRestored(**self._stating.envelope("deal", object_id, "existence", at=at), deal_id=object_id)
            yield from self._associations(object_id, at)
            if self._stages:
                yield self._stating.deal(object_id, Said({"stage_means": self._stages}), at)
        elif kind == "contact":
            yield from self._addresses(object_id, found, at)

    def _changed(self, kind: str, object_id: str, name: str, value: Any, at: int) -> Iterator[CrmEvent]:
        if kind == "company":
            if name in COMPANY:
                properties = {name: None if value is None else COMPANY[name](value, name)}
                yield self._stating.company(object_id, properties, at)
        elif make := self._known[kind].get(name):
            yield self._stating.revised(kind, object_id, make(self._key, value, name), at)

    def _associations(self, deal_id: str, at: int) -> Iterator[CrmEvent]:
        if deal_id in self._contacts:
            known = "contacts_added" if deal_id in self._cut else "contacts"
            yield self._stating.deal_contacts(deal_id, at, **{known: sorted(self._contacts[deal_id])})
        if deal_id in self._companies:
            companies = self._companies[deal_id]
            first = min(companies, key=lambda found: (not companies[found], found), default=None)
            yield self._stating.deal(deal_id, Said({"company_id": first}), at)

    def _addresses(self, contact_id: str, found: Fields, at: int) -> Iterator[CrmEvent]:
        """All addresses together, where there are or were several; one alone was said with its own time."""
        properties = found.object("properties")
        further = _listed(properties.raw(ADDITIONAL_EMAILS), ADDITIONAL_EMAILS, text)
        if further or found.object("propertiesWithHistory").raw(ADDITIONAL_EMAILS):
            addresses = [*_listed(properties.raw("email"), "email", text), *further]
            yield self._stating.contact(contact_id, emails(self._key, list(dict.fromkeys(addresses))), at)


def _listed(value: Any, path: str, read: Reader) -> list[str]:
    """What HubSpot writes in one text, parted by semicolons."""
    if value is None:
        return []
    if not isinstance(value, str):
        raise Unmappable(path, "must be text")
    return [read(each.strip(), path) for each in value.split(";") if each.strip()]


def _stages(pipelines: list[Fields]) -> Iterator[tuple[str, str]]:
    """HubSpot's stages say whether a deal in them is closed, and won with what probability."""
    for pipeline in pipelines:
        for stage in pipeline.objects("stages"):
            metadata = stage.object("metadata")
            won = str(metadata.raw("probability")) in ("1.0", "1")
            closed = str(metadata.raw("isClosed")).lower() == "true"
            yield stage.id(), ("won" if won else "lost") if closed else "open"


def _associated(rows: list[Fields]) -> dict[str, dict[str, bool]]:
    """By object its associated objects, each with whether it is the primary one."""
    found: dict[str, dict[str, bool]] = {}
    for row in rows:
        ends = found.setdefault(row.object("from").id(), {})
        for to in row.objects("to"):
            labels = [str(kind.raw("label")).lower() for kind in to.objects("associationTypes")]
            ends[to.id("toObjectId")] = "primary" in labels
    return found
