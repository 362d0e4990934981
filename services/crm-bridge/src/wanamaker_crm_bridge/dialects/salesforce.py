"""Salesforce's messages: outbound messages in SOAP, or JSON that a Flow sends; each object that is told says its fields.

The JSON is `{"organization": "00D…", "object": "Opportunity", "record": {…}}` or a list of such, `record` under Salesforce's own
field names. What a message touches is also read from the API (`salesforce_reading`) where we have access to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from wanamaker_crm_bridge.fields import Fields
from wanamaker_crm_bridge.json_body import read_json
from wanamaker_crm_bridge.mapping import Context, Failure, Fetch, Mapped, Unmappable, Webhook
from wanamaker_crm_bridge.values import items, text
from wanamaker_shared.contracts.crm_events import CrmEvent

from .salesforce_ids import salesforce_id
from .salesforce_records import Row, records_of, stamp
from .salesforce_soap import Notified, read_message
from .stating import Stating

READING = "salesforce-api"
"""The dialect of the API's answers, and whose fetcher asks."""

SETTLE = 5_000_000
"""How long after a message its objects are read, in microseconds: the second of the change is over then (docs/adr/0018),
and who makes a deal has added its contacts."""

Told = tuple[str, Any, "Notified | Unmappable"]
"""(the item's name, whose organization it says it is, what it says)"""


def is_xml(webhook: Webhook) -> bool:
    """Whether the sender speaks SOAP, by what it calls its body."""
    return "xml" in webhook.headers.get("content-type", "").lower()


def map_webhook(webhook: Webhook, context: Context) -> Mapped:
    told = _Told(webhook, context)
    try:
        for name, organization, what in _items(webhook):
            told.take(name, organization, what)
    except Unmappable as problem:
        told.failures.append(Failure("body", str(problem)))
    return Mapped(
        tuple(told.events),
        tuple(told.failures),
        told.skipped,
        _questions(webhook, told.touched),
        standing=told.standing,
    )


def organization_of(value: Any, path: str, context: Context) -> str:
    """The organization that a message or an answer is of. Raises Unmappable for another one than the connection's."""
    own = context.connection.organization
    if value is None and own is not None:
        return salesforce_id(own, path)
    if value is None:
        raise Unmappable(path, "is missing; send it, or set `organization` of the connection in connections.toml")
    sent = salesforce_id(value, path)
    if own is not None and sent != salesforce_id(own, path):
        raise Unmappable(path, "is not the `organization` that connections.toml has for this connection")
    return sent


def row_of(kind: str, record: Any, context: Context, stating: Stating, *, path: str = "", otherwise: int) -> Row:
    """`otherwise` is when it is so, if the object does not say when it was last changed. Empty texts are cleared fields."""
    if isinstance(record, dict):
        record = {name: None if value == "" else value for name, value in record.items()}
    fields = Fields(record, path)
    changed = stamp(fields)
    return Row(kind, fields, otherwise if changed is None else changed, stating, context.connection)


def _items(webhook: Webhook) -> Iterator[Told]:
    """Raises Unmappable for a body that cannot be read at all."""
    if is_xml(webhook) or webhook.body.lstrip().startswith(b"<"):
        message = read_message(webhook.body)
        for number, what in enumerate(message.notifications):
            yield f"notification {number}", message.organization, what
        return
    body = read_json(webhook.body)
    for number, value in enumerate(items(body, "body") if isinstance(body, list) else [body]):
        name = f"record {number}"
        try:
            fields = Fields(value)
            kind = fields.required("object", text)
            yield name, fields.raw("organization"), Notified(kind, fields.raw("record"))
        except Unmappable as problem:
            yield name, None, problem


@dataclass
class _Told:
    """What the items of one message came to."""

    webhook: Webhook
    context: Context
    events: list[CrmEvent] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    skipped: int = 0
    touched: dict[str, set[str]] = field(default_factory=dict)
    standing: dict[str, str] = field(default_factory=dict)

    def take(self, name: str, organization: Any, what: Notified | Unmappable) -> None:
        try:
            if isinstance(what, Unmappable):
                raise what
            self._take(organization, what)
        except Unmappable as problem:
            self.failures.append(Failure(name, str(problem)))

    def _take(self, organization: Any, what: Notified) -> None:
        whose = organization_of(organization, "organization", self.context)
        stating = Stating(self.webhook, self.context.workspace_key, whose)
        row = row_of(what.kind, what.record, self.context, stating, path="record", otherwise=self.webhook.received_at)
        said = records_of(row)
        if said is None:
            self.skipped += 1
            return
        if self.context.readable:
            for kind, object_id in _touches(row):
                self.touched.setdefault(kind, set()).add(object_id)
            if stamp(row.fields) is None:
                return  # when it was so nobody says: the reading that follows does
        self.events += said
        self.standing |= {event.event_id: stating.content_of(event) for event in said}


def _touches(row: Row) -> Iterator[tuple[str, str]]:
    match row.kind:
        case "Opportunity":
            yield "opportunities", row.id
        case "OpportunityContactRole":
            yield "opportunities", row.reference("OpportunityId")
        case "Contact":
            yield "contacts", row.id
        case "Account":
            yield "accounts", row.id
        case "Lead":
            yield "leads", row.id
            for kind, name in (("contacts", "ConvertedContactId"), ("opportunities", "ConvertedOpportunityId")):
                converted = row.optional(name)
                if converted is not None:
                    yield kind, converted


def _questions(webhook: Webhook, touched: dict[str, set[str]]) -> tuple[Fetch, ...]:
    """One for all that a message touched; the same message asks the same."""
    asked = {kind: ",".join(sorted(ids)) for kind, ids in sorted(touched.items())}
    return (Fetch(f"{READING}/{webhook.delivery_id}", READING, asked, SETTLE),) if asked else ()
