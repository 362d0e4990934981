"""HubSpot's webhooks: thin changes of one property each, in a list of up to 100, in any order, some twice.

Each change is a record of its own, known as DESIGN has it by portal, object, property, value and time; the latest of each
property is the deal. What a delivery touches is also read from the API (`hubspot_reading`) where we have access to it.
Source: developers.hubspot.com/docs/api/webhooks. The newer `object.*` events name the kind by `objectTypeId`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from wanamaker_crm_bridge.fields import Fields
from wanamaker_crm_bridge.json_body import read_json
from wanamaker_crm_bridge.mapping import Context, Failure, Fetch, Mapped, Unmappable, Webhook
from wanamaker_crm_bridge.values import identifier, items, text_of
from wanamaker_shared.contracts.crm_events import (
    ContactErased,
    CrmEvent,
    DealDeleted,
    DealRestored,
)

from .hubspot_properties import COMPANY, DEAL, contact_properties, milliseconds
from .stating import Said, Stating

READING = "hubspot-api"
"""The dialect of the API's answers, and whose fetcher asks."""

SETTLE = 5_000_000
"""How long after a webhook its objects are read, in microseconds: who makes a deal adds its contacts in the moments after."""

KINDS = {"0-1": "contact", "0-2": "company", "0-3": "deal"}


class Item:
    """One event of a delivery. Raises Unmappable for what it lacks, when that is asked for."""

    def __init__(self, value: Any, webhook: Webhook, context: Context) -> None:
        self.fields = Fields(value)
        self.kind, self.action = _what(self.fields)
        self.stating = Stating(webhook, context.workspace_key, self.fields.id("portalId"))
        self.at = self.fields.required("occurredAt", milliseconds)
        self.context = context

    @property
    def id(self) -> str:
        return self.fields.id("objectId")

    def envelope(self, *said: str) -> dict[str, Any]:
        return self.stating.envelope(self.kind, *said, at=self.at)


def map_webhook(webhook: Webhook, context: Context) -> Mapped:
    try:
        values = items(read_json(webhook.body), "body")
    except Unmappable as problem:
        return Mapped(failures=(Failure("body", str(problem)),))
    events: list[CrmEvent] = []
    failures: list[Failure] = []
    touched: dict[str, set[str]] = {"deals": set(), "contacts": set(), "companies": set()}
    skipped = 0
    for number, value in enumerate(values):
        try:
            item = Item(value, webhook, context)
            make = RECORDS_OF.get((item.kind, item.action))
            said = [] if make is None else list(make(item))
            _touch(touched, item)
        except Unmappable as problem:
            failures.append(Failure(f"event {number}", str(problem)))
            continue
        events += said
        skipped += not said
    return Mapped(tuple(events), tuple(failures), skipped, _questions(webhook, touched) if context.readable else ())


def _what(fields: Fields) -> tuple[str, str]:
    """(deal | contact | company, what happened); another kind of object is ("", …) and says nothing to us."""
    name = fields.raw("subscriptionType") or fields.raw("eventType")
    if not isinstance(name, str):
        raise Unmappable("subscriptionType", "is missing")
    kind, _, action = name.partition(".")
    if kind == "object":
        kind = KINDS.get(str(fields.raw("objectTypeId") or fields.raw("fromObjectTypeId") or ""), "")
    return (kind if kind in KINDS.values() else ""), action


def _changed(item: Item) -> Iterator[CrmEvent]:
    if not item.fields.states("propertyValue"):  # a sensitive property's is left out, and says nothing
        return
    name, sent = item.fields.raw("propertyName"), item.fields.raw("propertyValue")
    value = None if sent == "" else sent
    if item.kind == "company":
        read = COMPANY.get(str(name))
        if read is not None:
            properties = {str(name): None if value is None else read(value, "propertyValue")}
            yield item.stating.company(item.id, properties, item.at)
        return
    known = DEAL if item.kind == "deal" else contact_properties(item.context.connection)
    make = known.get(str(name))
    if make is not None:
        said = make(item.context.workspace_key, value, "propertyValue")
        yield item.stating.revised(item.kind, item.id, said, item.at)


