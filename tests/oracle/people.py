"""Who is one person: identifiers joined pairwise, and the profile of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from wanamaker_shared.contracts.crm_events import ContactMerged, ContactRevised, CrmEvent, DealRevised
from wanamaker_shared.contracts.identifiers import contact_identifier, profile_id
from wanamaker_shared.contracts.record import Order, Record
from wanamaker_shared.contracts.settings import WorkspaceSettings
from wanamaker_shared.contracts.web_events import FormSubmitted, Identified, WebEvent

from .dedup import Sources
from .links import Pair, pair


@dataclass(frozen=True, slots=True)
class Naming:
    """When and by what an identifier was first named."""

    order: Order
    via: str


@dataclass(frozen=True, slots=True)
class People:
    first_named: Mapping[str, Naming]
    profiles: Mapping[str, str]
    """Identifier -> profile id."""
    members: Mapping[str, list[str]]
    """Profile id -> identifiers."""


def people_of(
    sources: Sources, verdicts: Mapping[Pair, str], settings: WorkspaceSettings, workspace_key: bytes
) -> People:
    first_named = namings([*sources.web, *sources.crm])
    members: dict[str, list[str]] = {}
    for component in components(first_named, pairs_of(sources), verdicts, settings):
        eldest = min(component, key=lambda identifier: (first_named[identifier].order, identifier))
        members[profile_id(workspace_key, eldest)] = sorted(component)
    profiles = {identifier: profile for profile, component in members.items() for identifier in component}
    return People(first_named, profiles, members)


def namings(records: Iterable[Record]) -> dict[str, Naming]:
    first: dict[str, Naming] = {}
    for record in sorted(records, key=lambda record: record.order):
        for identifier in named_by(record):
            first.setdefault(identifier, Naming(record.order, record.type))
    return first


def named_by(record: Record) -> list[str]:
    match record:
        case WebEvent(bot=True):
            return []
        case FormSubmitted() | Identified():
            previous = record.previous_user_id if isinstance(record, Identified) and record.trust == "server" else None
            return [
                *([f"email:{record.email_key}"] if record.email_key else []),
                *(f"user:{user_id}" for user_id in (record.user_id, previous) if user_id),
            ]
        case ContactRevised():
            return [contact_identifier(record.connection, record.contact_id), *_stated_by(record)]
        case DealRevised():
            return [
                contact_identifier(record.connection, c) for c in [*(record.contacts or []), *record.contacts_added]
            ]
        case ContactMerged():
            return [contact_identifier(record.connection, c) for c in (record.from_id, record.into_id)]
    return []


def pairs_of(sources: Sources) -> dict[Pair, Order]:
    """The pairs that hold at present, each with the order of its first statement."""
    found: dict[Pair, Order] = {}

    def state(a: str, b: str, order: Order) -> None:
        if a != b:
            found[pair(a, b)] = min(order, found.get(pair(a, b), order))

    for a, b, order in _contact_pairs(sources.crm):
        state(a, b, order)
    for record in sources.crm:
        if isinstance(record, ContactMerged):
            one, other = (contact_identifier(record.connection, c) for c in (record.from_id, record.into_id))
            state(one, other, record.order)
    for event in sources.web:
        if isinstance(event, Identified) and event.trust == "server" and not event.bot and event.user_id:
            if event.email_key:
                state(f"user:{event.user_id}", f"email:{event.email_key}", event.order)
            if event.previous_user_id:
                state(f"user:{event.user_id}", f"user:{event.previous_user_id}", event.order)
    return found


def components(
    identifiers: Iterable[str], pairs: Mapping[Pair, Order], verdicts: Mapping[Pair, str], settings: WorkspaceSettings
) -> list[set[str]]:
    """Join pair by pair: released ones first, then by first statement; one that would make a person too large is skipped."""
    component = {identifier: {identifier} for identifier in identifiers}
    released = [each for each in pairs if verdicts.get(each) == "link.release"]
    others = [each for each in pairs if each not in verdicts]
    others.sort(key=lambda each: (pairs[each], each))
    for a, b in [*released, *others]:
        joined = component[a] | component[b]
        if (a, b) in verdicts or len(joined) <= settings.identifiers_per_person:
            component |= dict.fromkeys(joined, joined)
    return list({id(each): each for each in component.values()}.values())


def _contact_pairs(crm: Iterable[CrmEvent]) -> list[tuple[str, str, Order]]:
    """(contact, identifier, first stated) for each identifier that stands in a contact's present record."""
    first: dict[tuple[str, str], Order] = {}
    present: dict[tuple[str, str], list[str]] = {}  # (contact, property) -> identifiers
    for record in crm:
        if isinstance(record, ContactRevised):
            contact = contact_identifier(record.connection, record.contact_id)
            for identifier in _stated_by(record):
                first.setdefault((contact, identifier), record.order)
            for name, prefix in (("email_keys", "email"), ("user_ids", "user")):
                if name in record.properties:
                    present[contact, name] = [f"{prefix}:{value}" for value in record.properties[name] or []]
    return [
        (contact, identifier, first[contact, identifier])
        for (contact, _), identifiers in present.items()
        for identifier in identifiers
    ]


def _stated_by(record: ContactRevised) -> list[str]:
    return [
        *(f"email:{key}" for key in record.properties.get("email_keys") or []),
        *(f"user:{user_id}" for user_id in record.properties.get("user_ids") or []),
    ]
