"""Salesforce's fields in our words: which ones say something to us, and how their values read.

In a SOAP message every value is text; in a Flow's and the API's JSON numbers and truths are such. Empty means cleared.
Source: Object Reference for the Salesforce Platform (standard objects).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from wanamaker_crm_bridge.mapping import Unmappable
from wanamaker_crm_bridge.values import (
    currency,
    host,
    label,
    microseconds,
    number,
    text_of,
    time_or_date,
)

from .property_makers import Make, Reader, email, personal, stated_as, user_id
from .salesforce_ids import salesforce_id

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


OPPORTUNITY: Mapping[str, Make] = {
    "StageName": stated_as("stage", label),
    "RecordTypeId": stated_as("pipeline", salesforce_id),
    "Amount": stated_as("amount", number),
    "CurrencyIsoCode": stated_as("currency", currency),
    "CloseDate": stated_as("closed_at", day),
    "LeadSource": stated_as("original_source", label),
    "AccountId": stated_as("company_id", salesforce_id),
    "Name": personal("name"),
}
"""Beside these `IsWon` and `IsClosed` (the status), `CreatedDate` and `IsDeleted`."""
HISTORY: Mapping[str, Make] = {
    name: OPPORTUNITY[name] for name in ("StageName", "Amount", "CurrencyIsoCode", "CloseDate")
}
"""Those of which Salesforce keeps every change: each row of `OpportunityHistory` has all of them, as of its `CreatedDate`."""
_PERSON: Mapping[str, Make] = {
    "Email": email,
    "FirstName": personal("first_name"),
    "LastName": personal("last_name"),
    "Phone": personal("phone"),
}
CONTACT: Mapping[str, Make] = {**_PERSON, "AccountId": stated_as("company_id", salesforce_id)}
LEAD: Mapping[str, Make] = {
    **_PERSON,
    "Status": stated_as("lifecycle_stage", label),
    "Website": stated_as("company_domain", host),
}
ACCOUNT: Mapping[str, tuple[str, Reader]] = {"Name": ("name", label), "Website": ("domain", host)}

LIFECYCLE = stated_as("lifecycle_stage", label)
"""The field of a contact that a connection names (`lifecycle_field`): Salesforce has none of its own."""
USER_ID: Make = user_id
"""The field of a contact or lead that a connection names (`user_id`): the website's own id of them."""
