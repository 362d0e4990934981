"""Pipedrive's webhooks, version 2 and 1: one object a request, as it is now, and what it was before.

The whole object is one statement, known by what it says and when it was so, so that both versions and the API
(`pipedrive_reading`) say one thing. Deals' further participants, and what a webhook leaves out, are read from the API where we
have access to it. Source: pipedrive.readme.io/docs/guide-for-webhooks-v2 and guide-for-webhooks.
"""

from __future__ import annotations

from collections.abc import Iterator

from wanamaker_crm_bridge.fields import Fields
from wanamaker_crm_bridge.json_body import read_json
from wanamaker_crm_bridge.mapping import Context, Failure, Fetch, Mapped, Unmappable, Webhook
from wanamaker_crm_bridge.values import identifier
from wanamaker_shared.contracts.crm_events import CrmEvent, DealRestored

from .pipedrive_properties import (
    changed_at,
    deal_marks,
    deal_said,
    is_gone,
    linked,
    organization_said,
    person_said,
    pipedrive_time,
)
from .whole_objects import WholeObjects
from .whole_seconds import WAIT, told_within, whole_micros

READING = "pipedrive-api"
"""The dialect of the API's answers, and whose fetcher asks."""

LISTS = {"deal": "deals", "person": "persons", "organization": "organizations"}
"""What of Pipedrive says something to us, and how its API calls them."""
_MERGES = {"deal": "deal", "person": "contact", "organization": "company"}


class Told:
    """One webhook, of either version. Raises Unmappable for what it lacks."""

    def __init__(self, body: Fields) -> None:
        meta = body.object("meta")
        newer = meta.states("entity")
        self.kind = str(meta.raw("entity" if newer else "object"))
        self.action = str(meta.raw("action"))
        self.id = meta.id("entity_id" if newer else "id")
        self.company = meta.id("company_id")
        micros = meta.optional("timestamp_micro", whole_micros)  # version 1 has it beside the whole seconds
        self.at = meta.required("timestamp", pipedrive_time) if micros is None else micros
        self.merged_into = meta.optional("merged_to_id", identifier)
        self.merged_from = meta.optional("merged_from_id", identifier)
        self.present = _object(body, "data" if newer else "current")
        self.before = _object(body, "previous")


class Statements(WholeObjects):
    """The account is the company."""

    def of(self, kind: str, found: Fields, object_id: str, at: int) -> Iterator[CrmEvent]:
        """What an object as it is says, but for a deal's contacts."""
        if kind == "deal":
            if is_gone(found):
                yield self.deleted(object_id, at)
            else:
                yield self.stood(self.stating.deal(object_id, deal_said(found), at), *deal_marks(found))
        elif is_gone(found):
            return
        elif kind == "person":
            said = person_said(self.context.workspace_key, found, self.context.connection.user_id)
            yield self.stood(self.stating.contact(object_id, said, at))
        else:
            yield self.stood(self.stating.company(object_id, organization_said(found), at))


def map_webhook(webhook: Webhook, context: Context) -> Mapped:
    try:
        told = Told(Fields(read_json(webhook.body)))
        statements = Statements(webhook, context, told.company)
        events = list(_said(told, statements, context)) if told.kind in LISTS else []
    except Unmappable as problem:
        return Mapped(failures=(Failure("body", str(problem)),))
    asks = context.readable and told.kind in LISTS and told.present is not None
    return Mapped(
        tuple(events),
        skipped=0 if events else 1,
        fetches=(_question(webhook, told),) if asks else (),
        standing=statements.standing,
    )


def _said(told: Told, statements: Statements, context: Context) -> Iterator[CrmEvent]:
    stating, merges = statements.stating, _MERGES[told.kind]
    if told.merged_from is not None:
        yield stating.merge(merges, told.merged_from, told.id, told.at)
    if told.present is None:
        if told.merged_into is not None:
            yield stating.merge(merges, told.id, told.merged_into, told.at)
            if told.kind == "deal":  # the API lists it among the deleted ones: that is no news then
                statements.deleted(told.id, told.at)
        elif told.kind == "deal" and told.action in ("delete", "deleted"):
            yield statements.deleted(told.id, told.at)
        return
    changed = changed_at(told.present)
    at = told.at if changed is None else told_within(changed, told.at)
    yield from statements.of(told.kind, told.present, told.id, at)
    if told.kind == "deal" and not is_gone(told.present):
        if told.before is not None and is_gone(told.before):
            restored = stating.envelope("deal", told.id, "restore", at=told.at)
            yield DealRestored(**restored, deal_id=told.id)
        yield from _person(told.present, told.id, at, statements, context)


def _person(deal: Fields, deal_id: str, at: int, statements: Statements, context: Context) -> Iterator[CrmEvent]:
    """A webhook names a deal's main person only. Whom it leaves out the API tells; without it they are all there is."""
    if not deal.states("person_id"):
        return
    person = deal.optional("person_id", linked)
    if not context.readable:
        yield statements.contacts(deal_id, [] if person is None else [person], at)
    elif person is not None:
        yield statements.stating.deal_contacts(deal_id, at, contacts_added=[person])


def _object(body: Fields, name: str) -> Fields | None:
    return None if body.raw(name) is None else Fields(body.raw(name), name)


def _question(webhook: Webhook, told: Told) -> Fetch:
    return Fetch(f"{READING}/{webhook.delivery_id}", READING, {LISTS[told.kind]: told.id}, delay=WAIT)
