"""The generic dialect: deals, contacts and adjustments in our own words (docs/crm.md), one event a body or a list of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from wanamaker_crm_bridge.fields import Fields
from wanamaker_crm_bridge.json_body import read_json
from wanamaker_crm_bridge.mapping import Context, Failure, Mapped, Unmappable, Webhook
from wanamaker_crm_bridge.values import amount, currency, domain, identifier, items, label, text_of, time_or_date
from wanamaker_shared.contracts.crm_events import (
    CompanyMerged,
    CompanyRevised,
    ContactErased,
    ContactMerged,
    CrmEvent,
    DealDeleted,
    DealMerged,
    DealRestored,
    RevenueAdjusted,
)

from .generic_contact import contact_revised
from .generic_deal import deal_revised, mentioned_contacts
from .generic_event import GenericEvent, event_type, read_event

Make = Callable[[], CrmEvent]
"""Makes one record, or raises Unmappable."""


def map_webhook(webhook: Webhook, context: Context) -> Mapped:
    """Map every event of the body. Each record made, each that fails and each event of an unknown type is told apart."""
    try:
        body = read_json(webhook.body)
        events = items(body, "body") if isinstance(body, list) else []
    except Unmappable as problem:
        return Mapped(failures=(Failure("body", str(problem)),))
    if not isinstance(body, list):
        return _map_event("event", webhook, context, body, None)
    return map_events(events, webhook, context)


def map_events(events: Iterable[Any], webhook: Webhook, context: Context) -> Mapped:
    """Several events of one delivery, as `read_json` has them; in the place of one, why there is none."""
    parts = [_map_event(f"event {n}", webhook, context, value, n) for n, value in enumerate(events)]
    return Mapped(
        events=tuple(event for part in parts for event in part.events),
        failures=tuple(failure for part in parts for failure in part.failures),
        skipped=sum(part.skipped for part in parts),
    )


def _map_event(name: str, webhook: Webhook, context: Context, value: Any, position: int | None) -> Mapped:
    try:
        if isinstance(value, Unmappable):
            raise value
        records_of = RECORDS_OF.get(event_type(value))
        if records_of is None:
            return Mapped(skipped=1)
        makers = list(records_of(read_event(value, webhook, context, position)))
    except Unmappable as problem:
        return Mapped(failures=(Failure(name, str(problem)),))
    made: list[CrmEvent] = []
    failures: list[Failure] = []
    for index, make in enumerate(makers):
        try:
            made.append(make())
        except Unmappable as problem:
            failures.append(Failure(f"{name} item {index}", str(problem)))
    return Mapped(tuple(made), tuple(failures))


def _deal_updated(event: GenericEvent) -> Iterator[Make]:
    """The deal, then each contact it mentions: one that cannot be read harms neither the deal nor the others."""
    yield lambda: deal_revised(event)
    for index, (value, path) in enumerate(mentioned_contacts(event), start=1):
        yield _contact(event, index, value, path)


def _contact(event: GenericEvent, index: int, value: Any, path: str) -> Make:
    return lambda: contact_revised(event, index, value, path)


def _contact_updated(event: GenericEvent) -> Iterator[Make]:
    yield lambda: contact_revised(event, 0, event.fields.raw("contact"), "contact")


def _contact_merged(event: GenericEvent) -> Iterator[Make]:
    yield lambda: ContactMerged(**event.envelope(0), **_merge(event.fields))


def _contact_erased(event: GenericEvent) -> Iterator[Make]:
    yield lambda: ContactErased(**event.envelope(0), contact_id=event.fields.object("contact").id())


def _company_updated(event: GenericEvent) -> Iterator[Make]:
    yield lambda: _company(event, event.fields.object("company"))


def _company_merged(event: GenericEvent) -> Iterator[Make]:
    yield lambda: CompanyMerged(**event.envelope(0), **_merge(event.fields))


def _deal_merged(event: GenericEvent) -> Iterator[Make]:
    yield lambda: DealMerged(**event.envelope(0), **_merge(event.fields))


def _deal_deleted(event: GenericEvent) -> Iterator[Make]:
    yield lambda: DealDeleted(**event.envelope(0), deal_id=event.fields.object("deal").id())


def _deal_restored(event: GenericEvent) -> Iterator[Make]:
    yield lambda: DealRestored(**event.envelope(0), deal_id=event.fields.object("deal").id())


def _revenue_adjusted(event: GenericEvent) -> Iterator[Make]:
    yield lambda: _adjustment(event, event.fields.object("adjustment"))


RECORDS_OF: Mapping[str, Callable[[GenericEvent], Iterator[Make]]] = {
    "deal.created": _deal_updated,
    "deal.updated": _deal_updated,
    "deal.merged": _deal_merged,
    "deal.deleted": _deal_deleted,
    "deal.restored": _deal_restored,
    "contact.created": _contact_updated,
    "contact.updated": _contact_updated,
    "contact.merged": _contact_merged,
    "contact.erased": _contact_erased,
    "company.created": _company_updated,
    "company.updated": _company_updated,
    "company.merged": _company_merged,
    "revenue.adjusted": _revenue_adjusted,
}
"""What each event type is made into. The place of a record in the iteration is its index, part of its identity."""


def _merge(fields: Fields) -> dict[str, str]:
    merged, into = fields.required("from", identifier), fields.required("into", identifier)
    if merged == into:
        raise Unmappable("into", "must differ from `from`")
    return {"from_id": merged, "into_id": into}


def _company(event: GenericEvent, fields: Fields) -> CompanyRevised:
    return CompanyRevised(
        **event.envelope(0),
        company_id=fields.id(),
        properties={**fields.stated("name", label), **fields.stated("domain", domain)},
    )


def _adjustment(event: GenericEvent, fields: Fields) -> RevenueAdjusted:
    """Dated by `at`; without one, by when it was made."""
    return RevenueAdjusted(
        **event.envelope(0),
        adjustment_id=fields.id(),
        deal_id=fields.id("deal_id"),
        amount=fields.required("amount", amount),
        currency=fields.optional("currency", currency),
        at=fields.optional("at", time_or_date) or text_of(event.occurred_at),
    )
