"""A generic contact becomes `contact.revised`: e-mails as keys, user ids as they join, what it is called as personal values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wanamaker_crm_bridge.emails import email_properties
from wanamaker_crm_bridge.fields import Fields
from wanamaker_crm_bridge.values import Read, identifier, label, list_of, one_of, text
from wanamaker_shared.contracts.crm_events import LIFECYCLE, ContactRevised
from wanamaker_shared.contracts.identifiers import linkable_user_id
from wanamaker_shared.contracts.record import Personal

from .generic_company import company_properties
from .generic_event import GenericEvent

LIFECYCLES = (*LIFECYCLE, "churned")
_STATES_DOMAINS = 2
NAMES = ("name", "first_name", "last_name", "phone")


def contact_revised(event: GenericEvent, index: int, value: Any, path: str) -> ContactRevised:
    """`value` is the contact, or in a deal's list just its id. Raises Unmappable."""
    contact = Fields(value if isinstance(value, dict | None) else {"id": value}, path)
    contact_id = contact.id()
    emails = _either(contact, "email", "emails", text)
    user_ids = _either(contact, "user_id", "user_ids", _user_id)
    names = {name: called for name in NAMES if (called := contact.optional(name, label))}
    personal = {**names, **{name: values for name, values in (emails | user_ids).items() if values}}
    return ContactRevised(
        **event.envelope(index),
        contact_id=contact_id,
        properties={
            **_emails(event, emails),
            **_user_ids(event, user_ids),
            **contact.stated("lifecycle", one_of(LIFECYCLES)),
            **contact.stated("lifecycle_stage", label),
            **company_properties(contact),
        },
        personal=Personal(key=contact_id, v=personal) if personal else None,
    )


def _either(contact: Fields, one: str, many: str, read: Read[str]) -> dict[str, list[str] | None]:
    """What `one` (a value) and `many` (a list) state together, under the list's name: nothing, None (cleared) or all of them."""
    if not (contact.states(one) or contact.states(many)):
        return {}
    single, several = contact.optional(one, read), contact.optional(many, list_of(read))
    if single is None and several is None:
        return {many: None}
    return {many: list(dict.fromkeys([*([] if single is None else [single]), *(several or [])]))}


def _emails(event: GenericEvent, stated: Mapping[str, list[str] | None]) -> dict[str, list[Any] | None]:
    """The addresses as keys; with their domains where the request was accepted by a version that states them."""
    properties: dict[str, list[Any] | None] = {}
    for values in stated.values():
        properties |= email_properties(values, event.workspace_key)
    if event.webhook.mapping_version < _STATES_DOMAINS:
        properties.pop("email_domains", None)
    return properties


def _user_ids(event: GenericEvent, stated: Mapping[str, list[str] | None]) -> dict[str, list[str] | None]:
    """Those that can link somebody; the others stay in `personal` only."""
    return {name: values and _linkable(event, values) for name, values in stated.items()}


def _linkable(event: GenericEvent, values: list[str]) -> list[str]:
    linked = (linkable_user_id(event.workspace_key, value) for value in values)
    return list(dict.fromkeys(each for each in linked if each is not None))


def _user_id(value: Any, path: str) -> str:
    """Blank is allowed here: many CRMs send it for "none", and it links nobody."""
    return "" if isinstance(value, str) and not value.strip() else identifier(value, path)
