"""A generic deal becomes `deal.revised`: the properties it states, its contacts, and its name as a personal value."""

from __future__ import annotations

from typing import Any

from wanamaker_crm_bridge.fields import Fields
from wanamaker_crm_bridge.mapping import Unmappable
from wanamaker_crm_bridge.values import amount, currency, identifier, items, label, one_of, text, time_or_date
from wanamaker_shared.contracts.crm_events import DealRevised
from wanamaker_shared.contracts.record import Personal

from .generic_company import company_properties
from .generic_event import GenericEvent

STATUSES = ("open", "won", "lost")


def deal_revised(event: GenericEvent) -> DealRevised:
    """Raises Unmappable if any property of the deal itself cannot be read; half a statement would be a false one."""
    deal = event.fields.object("deal")
    deal_id = deal.id()
    name = deal.optional("name", text)
    return DealRevised(
        **event.envelope(0),
        deal_id=deal_id,
        properties={
            **deal.stated("status", one_of(STATUSES)),
            **deal.stated("pipeline", label),
            **deal.stated("stage", label),
            **deal.stated("amount", amount),
            **deal.stated("currency", currency),
            **deal.stated("created_at", time_or_date),
            **deal.stated("closed_at", time_or_date),
            **deal.stated("original_source", label),
            **company_properties(deal),
        },
        **_contacts(event),
        personal=Personal(key=deal_id, v={"name": name}) if name else None,
    )


def mentioned_contacts(event: GenericEvent) -> list[tuple[Any, str]]:
    """The entries of the deal's contact list with their paths; none where there is no readable list (`deal_revised` says so)."""
    deal = event.fields.raw("deal")
    contacts = deal.get("contacts") if isinstance(deal, dict) else None
    try:
        entries = items(contacts, "deal.contacts")
    except Unmappable:
        return []
    return [(entry, f"deal.contacts[{index}]") for index, entry in enumerate(entries)]


def _contacts(event: GenericEvent) -> dict[str, list[str]]:
    """What the deal states of its contacts.

    A list states each contact present and all others absent. If an entry has no readable id, nobody knows whether the
    others are really absent, so the rest are only added.
    """
    deal = event.fields.object("deal")
    if not deal.states("contacts"):
        return {}
    if deal.raw("contacts") is None:
        return {"contacts": []}
    entries = items(deal.raw("contacts"), deal.path("contacts"))
    ids = [_contact_id(entry) for entry in entries]
    known = list(dict.fromkeys(contact_id for contact_id in ids if contact_id is not None))
    return {"contacts": known} if None not in ids else {"contacts_added": known}


def _contact_id(entry: Any) -> str | None:
    try:
        return Fields(entry).id() if isinstance(entry, dict) else identifier(entry, "")
    except Unmappable:
        return None
