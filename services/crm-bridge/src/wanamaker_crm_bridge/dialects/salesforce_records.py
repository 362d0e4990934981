"""What one object of Salesforce says, whichever way it came: a record for each field, at the time of the object's last change.

Every message and every reading of an object at one `SystemModstamp` has the same values, so each field's statement is known by
object, field, value and that time (docs/adr/0018): a message of three fields and a reading of all of them complete one another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from wanamaker_crm_bridge.connections import Connection
from wanamaker_crm_bridge.fields import Fields
from wanamaker_crm_bridge.values import microseconds
from wanamaker_shared.contracts.crm_events import (
    ContactMerged,
    CrmEvent,
    DealDeleted,
    DealRestored,
)

from .property_makers import Make
from .salesforce_fields import (
    ACCOUNT,
    CONTACT,
    LEAD,
    LIFECYCLE,
    OPPORTUNITY,
    USER_ID,
    day,
    moment,
    moment_text,
    truth,
)
from .salesforce_ids import salesforce_id
from .stating import Said, Stating

DELETED = 1
"""A deletion stands just behind its object's last change, which it is; Salesforce's times are whole seconds."""
LISTED = 2
"""The whole list of a deal's contacts stands behind all changes that it includes."""


@dataclass(frozen=True, slots=True)
class Row:
    """One object. `fields` are under Salesforce's own names; `at` is when it was last changed, in microseconds."""

    kind: str
    fields: Fields
    at: int
    stating: Stating
    options: Connection

    @property
    def id(self) -> str:
        return self.reference("Id")

    def reference(self, name: str) -> str:
        return self.fields.required(name, salesforce_id)

    def optional(self, name: str) -> str | None:
        return self.fields.optional(name, salesforce_id)

    @property
    def deleted(self) -> bool:
        return self.fields.optional("IsDeleted", truth) is True


def stamp(fields: Fields) -> int | None:
    """When an object was last changed, if it says so. `LastModifiedDate` leaves out what Salesforce itself changed."""
    return fields.optional("SystemModstamp", moment) or fields.optional("LastModifiedDate", moment)


def records_of(row: Row) -> list[CrmEvent] | None:
    """None for a kind of object that says nothing to us. Raises Unmappable."""
    make = _RECORDS_OF.get(row.kind)
    return None if make is None else list(make(row))


def _opportunity(row: Row) -> Iterator[CrmEvent]:
    deal_id = row.id
    if row.deleted:
        at = row.at + DELETED
        yield DealDeleted(**row.stating.envelope("deal", deal_id, "deletion", at=at), deal_id=deal_id)
        return
    for said in _said(row, OPPORTUNITY):
        yield row.stating.deal(deal_id, said, row.at)
    if row.options.currency is not None and row.fields.states("Amount") and not row.fields.states("CurrencyIsoCode"):
        yield row.stating.deal(deal_id, Said({"currency": row.options.currency}), row.at)
    status = _status(row.fields)
    if status is not None:
        yield row.stating.deal(deal_id, Said({"status": status}), row.at)
    created = row.fields.optional("CreatedDate", moment)
    if created is not None:
        said = Said({"created_at": row.fields.required("CreatedDate", moment_text)})
        yield row.stating.deal(deal_id, said, created)
    if row.fields.optional("IsDeleted", truth) is False:
        yield DealRestored(**row.stating.envelope("deal", deal_id, "existence", at=row.at), deal_id=deal_id)


def _status(fields: Fields) -> str | None:
    """What Salesforce itself says the stage means; None where the fields told do not settle it."""
    won, closed = fields.optional("IsWon", truth), fields.optional("IsClosed", truth)
    if won:
        return "won"
    if closed is False:
        return "open"
    return "lost" if closed and won is False else None


def _role(row: Row) -> Iterator[CrmEvent]:
    deal_id, contact_id = row.reference("OpportunityId"), row.optional("ContactId")
    if contact_id is None:
        return
    if row.deleted:
        yield row.stating.deal_contacts(deal_id, row.at + DELETED, contacts_removed=[contact_id])
    else:
        yield row.stating.deal_contacts(deal_id, row.at, contacts_added=[contact_id])


def _contact(row: Row) -> Iterator[CrmEvent]:
    stage = row.options.lifecycle_field
    yield from _person(row, {**CONTACT, **({} if stage is None else {stage: LIFECYCLE})})


def _lead(row: Row) -> Iterator[CrmEvent]:
    yield from _person(row, LEAD)
    lead_id, contact_id, deal_id = row.id, row.optional("ConvertedContactId"), row.optional("ConvertedOpportunityId")
    if contact_id is None:
        return
    converted = row.fields.optional("ConvertedDate", day)
    at = row.at if converted is None else microseconds(f"{converted}T00:00:00Z", "ConvertedDate")
    said = row.stating.envelope("contact", "conversion", lead_id, contact_id, at=at)
    yield ContactMerged(**said, from_id=lead_id, into_id=contact_id)
    if deal_id is not None:
        yield row.stating.deal_contacts(deal_id, at, contacts_added=[contact_id])


def _person(row: Row, fields: Mapping[str, Make]) -> Iterator[CrmEvent]:
    """A deleted one says nothing but into whom it was merged: what they did has happened, and deals tell whom they still have."""
    contact_id, into = row.id, row.optional("MasterRecordId")
    if into is not None:
        yield row.stating.merge("contact", contact_id, into, row.at)
    if not row.deleted:
        own = {} if row.options.user_id is None else {row.options.user_id: USER_ID}
        for each in _said(row, {**fields, **own}):
            yield row.stating.contact(contact_id, each, row.at)


def _account(row: Row) -> Iterator[CrmEvent]:
    """A person account is a person, whose contact says what there is to say; its name is no company's."""
    company_id, into = row.id, row.optional("MasterRecordId")
    if into is not None:
        yield row.stating.merge("company", company_id, into, row.at)
    if row.deleted or row.fields.optional("IsPersonAccount", truth):
        return
    for field, (name, read) in ACCOUNT.items():
        for value in row.fields.stated(field, read).values():
            yield row.stating.company(company_id, {name: value}, row.at)


def _said(row: Row, fields: Mapping[str, Make]) -> Iterator[Said]:
    """What each field says that is stated and of use."""
    for name, make in fields.items():
        if row.fields.states(name):
            said = make(row.stating.workspace_key, row.fields.raw(name), row.fields.path(name))
            if said.properties or said.personal:
                yield said


_RECORDS_OF: Mapping[str, Callable[[Row], Iterator[CrmEvent]]] = {
    "Opportunity": _opportunity,
    "OpportunityContactRole": _role,
    "Contact": _contact,
    "Lead": _lead,
    "Account": _account,
}
KINDS = tuple(_RECORDS_OF)