def _deal_created(item: Item) -> Iterator[CrmEvent]:
    yield item.stating.deal(item.id, Said({"created_at": text_of(item.at)}), item.at)


def _deal_deleted(item: Item) -> Iterator[CrmEvent]:
    yield DealDeleted(**item.envelope(item.id, "deletion"), deal_id=item.id)


def _deal_restored(item: Item) -> Iterator[CrmEvent]:
    yield DealRestored(**item.envelope(item.id, "restore"), deal_id=item.id)


def _erased(item: Item) -> Iterator[CrmEvent]:
    yield ContactErased(**item.envelope(item.id, "privacyDeletion"), contact_id=item.id)


def _merged(item: Item) -> Iterator[CrmEvent]:
    """All that went in, the primary too where the merge made a new object."""
    into = item.fields.id("newObjectId") if item.fields.raw("newObjectId") else item.fields.id("primaryObjectId")
    merged = [
        identifier(each, "mergedObjectIds") for each in items(item.fields.raw("mergedObjectIds"), "mergedObjectIds")
    ]
    for each in dict.fromkeys([*merged, item.fields.id("primaryObjectId")]):
        if each != into:
            yield item.stating.merge(item.kind, each, into, item.at)


def _associated(item: Item) -> Iterator[CrmEvent]:
    """Told from both ends, `DEAL_TO_CONTACT` and `CONTACT_TO_DEAL`: one record."""
    names = str(item.fields.raw("associationType") or "").upper().split("_TO_")
    kinds = [name.removeprefix("PRIMARY_").lower() for name in names]
    if item.fields.states("fromObjectTypeId"):
        kinds = [KINDS.get(str(item.fields.raw(f"{end}ObjectTypeId")), "") for end in ("from", "to")]
    ends = dict(zip(kinds, (item.fields.id("fromObjectId"), item.fields.id("toObjectId")), strict=False))
    removed = item.fields.raw("associationRemoved") is True
    if ends.keys() == {"deal", "contact"}:
        change = "contacts_removed" if removed else "contacts_added"
        yield item.stating.deal_contacts(ends["deal"], item.at, **{change: [ends["contact"]]})
    elif "company" in ends and ends.keys() & {"deal", "contact"} and item.fields.raw("isPrimaryAssociation") is True:
        kind = "deal" if "deal" in ends else "contact"
        said = Said({"company_id": None if removed else ends["company"]})
        yield item.stating.revised(kind, ends[kind], said, item.at)


RECORDS_OF: Mapping[tuple[str, str], Callable[[Item], Iterator[CrmEvent]]] = {
    ("deal", "propertyChange"): _changed,
    ("contact", "propertyChange"): _changed,
    ("company", "propertyChange"): _changed,
    ("deal", "creation"): _deal_created,
    ("deal", "deletion"): _deal_deleted,
    ("deal", "restore"): _deal_restored,
    ("contact", "privacyDeletion"): _erased,
    ("deal", "merge"): _merged,
    ("contact", "merge"): _merged,
    ("company", "merge"): _merged,
    ("deal", "associationChange"): _associated,
    ("contact", "associationChange"): _associated,
    ("company", "associationChange"): _associated,
}
"""A deleted contact or company says nothing: what they did has happened, and deals tell whom they still have."""

_LISTS = {"deal": "deals", "contact": "contacts", "company": "companies"}
_GONE = ("deletion", "privacyDeletion")


def _touch(touched: dict[str, set[str]], item: Item) -> None:
    if item.kind and item.action not in _GONE:
        ends = ("newObjectId", "objectId", "primaryObjectId", "fromObjectId")
        stated = next((end for end in ends if item.fields.raw(end) is not None), None)
        if stated is not None:
            touched[_LISTS[item.kind]].add(item.fields.id(stated))


def _questions(webhook: Webhook, touched: Mapping[str, set[str]]) -> tuple[Fetch, ...]:
    """One for all that a delivery touched; the same delivery asks the same."""
    asked = {kind: ",".join(sorted(ids)) for kind, ids in touched.items() if ids}
    return (Fetch(f"{READING}/{webhook.delivery_id}", READING, asked, SETTLE),) if asked else ()
