"""What one record says about people: whom it names, which of them it joins, and what it states about a contact.

Pure. A record that stops counting (another one with its identity came first after all) takes back exactly what it said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wanamaker_shared.contracts.crm_events import ContactMerged, ContactRevised, CrmEvent, DealRevised
from wanamaker_shared.contracts.identifiers import contact_identifier
from wanamaker_shared.contracts.record import Order
from wanamaker_shared.safe_error import SafeError

from .glance import WebGlance
from .links import Link

Pair = tuple[str, str]

_CONTACT_KINDS = (("email_keys", "email"), ("user_ids", "user"))


@dataclass(frozen=True, slots=True)
class Said:
    """`values` maps a contact's stated property to the identifiers it holds now (none = cleared)."""

    names: tuple[str, ...] = ()
    pairs: tuple[Pair, ...] = ()
    contact: str | None = None
    values: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """What a record said, and when."""

    order: Order
    via: str
    said: Said

    def to_json(self) -> list[Any]:
        return [*self.order, self.via, self.said.names, self.said.pairs, self.said.contact, self.said.values]

    @classmethod
    def from_json(cls, stored: list[Any]) -> Statement:
        at, source, sender, event_id, via, names, pairs, contact, values = stored
        said = Said(
            tuple(names),
            tuple((a, b) for a, b in pairs),
            contact,
            tuple((name, tuple(identifiers)) for name, identifiers in values),
        )
        return cls(Order(at, source, sender, event_id), via, said)


class NotAList(SafeError):
    """A contact's `email_keys` or `user_ids` is neither a list of texts nor null."""


def ordered(a: str, b: str) -> Pair:
    """A pair has no direction."""
    return (a, b) if a < b else (b, a)


def link_made(event: WebGlance) -> Link | None:
    """The form or identify as a link of its cookie; None if it names nobody, or is a bot's, a page or a track."""
    if event.type not in ("form", "identify") or event.bot:
        return None
    previous = event.previous_user_id if event.type == "identify" and event.trust == "server" else None
    link = Link(
        cookie=event.sender,
        at=event.occurred_at,
        source=event.source,
        event_id=event.event_id,
        type=event.type,
        trust=event.trust,
        user_id=event.user_id or None,
        email_key=event.email_key or None,
        previous_user_id=previous or None,
    )
    return link if link.user_id or link.email_key or link.previous_user_id else None


def said_by_link(link: Link) -> Statement:
    """Whom a form or identify names; only the owner's own server joins two of them."""
    email = f"email:{link.email_key}" if link.email_key else None
    user = f"user:{link.user_id}" if link.user_id else None
    previous = f"user:{link.previous_user_id}" if link.previous_user_id else None
    pairs: list[Pair] = []
    if user and link.trust == "server" and link.type == "identify":
        pairs = [ordered(user, other) for other in (email, previous) if other and other != user]
    names = tuple(dict.fromkeys(each for each in (email, user, previous) if each))
    return Statement(Order(link.at, link.source, link.cookie, link.event_id), link.type, Said(names, tuple(pairs)))


def said_by_crm(event: CrmEvent) -> Statement:
    """Raises NotAList."""
    match event:
        case ContactRevised():
            said = _said_of_contact(contact_identifier(event.connection, event.contact_id), event.properties)
        case ContactMerged():
            one, other = (contact_identifier(event.connection, id) for id in (event.from_id, event.into_id))
            said = Said(tuple(dict.fromkeys((one, other))), () if one == other else (ordered(one, other),))
        case DealRevised():
            listed = [*(event.contacts or []), *event.contacts_added]
            said = Said(tuple(dict.fromkeys(contact_identifier(event.connection, id) for id in listed)))
        case _:
            said = Said()
    return Statement(event.order, event.type, said)


def _said_of_contact(contact: str, properties: Mapping[str, Any]) -> Said:
    values = []
    for name, kind in _CONTACT_KINDS:
        if name in properties:
            stated = [] if properties[name] is None else properties[name]
            if not isinstance(stated, list) or not all(isinstance(each, str) for each in stated):
                raise NotAList(f"{name} must be a list of texts or null")
            values.append((name, tuple(dict.fromkeys(f"{kind}:{each}" for each in stated))))
    held = tuple(dict.fromkeys(each for _, identifiers in values for each in identifiers))
    return Said((contact, *held), tuple((contact, each) for each in held), contact, tuple(values))
