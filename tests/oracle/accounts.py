"""Accounts: which company a person, and a deal, belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from wanamaker_shared.contracts.crm_events import CompanyMerged, CompanyRevised, ContactRevised, DealRevised
from wanamaker_shared.contracts.domains import company_domain
from wanamaker_shared.contracts.identifiers import contact_identifier
from wanamaker_shared.contracts.record import Order, Record
from wanamaker_shared.contracts.settings import WorkspaceSettings
from wanamaker_shared.contracts.web_events import FormSubmitted, Identified

from .deals import Deal, DealKey
from .dedup import Sources
from .people import People

CompanyKey = tuple[str, str]
"""(connection, company id)."""

FREE = frozenset(["gmail.com", "gmx.de", "outlook.com", "orange.fr", "wp.pl"])
"""Of the providers of free mail those that histories and examples name."""


@dataclass(slots=True)
class Company:
    domain: str | None = None
    name: str | None = None


@dataclass(slots=True)
class Said:
    """What the records say, the latest in order of each."""

    domain_of_email: dict[str, str] = field(default_factory=dict)
    company_of_contact: dict[str, tuple[Order, CompanyKey | None]] = field(default_factory=dict)
    companies: dict[CompanyKey, Company] = field(default_factory=dict)
    merges: dict[CompanyKey, tuple[Order, CompanyKey]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Accounts:
    of_person: Mapping[str, str]
    of_deal: Mapping[DealKey, str]
    companies: Mapping[CompanyKey, dict[str, Any]]
    listed: Mapping[str, dict[str, Any]]


def accounts_of(
    sources: Sources, people: People, deals: Mapping[DealKey, Deal], settings: WorkspaceSettings
) -> Accounts:
    said = said_by(sorted([*sources.web, *sources.crm], key=lambda record: record.order))
    went = merged(said.merges)

    def final(company: CompanyKey) -> CompanyKey:
        return final(went[company]) if company in went else company

    owner: dict[str, CompanyKey] = {}
    for key, company in said.companies.items():
        if company.domain:
            owner[company.domain] = min(final(key), owner.get(company.domain, final(key)))

    free = FREE | set(settings.free_mail_domains)
    of_person = {}
    for profile, members in people.members.items():
        stated = [said.company_of_contact[each] for each in members if each in said.company_of_contact]
        known = [(order, company) for order, company in stated if company]
        emails = sorted((people.first_named[each].order.occurred_at, each) for each in members)
        domains = [domain for _, each in emails if (domain := said.domain_of_email.get(each)) and domain not in free]
        if known:
            of_person[profile] = label(final(max(known)[1]))
        elif domains:
            of_person[profile] = label(owner[domains[0]]) if domains[0] in owner else f"domain:{domains[0]}"

    of_deal = {}
    for (connection, id), deal in deals.items():
        if deal.company_id:
            of_deal[connection, id] = label(final((connection, deal.company_id)))
        elif deal.contacts:
            person = people.profiles[contact_identifier(connection, deal.contacts[0])]
            if person in of_person:
                of_deal[connection, id] = of_person[person]
    rows = {
        key: {"domain": company.domain, "name": company.name, "into": final(key)[1]}
        for key, company in said.companies.items()
    }
    named = {label(key): company for key, company in said.companies.items()}
    listed = {}
    for account in {*of_person.values(), *of_deal.values()}:
        company = named.get(account, Company(account.removeprefix("domain:") if "domain:" in account else None))
        listed[account] = {"domain": company.domain, "name": company.name}
    return Accounts(of_person, of_deal, rows, listed)


def label(company: CompanyKey) -> str:
    return f"company:{company[0]}/{company[1]}"


def said_by(records: Iterable[Record]) -> Said:
    said = Said()
    for record in records:
        match record:
            case FormSubmitted() | Identified():
                if not record.bot and record.email_key and record.email_domain:
                    said.domain_of_email[f"email:{record.email_key}"] = record.email_domain
            case ContactRevised():
                keys = record.properties.get("email_keys") or []
                for key, domain in zip(keys, record.properties.get("email_domains") or [], strict=False):
                    if domain:
                        said.domain_of_email[f"email:{key}"] = domain
                if "company_id" in record.properties:
                    id = record.properties["company_id"]
                    contact = contact_identifier(record.connection, record.contact_id)
                    said.company_of_contact[contact] = record.order, (record.connection, id) if id else None
                beside(said, record)
            case DealRevised():
                beside(said, record)
            case CompanyRevised():
                company = said.companies.setdefault((record.connection, record.company_id), Company())
                if "domain" in record.properties:
                    company.domain = company_domain(record.properties["domain"] or "")
                if "name" in record.properties:
                    company.name = record.properties["name"] or None
            case CompanyMerged():
                said.companies.setdefault((record.connection, record.from_id), Company())
                into = record.connection, record.into_id
                said.merges[record.connection, record.from_id] = record.order, into
    return said


def beside(said: Said, record: ContactRevised | DealRevised) -> None:
    """A domain stated beside a company is that company's."""
    id = record.properties.get("company_id")
    if id and "company_domain" in record.properties:
        company = said.companies.setdefault((record.connection, id), Company())
        company.domain = company_domain(record.properties["company_domain"] or "")


def merged(merges: Mapping[CompanyKey, tuple[Order, CompanyKey]]) -> dict[CompanyKey, CompanyKey]:
    """Where each merged company went. Taken in order; one that closes a cycle is ignored."""
    went: dict[CompanyKey, CompanyKey] = {}
    for source, (_, into) in sorted(merges.items(), key=lambda item: item[1][0]):
        end = into
        while end in went:
            end = went[end]
        if end != source:
            went[source] = into
    return went
