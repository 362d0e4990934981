"""Zoho CRM's fields in our words: of deals, contacts, leads and accounts, as its API has them, or parts of them.

A deal's stage is a word of the workspace's own; what Zoho itself means by it (open, won, lost) stands in the description of the
field, and so does whether the closing date is one: until a deal is won it is a guess. Source: zoho.com/crm/developer/docs/api/v8
(records, fields metadata).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wanamaker_crm_bridge.connections import Connection
from wanamaker_crm_bridge.fields import Fields
from wanamaker_crm_bridge.values import (
    currency,
    host,
    identifier,
    label,
    microseconds,
    number,
    text,
    text_of,
    time_or_date,
)

from .stating import Said, emails, user_ids

FIELDS: Mapping[str, tuple[str, ...]] = {
    "Deals": (
        *("Deal_Name", "Stage", "Pipeline", "Amount", "Currency", "Closing_Date", "Lead_Source"),
        *("Contact_Name", "Account_Name", "Created_Time", "Modified_Time"),
    ),
    "Contacts": (
        *("Email", "Secondary_Email", "Full_Name", "First_Name", "Last_Name", "Phone", "Mobile"),
        *("Account_Name", "Created_Time", "Modified_Time"),
    ),
    "Leads": (
        *("Email", "Secondary_Email", "Full_Name", "First_Name", "Last_Name", "Phone", "Mobile", "Lead_Status"),
        *("Converted__s", "Converted_Date_Time", "Converted_Contact", "Created_Time", "Modified_Time"),
    ),
    "Accounts": ("Account_Name", "Website", "Created_Time", "Modified_Time"),
}
"""The modules that say something to us, and what is asked of each; a field that an organization does not have is left out."""

Stages = Mapping[str, str]
"""What Zoho means by a stage: open, won or lost."""

_MEANINGS = {"open": "open", "closed won": "won", "closed lost": "lost"}
_NAMES = {"Full_Name": "name", "First_Name": "first_name", "Last_Name": "last_name"}


def linked(value: Any, path: str) -> str:
    """The id of what a lookup field points to, `{"id": …, "name": …}`."""
    return Fields(value, path).id() if isinstance(value, dict) else identifier(value, path)


def deal_said(deal: Fields) -> Said:
    name = deal.optional("Deal_Name", text)
    return Said(
        {
            **_named("stage", deal.stated("Stage", label)),
            **_named("pipeline", deal.stated("Pipeline", label)),
            **_named("amount", deal.stated("Amount", number)),
            **_named("currency", deal.stated("Currency", currency)),
            **_named("created_at", deal.stated("Created_Time", _moment)),
            **_named("original_source", deal.stated("Lead_Source", label)),
            **_named("company_id", deal.stated("Account_Name", linked)),
        },
        {"name": name} if name else {},
    )


def deal_meant(deal: Fields, stages: Stages) -> Said | None:
    """What Zoho means by the deal's stage; None where it does not say."""
    stage = str(deal.raw("Stage"))
    meaning = stages.get(stage)
    if meaning is None:
        return None
    closed = deal.optional("Closing_Date", time_or_date) if meaning == "won" else None
    return Said({"stage_means": {stage: meaning}, "closed_at": closed})


def fields_of(module: str, connection: Connection) -> tuple[str, ...]:
    """What is asked of a module, with the field of its own in which a connection keeps the website's user ids."""
    own = (connection.user_id,) if connection.user_id is not None and module in ("Contacts", "Leads") else ()
    return (*FIELDS[module], *own)


def person_said(workspace_key: bytes, person: Fields, user_id: str | None) -> Said:
    """A contact, or a lead: whose status is how far it is. `user_id` names the field that has the website's user id."""
    known = Said()
    if user_id is not None and person.states(user_id):
        sent = person.raw(user_id)
        known = user_ids(workspace_key, [] if sent in (None, "") else [identifier(sent, user_id)])
    said = Said()
    if person.states("Email"):
        addresses = [person.optional(name, text) for name in ("Email", "Secondary_Email")]
        said = emails(workspace_key, list(dict.fromkeys(filter(None, addresses))))
    names = {ours: called for theirs, ours in _NAMES.items() if (called := person.optional(theirs, text))}
    phone = person.optional("Phone", text) or person.optional("Mobile", text)
    return Said(
        {
            **said.properties,
            **known.properties,
            **_named("lifecycle_stage", person.stated("Lead_Status", label)),
            **_named("company_id", person.stated("Account_Name", linked)),
        },
        {**said.personal, **known.personal, **names, **({"phone": phone} if phone else {})},
    )


def account_said(account: Fields) -> dict[str, Any]:
    return {
        **_named("name", account.stated("Account_Name", label)),
        **_named("domain", account.stated("Website", host)),
    }


def stages_of(values: list[Any]) -> Stages:
    """Of the values of the field Stage, by either of their names."""
    found: dict[str, str] = {}
    for value in values:
        entry = Fields(value, "stages")
        meaning = _MEANINGS.get(str(entry.raw("forecast_type") or entry.raw("deal_category")).lower())
        for name in ("display_value", "actual_value"):
            if meaning is not None and isinstance(entry.raw(name), str):
                found[entry.raw(name)] = meaning
    return found


def _moment(value: Any, path: str) -> str:
    return text_of(microseconds(value, path))


def _named(name: str, stated: dict[str, Any]) -> dict[str, Any]:
    return {name: next(iter(stated.values()))} if stated else {}
