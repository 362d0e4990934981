"""What CRMs say about companies: a name, a domain, a merge, and who and what belongs to one."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from wanamaker_shared.contracts import crm_events, settings, web_events
from wanamaker_shared.contracts.identifiers import email_key
from wanamaker_shared.contracts.record import Record

from .clock import DAY
from .letters import (
    ADDRESSES,
    CONNECTIONS,
    CONTACTS,
    COOKIES,
    DEALS,
    FIRST_DAY,
    WORKSPACES,
    Draw,
    Scene,
    domains,
    envelope_of,
    moments,
    some,
)
from .story import CONNECTION, KEYS, WEB, at

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


@st.composite
def firms(draw: Draw) -> Scene:
    """A person of two e-mails and two contacts, with a form, companies and a deal: drawn apart they would seldom meet."""
    workspace, day = draw(st.sampled_from(WORKSPACES)), at(f"{FIRST_DAY} 12:00")
    keys = [email_key(KEYS[workspace], address) for address in ADDRESSES]
    told = {"email_keys": keys, "email_domains": ["example.com", "other.test"]}

    def about(source: str = CONNECTION) -> dict[str, Any]:
        return envelope_of(workspace, source, day + draw(st.integers(1, 9)) * DAY)

    def form(which: int) -> Record:
        domain = draw(st.sampled_from([told["email_domains"][which], None]))
        stated = {"email_key": keys[which], "email_domain": domain, "sender": COOKIES[which]}
        return web_events.FormSubmitted(**about(WEB), **stated, form="demo")

    belongs = {contact: {"company_id": draw(st.sampled_from([*COMPANIES, None]))} for contact in CONTACTS}
    known = draw(st.sampled_from([CONTACTS, CONTACTS[:1], (), ()]))
    records: list[Record] = [
        crm_events.ContactRevised(**envelope_of(workspace, CONNECTION, day), contact_id=CONTACTS[0], properties={}),
        *(crm_events.ContactRevised(**about(), contact_id=each, properties=told) for each in CONTACTS),
        *(crm_events.ContactRevised(**about(), contact_id=each, properties=belongs[each]) for each in known),
        *(form(which) for which in (0, 1) if draw(st.booleans())),
        crm_events.DealRevised(**about(), deal_id=DEALS[0], contacts=[CONTACTS[0]], properties={}),
    ]
    if draw(st.booleans()):
        company = draw(st.sampled_from(COMPANIES))
        stated = {"domain": draw(_stated_domains()), "name": "Example Ltd"}
        records.append(crm_events.CompanyRevised(**about(), company_id=company, properties=stated))
    return [(web_events.TOPIC if isinstance(each, web_events.WebEvent) else crm_events.TOPIC, each) for each in records]


@st.composite
def groups(draw: Draw) -> Scene:
    """Companies that share domains and merge, and what hangs on them: a visitor by the domain, a contact, a deal."""
    workspace, day = draw(st.sampled_from(WORKSPACES)), at(f"{FIRST_DAY} 12:00")

    def about(source: str = CONNECTION) -> dict[str, Any]:
        return envelope_of(workspace, source, day + draw(st.integers(1, 9)) * DAY)

    key = email_key(KEYS[workspace], ADDRESSES[0])
    form = {"email_key": key, "email_domain": "example.com", "sender": COOKIES[0]}
    named: dict[str, st.SearchStrategy[Any]] = {"name": st.sampled_from(["Example Ltd", "Other"])}
    named |= {"domain": st.sampled_from(["example.com", "other.test"])}
    company = st.sampled_from(COMPANIES)
    records: list[Record] = [
        web_events.FormSubmitted(**about(WEB), **form, form="demo"),
        crm_events.ContactRevised(**about(), contact_id=CONTACTS[1], properties={"company_id": draw(company)}),
        crm_events.DealRevised(**about(), deal_id=DEALS[0], properties={"company_id": draw(company)}),
        *(
            crm_events.CompanyRevised(**about(), company_id=draw(company), properties=draw(some(named, 1)))
            for _ in range(draw(st.integers(1, 3)))
        ),
        *(
            crm_events.CompanyMerged(**about(), from_id=draw(company), into_id=draw(company))
            for _ in range(draw(st.integers(0, 4)))
        ),
    ]
    told = [(web_events.TOPIC if isinstance(each, web_events.WebEvent) else crm_events.TOPIC, each) for each in records]
    if draw(st.integers(0, 3)) == 0:
        stated = {"free_mail_domains": ["example.com"]}
        told.append((settings.TOPIC, settings.SettingsRevised(**about("attribution"), stated=stated)))
    return told
