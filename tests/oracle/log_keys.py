"""Drawn records as the topics hold them: (topic, key, value), keyed as their producers key them."""

from __future__ import annotations

from collections.abc import Iterable

from wanamaker_shared.contracts import ad_spend, crm_events, rates, web_events
from wanamaker_shared.contracts.record import Record

from .dedup import Entry


def logged(entries: Iterable[Entry]) -> list[tuple[str, str, bytes]]:
    """(topic, key, value) as the producers append them."""
    return [(topic, log_key(record), value) for topic, record, value in entries]


def log_key(record: Record) -> str:
    match record:
        case web_events.WebEvent():
            return web_events.key(record.workspace, record.sender)
        case crm_events.DealMerged():
            return crm_events.key(record.workspace, record.connection, f"deal:{record.into_id}")
        case crm_events.ContactMerged():
            return crm_events.key(record.workspace, record.connection, f"contact:{record.into_id}")
        case crm_events.CompanyRevised():
            return crm_events.key(record.workspace, record.connection, f"company:{record.company_id}")
        case crm_events.CompanyMerged():
            return crm_events.key(record.workspace, record.connection, f"company:{record.into_id}")
        case crm_events.ContactRevised():
            return crm_events.key(record.workspace, record.connection, f"contact:{record.contact_id}")
        case (
            crm_events.DealRevised()
            | crm_events.DealDeleted()
            | crm_events.DealRestored()
            | crm_events.RevenueAdjusted()
        ):
            return crm_events.key(record.workspace, record.connection, f"deal:{record.deal_id}")
        case ad_spend.SpendRevised():
            return ad_spend.key(record.workspace, record.provider, record.campaign)
        case rates.RateRecorded():
            return rates.key(record.workspace, record.day)
    return record.workspace
