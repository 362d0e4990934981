"""What CRMs say about companies: a name, a domain, a merge, and who and what belongs to one."""

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
    WORKSPACES,
    Draw,
    Scene,
    domains,
    envelope_of,
    moments,
    some,
)
from .story import KEYS

COMPANIES = ("A1", "A2", "A3")


@st.composite
def companies(draw: Draw) -> Scene:
    """One statement of any kind about a company, or whose it says a contact or deal to be."""
    workspace = draw(st.sampled_from(WORKSPACES))
    about = envelope_of(workspace, draw(st.sampled_from(CONNECTIONS)), draw(moments()))
    company = draw(st.sampled_from(COMPANIES))
    record: Record
    match draw(st.sampled_from(["company", "merge", "merge", "contact", "contact", "emails", "deal"])):
        case "company":
            record = crm_events.CompanyRevised(**about, company_id=company, properties=draw(_company_properties()))
        case "merge":
            record = crm_events.CompanyMerged(**about, from_id=company, into_id=draw(st.sampled_from(COMPANIES)))
        case "deal":
            record = crm_events.DealRevised(
                **about,
                deal_id=draw(st.sampled_from(DEALS)),
                contacts_added=draw(st.lists(st.sampled_from(CONTACTS), max_size=1)),
                properties=draw(_belonging(company)),
            )
        case "contact":
            contact = draw(st.sampled_from(CONTACTS))
            record = crm_events.ContactRevised(**about, contact_id=contact, properties=draw(_belonging(company)))
        case _:
            keys = [email_key(KEYS[workspace], address) for address in draw(st.permutations(ADDRESSES))]
            told = {"email_keys": keys, "email_domains": [draw(domains()) for _ in keys]}
            contact = draw(st.sampled_from(CONTACTS))
            record = crm_events.ContactRevised(**about, contact_id=contact, properties=told)
    return [(crm_events.TOPIC, record)]


def _company_properties() -> st.SearchStrategy[dict[str, Any]]:
    return some({"name": st.sampled_from(["Example Ltd", "Other", None]), "domain": _stated_domains()}, 1)


def _stated_domains() -> st.SearchStrategy[str | None]:
    return st.sampled_from(
        ["example.com", "https://www.example.com/shop", "other.test", "gmail.com", "no domain", None]
    )


@st.composite
def _belonging(draw: Draw, company: str) -> dict[str, Any]:
    """A contact's or deal's company, with or without its domain; now and then none any more, or just a domain."""
    stated: dict[str, Any] = draw(
        st.sampled_from([{"company_id": company}, {"company_id": company}, {"company_id": None}, {}])
    )
    return stated | (draw(some({"company_domain": _stated_domains()})))
