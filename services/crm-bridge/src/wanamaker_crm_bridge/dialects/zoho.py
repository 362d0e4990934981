"""Zoho CRM's notifications: the ids of what changed, several in one call, and little more.

What changed is read from the API (`zoho_reading`). Without access to it the values that a notification itself has
(`affected_values`, where its channel asks for them) are what we know. With access they say nothing: they stand at the time they
were sent and would hide what changed in between. Source: zoho.com/crm/developer/docs/api/v8/notifications.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from wanamaker_crm_bridge.fields import Fields
from wanamaker_crm_bridge.json_body import Number, read_json
from wanamaker_crm_bridge.mapping import Context, Failure, Fetch, Mapped, Unmappable, Webhook
from wanamaker_crm_bridge.values import identifier, items
from wanamaker_shared.contracts.crm_events import CrmEvent

from .hubspot_properties import milliseconds
from .whole_objects import WholeObjects
from .whole_seconds import WAIT
from .zoho_fields import FIELDS, account_said, deal_said, linked, person_said

READING = "zoho-api"
"""The dialect of the API's answers, and whose fetcher asks."""

WHOSE = "zoho"
"""Ids are unique among all organizations of Zoho, so they need no account beside them."""


class Statements(WholeObjects):
    """Of records, wherever they are told."""

    def __init__(self, webhook: Webhook, context: Context) -> None:
        super().__init__(webhook, context, WHOSE)

    def of(self, module: str, found: Fields, object_id: str, at: int) -> Iterator[CrmEvent]:
        """What a record's own fields say; a deal's contacts are said apart."""
        if module == "Deals":
            yield self.stood(self.stating.deal(object_id, deal_said(found), at))
        elif module == "Accounts":
            yield self.stood(self.stating.company(object_id, account_said(found), at))
        else:
            said = person_said(self.context.workspace_key, found, self.context.connection.user_id)
            yield self.stood(self.stating.contact(object_id, said, at))


def map_webhook(webhook: Webhook, context: Context) -> Mapped:
    try:
        body = Fields(read_json(webhook.body))
        module, operation = str(body.raw("module")), str(body.raw("operation"))
        at = body.required("server_time", milliseconds)
        ids = items(body.raw("ids"), "ids")
    except Unmappable as problem:
        return Mapped(failures=(Failure("body", str(problem)),))
    if module not in FIELDS:
        return Mapped(skipped=len(ids) or 1)
    statements = Statements(webhook, context)
    events: list[CrmEvent] = []
    failures: list[Failure] = []
    named: list[str] = []
    for number, value in enumerate(ids):
        try:
            object_id = identifier(value, f"ids[{number}]")
            named.append(object_id)
            if operation == "delete":
                events += [statements.deleted(object_id, at)] if module == "Deals" else []
            elif not context.readable:
                events += list(_told(body, module, object_id, at, statements))
        except Unmappable as problem:
            failures.append(Failure(f"id {number}", str(problem)))
    asks = context.readable and operation != "delete" and named
    return Mapped(
        tuple(events),
        tuple(failures),
        skipped=0 if events or asks or failures else len(ids) or 1,
        fetches=(_question(webhook, module, named),) if asks else (),
        standing=statements.standing,
    )


def _told(body: Fields, module: str, object_id: str, at: int, statements: Statements) -> Iterator[CrmEvent]:
    """What the notification itself says of a record: the fields that changed."""
    for number, entry in enumerate(items(body.raw("affected_values") or [], "affected_values")):
        affected = Fields(entry, f"affected_values[{number}]")
        if _id(affected.raw("record_id")) != object_id:
            continue
        values = affected.object("values")
        yield from statements.of(module, values, object_id, at)
        if module == "Deals" and values.states("Contact_Name"):
            contact = values.optional("Contact_Name", linked)
            yield statements.contacts(object_id, [] if contact is None else [contact], at)


def _id(value: Any) -> str:
    return value.text if isinstance(value, Number) else str(value)


def _question(webhook: Webhook, module: str, ids: list[str]) -> Fetch:
    asked = {"module": module, "ids": ",".join(sorted(set(ids)))}
    return Fetch(f"{READING}/{webhook.delivery_id}", READING, asked, delay=WAIT)
