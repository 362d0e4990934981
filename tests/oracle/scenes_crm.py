"""What CRMs say about deals, contacts and adjustments."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from wanamaker_shared.contracts import crm_events
from wanamaker_shared.contracts.identifiers import email_key
from wanamaker_shared.contracts.record import Record

from .letters import (
    ADDRESSES,
    CONNECTIONS,
    CONTACTS,
    DEALS,
    USERS,
    WORKSPACES,
    Draw,
    Scene,
    amounts,
    emails_of,
    envelope_of,
    maybe,
    moments,
    some,
    times_as_text,
)
from .scenes_stages import LIFECYCLE_STAGES, PIPELINES, STAGES
from .story import CONNECTION, KEYS


@st.composite
def sales(draw: Draw) -> Scene:
    """A contact, a deal that lists it, and often its winning."""
    workspace, moment = draw(st.sampled_from(WORKSPACES)), draw(moments())
    contact, deal = draw(st.sampled_from(CONTACTS)), draw(st.sampled_from(DEALS))
    about = envelope_of(workspace, CONNECTION, moment)
    key = draw(emails_of(workspace))
    won = {"status": "won", "amount": draw(amounts())} | draw(some({"closed_at": times_as_text()}))
    return [
        (
            crm_events.TOPIC,
            crm_events.ContactRevised(**about, contact_id=contact, properties={"email_keys": [key] if key else []}),
        ),
        (
            crm_events.TOPIC,
            crm_events.DealRevised(**about, deal_id=deal, contacts=[contact], properties={"status": "open"}),
        ),
        (
            crm_events.TOPIC,
            crm_events.DealRevised(**about | {"occurred_at": draw(moments())}, deal_id=deal, properties=won),
        ),
    ]


@st.composite
def crm(draw: Draw) -> Scene:
    """One statement of any kind about a deal, a contact or an adjustment."""
    workspace = draw(st.sampled_from(WORKSPACES))
    about = envelope_of(workspace, draw(st.sampled_from(CONNECTIONS)), draw(moments()))
    deal, contact = draw(st.sampled_from(DEALS)), draw(st.sampled_from(CONTACTS))
    kind = draw(
        st.sampled_from(["deal", "deal", "contact", "contact", "merge", "contacts", "adjust", "delete", "restore"])
    )
    record: Record
    if kind == "deal":
        record = crm_events.DealRevised(
            **about, deal_id=deal, properties=draw(_deal_properties()), **draw(_association())
        )
    elif kind == "contact":
        stated = draw(_contact_properties(workspace))
        record = crm_events.ContactRevised(**about, contact_id=contact, properties=stated)
    elif kind == "merge":
        record = crm_events.DealMerged(**about, from_id=deal, into_id=draw(st.sampled_from(DEALS)))
    elif kind == "contacts":
        record = crm_events.ContactMerged(**about, from_id=contact, into_id=draw(st.sampled_from(CONTACTS)))
    elif kind == "adjust":
        record = draw(adjustments(about, deal))
    else:
        record = (crm_events.DealDeleted if kind == "delete" else crm_events.DealRestored)(**about, deal_id=deal)
    return [(crm_events.TOPIC, record)]


@st.composite
def adjustments(draw: Draw, about: dict[str, Any], deal: str) -> Record:
    return crm_events.RevenueAdjusted(
        **about,
        deal_id=deal,
        adjustment_id=draw(st.sampled_from(["R1", "R2"])),
        amount=draw(st.sampled_from(["-100.01", "-0.02", "5.00", "-33.3"])),
        currency=draw(maybe(["EUR", "PLN"], 2)),
        at=draw(times_as_text()),
    )


def _deal_properties() -> st.SearchStrategy[dict[str, Any]]:
    return some(
        {
            "status": st.sampled_from(["won", "won", "open", "lost", None]),
            "pipeline": st.sampled_from(PIPELINES),
            "stage": st.sampled_from(STAGES),
            "amount": amounts(),
            "currency": st.sampled_from(["PLN", "EUR", "JPY", None]),
            "created_at": st.one_of(st.none(), times_as_text()),
            "closed_at": st.one_of(st.none(), times_as_text()),
            "original_source": st.sampled_from(["PAID_SEARCH", "OFFLINE", None]),
            "company_id": st.sampled_from(["A1", None]),
        }
    )


@st.composite
def _association(draw: Draw) -> dict[str, Any]:
    """A list of contacts, or one added, or one removed, or nothing."""
    name = draw(st.sampled_from(["", "", "contacts", "contacts_added", "contacts_removed"]))
    return {name: draw(st.lists(st.sampled_from(CONTACTS), max_size=2, unique=True))} if name else {}


def _contact_properties(workspace: str) -> st.SearchStrategy[dict[str, Any]]:
    keys = st.sampled_from([email_key(KEYS[workspace], address) for address in ADDRESSES])
    return some(
        {
            "email_keys": st.one_of(st.none(), st.lists(keys, max_size=2, unique=True)),
            "user_ids": st.one_of(st.none(), st.lists(st.sampled_from(USERS), max_size=1)),
            "lifecycle": st.sampled_from(["lead", "mql", "sql", "opportunity", "customer", "churned", None]),
            "lifecycle_stage": st.sampled_from(LIFECYCLE_STAGES),
            "company_id": st.sampled_from(["A1", None]),
        }
    )
