"""A generic contact becomes `contact.revised`: e-mails as keys, user ids as they join, what it is called as personal values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from wanamaker_crm_bridge.fields import Fields
from wanamaker_crm_bridge.values import Read, identifier, label, list_of, one_of, text
from wanamaker_shared.contracts.crm_events import LIFECYCLE, ContactRevised
from wanamaker_shared.contracts.identifiers import linkable_email_key, linkable_user_id
from wanamaker_shared.contracts.record import Personal

from .generic_company import company_properties
from .generic_event import GenericEvent

LIFECYCLES = (*LIFECYCLE, "churned")
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
            **_linkable("email_keys", emails, linkable_email_key, event.workspace_key),
            **_linkable("user_ids", user_ids, linkable_user_id, event.workspace_key),
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


def _linkable(
    name: str,
    stated: Mapping[str, list[str] | None],
    link: Callable[[bytes, str], str | None],
    workspace_key: bytes,
) -> dict[str, list[str] | None]:
    """The property made of the stated values that can link somebody; the others stay in `personal` only."""
    if not stated:
        return {}
    (values,) = stated.values()
    if values is None:
        return {name: None}
    return {name: list(dict.fromkeys(key for value in values if (key := link(workspace_key, value)) is not None))}


def _user_id(value: Any, path: str) -> str:
    """Blank is allowed here: many CRMs send it for "none", and it links nobody."""
    return "" if isinstance(value, str) and not value.strip() else identifier(value, path)
