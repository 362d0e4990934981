"""Pipedrive's deals, persons and organizations in our words, as webhooks of both versions and the API have them.

The ids of pipelines and stages are what is stated: they never change, names do, and webhooks do not tell them. Sources:
developers.pipedrive.com (deals, persons, organizations of API v2 and v1), "Guide for Webhooks" v1 and v2.
"""

from __future__ import annotations

import re
from typing import Any

from wanamaker_crm_bridge.fields import Fields
from wanamaker_crm_bridge.json_body import Number
from wanamaker_crm_bridge.values import (
    currency,
    host,
    identifier,
    items,
    label,
    microseconds,
    number,
    one_of,
    printable,
    text,
    text_of,
)

from .stating import Said, emails, user_ids

_STATUSES = ("open", "won", "lost")
_GONE = "deleted"
_V1_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", re.ASCII)
_SECONDS = re.compile(r"\d{1,10}", re.ASCII)
_MARKS = ("stage_change_time", "won_time", "lost_time")
_PAST = ("is_deleted", "deleted")


def pipedrive_time(value: Any, path: str) -> int:
    """Microseconds: of `YYYY-MM-DD HH:MM:SS`, which is UTC (v1), of RFC 3339 (v2), or of whole seconds since 1970."""
    if isinstance(value, Number) and _SECONDS.fullmatch(value.text):
        return int(value.text) * 1_000_000
    if isinstance(value, str) and _V1_TIME.fullmatch(value.strip()):
        return microseconds(f"{value.strip()}Z", path)
    return microseconds(value, path)


def linked(value: Any, path: str) -> str:
    """The id of what an object is linked to: itself, or in v1's API the `value` of an object."""
    return Fields(value, path).id("value") if isinstance(value, dict) else identifier(value, path)


def is_gone(fields: Fields) -> bool:
    return fields.raw("status") == _GONE or any(fields.raw(name) is True for name in _PAST)


def changed_at(fields: Fields) -> int | None:
    """The second in which the object changed last."""
    changed = fields.optional("update_time", pipedrive_time)
    return changed if changed is not None else fields.optional("add_time", pipedrive_time)


def deal_said(deal: Fields) -> Said:
    """Pipedrive itself says `status`. A deal is closed when it was won; the expected date says nothing."""
    title = deal.optional("title", text)
    return Said(
        {
            **deal.stated("status", one_of(_STATUSES)),
            **_renamed("pipeline", deal.stated("pipeline_id", label)),
            **_renamed("stage", deal.stated("stage_id", label)),
            **_renamed("amount", deal.stated("value", number)),
            **deal.stated("currency", currency),
            **_renamed("created_at", deal.stated("add_time", _moment)),
            **_closed(deal),
            **_renamed("company_id", deal.stated("org_id", linked)),
        },
        {"name": title} if title else {},
    )


def deal_marks(deal: Fields) -> list[int | None]:
    """Times that tell two spells of one state apart, as when a deal is opened and won once more."""
    return [deal.optional(name, pipedrive_time) for name in _MARKS]


def person_said(workspace_key: bytes, person: Fields, user_id: str | None) -> Said:
    """`user_id` is the key of the field of their own in which people of the workspace keep the website's user id."""
    said = Said()
    for name in ("emails", "email"):  # v2 and v1
        if person.states(name):
            said = emails(workspace_key, list(dict.fromkeys(_values(person, name))))
            break
    known = _user_id(workspace_key, person, user_id)
    numbers = next((_values(person, name) for name in ("phones", "phone") if person.states(name)), [])
    names = {name: called for name in ("name", "first_name", "last_name") if (called := person.optional(name, text))}
    return Said(
        {**said.properties, **known.properties, **_renamed("company_id", person.stated("org_id", linked))},
        {**said.personal, **known.personal, **names, **({"phone": numbers[0]} if numbers else {})},
    )


def organization_said(organization: Fields) -> dict[str, Any]:
    """`name` and `domain`; a website is what somebody typed, so one that names no host says that there is none."""
    return {
        **organization.stated("name", label),
        **_renamed("domain", organization.stated("website", host)),
    }


def _closed(deal: Fields) -> dict[str, str | None]:
    if not (deal.states("status") and deal.states("won_time")):
        return {}
    return {"closed_at": deal.optional("won_time", _moment) if deal.raw("status") == "won" else None}


def _user_id(workspace_key: bytes, person: Fields, name: str | None) -> Said:
    """Version 2 keeps fields of one's own apart, and its webhooks wrap their values; version 1 has them among the others."""
    own = Fields(person.raw("custom_fields"), "custom_fields") if person.raw("custom_fields") is not None else person
    if name is None or not own.states(name):
        return Said()
    sent = own.raw(name)
    value = Fields(sent, own.path(name)).raw("value") if isinstance(sent, dict) else sent
    return user_ids(workspace_key, [] if value in (None, "") else [identifier(value, own.path(name))])


def _values(person: Fields, name: str) -> list[str]:
    """The addresses or numbers of a list, the primary one first; v1 has an entry with an empty value for none."""
    if person.raw(name) is None:
        return []
    entries = [(person.raw(name), True)] if isinstance(person.raw(name), str) else []
    if not entries:
        for index, entry in enumerate(items(person.raw(name), person.path(name))):
            where = f"{person.path(name)}[{index}]"
            one = Fields(entry, where)
            entries.append((one.optional("value", text) or "", one.raw("primary") is True))
    return [printable(value).strip() for value, _ in sorted(entries, key=lambda entry: not entry[1]) if value.strip()]


def _moment(value: Any, path: str) -> str:
    return text_of(pipedrive_time(value, path))


def _renamed(name: str, stated: dict[str, Any]) -> dict[str, Any]:
    return {name: next(iter(stated.values()))} if stated else {}
