"""HubSpot's properties in our words: which ones say something to us, and how their values read.

A value is text in a webhook and in the API alike; empty means that it was cleared. Source: HubSpot's default properties of
deals, contacts and companies.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wanamaker_crm_bridge.connections import Connection
from wanamaker_crm_bridge.json_body import Number
from wanamaker_crm_bridge.mapping import Unmappable
from wanamaker_crm_bridge.values import (
    amount,
    currency,
    domain,
    identifier,
    label,
    microseconds,
    text_of,
    time_or_date,
)

from .property_makers import Make, Reader, email, personal, stated_as, user_id

_LATEST = 7_258_118_400_000  # the year 2200, in milliseconds


def milliseconds(value: Any, path: str) -> int:
    """A time as HubSpot has it, milliseconds since 1970 or RFC 3339, in microseconds."""
    sent = value.text if isinstance(value, Number) else value
    if isinstance(sent, str) and sent.isascii() and sent.isdigit() and len(sent) <= 15:
        if int(sent) >= _LATEST:
            raise Unmappable(path, "lies after the year 2200")
        return int(sent) * 1000
    return microseconds(value, path)


def moment(value: Any, path: str) -> str:
    """The same as a time of the contract; a date stays one."""
    try:
        return text_of(milliseconds(value, path))
    except Unmappable:
        return time_or_date(value, path)


DEAL: Mapping[str, Make] = {
    "dealstage": stated_as("stage", label),
    "pipeline": stated_as("pipeline", label),
    "amount": stated_as("amount", amount),
    "deal_currency_code": stated_as("currency", currency),
    "closedate": stated_as("closed_at", moment),
    "createdate": stated_as("created_at", moment),
    "hs_analytics_source": stated_as("original_source", label),
    "dealname": personal("name"),
}
CONTACT: Mapping[str, Make] = {
    "email": email,
    "lifecyclestage": stated_as("lifecycle_stage", label),
    "associatedcompanyid": stated_as("company_id", identifier),
    "firstname": personal("first_name"),
    "lastname": personal("last_name"),
    "phone": personal("phone"),
}


def contact_properties(connection: Connection) -> Mapping[str, Make]:
    """With the property of its own in which a connection keeps the website's user ids."""
    return CONTACT if connection.user_id is None else {**CONTACT, connection.user_id: user_id}


COMPANY: Mapping[str, Reader] = {"name": label, "domain": domain}

ADDITIONAL_EMAILS = "hs_additional_emails"
"""Further addresses of a contact, parted by semicolons; only the API says them together with `email`."""
MERGED = "hs_merged_object_ids"
"""The ids of what was merged into an object, parted by semicolons."""
