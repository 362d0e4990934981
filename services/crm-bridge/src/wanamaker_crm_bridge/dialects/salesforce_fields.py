"""Salesforce's fields in our words: which ones say something to us, and how their values read.

In a SOAP message every value is text; in a Flow's and the API's JSON numbers and truths are such. Empty means cleared.
Source: Object Reference for the Salesforce Platform (standard objects).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from wanamaker_crm_bridge.mapping import Unmappable
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

from .salesforce_ids import salesforce_id
from .stating import Said, emails, user_ids

Reader = Callable[[Any, str], Any]
Make = Callable[[bytes, Any, str], Said]
"""(workspace key, value or None, path) → what that says."""

_OFFSET = re.compile(r"([+-]\d\d)(\d\d)$")


def moment(value: Any, path: str) -> int:
    """A time in microseconds. The API writes offsets without a colon, `+0000`."""
    return microseconds(_OFFSET.sub(r"\1:\2", value.strip()) if isinstance(value, str) else value, path)


def moment_text(value: Any, path: str) -> str:
    return text_of(moment(value, path))


def day(value: Any, path: str) -> str:
    """A date; what follows it in some Flows, midnight, says nothing."""
    return time_or_date(value.strip()[:10] if isinstance(value, str) else value, path)


def truth(value: Any, path: str) -> bool:
    if isinstance(value, bool):
        return value
    word = value.strip().lower() if isinstance(value, str) else ""
    if word not in ("true", "false"):
        raise Unmappable(path, "must be true or false")
    return word == "true"


def _property(name: str, read: Reader) -> Make:
    return lambda _, value, path: Said({name: None if value is None else read(value, path)})


def _personal(name: str) -> Make:
    return lambda _, value, path: Said({}, {} if value is None else {name: text(value, path)})


def _email(workspace_key: bytes, value: Any, path: str) -> Said:
    return emails(workspace_key, [] if value is None else [text(value, path)])


def _user_id(workspace_key: bytes, value: Any, path: str) -> Said:
    return user_ids(workspace_key, [] if value is None else [identifier(value, path)])


OPPORTUNITY: Mapping[str, Make] = {
    "StageName": _property("stage", label),
    "RecordTypeId": _property("pipeline", salesforce_id),
    "Amount": _property("amount", number),
    "CurrencyIsoCode": _property("currency", currency),
    "CloseDate": _property("closed_at", day),
    "LeadSource": _property("original_source", label),
    "AccountId": _property("company_id", salesforce_id),
    "Name": _personal("name"),
}
"""Beside these `IsWon` and `IsClosed` (the status), `CreatedDate` and `IsDeleted`."""
HISTORY: Mapping[str, Make] = {
    name: OPPORTUNITY[name] for name in ("StageName", "Amount", "CurrencyIsoCode", "CloseDate")
}
"""Those of which Salesforce keeps every change: each row of `OpportunityHistory` has all of them, as of its `CreatedDate`."""
_PERSON: Mapping[str, Make] = {
    "Email": _email,
    "FirstName": _personal("first_name"),
    "LastName": _personal("last_name"),
    "Phone": _personal("phone"),
}
CONTACT: Mapping[str, Make] = {**_PERSON, "AccountId": _property("company_id", salesforce_id)}
LEAD: Mapping[str, Make] = {
    **_PERSON,
    "Status": _property("lifecycle_stage", label),
    "Website": _property("company_domain", host),
}
ACCOUNT: Mapping[str, tuple[str, Reader]] = {"Name": ("name", label), "Website": ("domain", host)}

LIFECYCLE = _property("lifecycle_stage", label)
"""The field of a contact that a connection names (`lifecycle_field`): Salesforce has none of its own."""
USER_ID: Make = _user_id
"""The field of a contact or lead that a connection names (`user_id`): the website's own id of them."""
