"""Which account (company) a person belongs to: what records say of it, and what follows.

Rules and examples: docs/meanings.md, "Accounts". Pure; every input is a record or the latest statement of something.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from wanamaker_shared.contracts.domains import company_domain
from wanamaker_shared.contracts.identifiers import contact_identifier

RULES_VERSION = 1
"""Of these rules and of the table of free mail."""
DOMAIN, COMPANY, NAME, INTO = "domain", "company", "name", "into"
"""What is stated: of an e-mail or company its registrable domain; of a contact its company; of a company its name, and the
one that it was merged into."""


class Statement(NamedTuple):
    """What a record says. `value` None: that there is none."""

    subject: str
    """`email:<key>`, `contact:<connection>/<id>` or `company:<connection>/<id>`; a company as a value likewise."""
    property: str
    value: str | None


class Place(NamedTuple):
    """Of a statement in the order of all."""

    at: int
    source: str
    sender: str
    event_id: str


class Stated(NamedTuple):
    place: Place
    value: str | None


class Affiliation(NamedTuple):
    """What makes a person's account: the company that the CRM states, else the domain. At least one is there."""

    company: str | None
    domain: str | None


def company_subject(connection: str, company_id: str) -> str:
    return f"company:{connection}/{company_id}"


def domain_account(domain: str) -> str:
    return f"domain:{domain}"


def domain_of_account(account: str) -> str | None:
    """Of an account that is a domain."""
    return account.removeprefix("domain:") if account.startswith("domain:") else None


def searched(account: str, domain: str | None, name: str | None) -> str:
    """The text in which a search for an account looks; `folded` makes a searched text comparable."""
    return "\n".join(folded(text) for text in (account, domain, name) if text is not None)


def folded(text: str) -> str:
    """Without case, alike in every database."""
    return text.casefold()


def statements_of(record: Any) -> list[Statement]:
    """What a record of crm-events says about accounts, at most one of a subject and property."""
    match record.type:
        case "contact.revised":
            found = _of_contact(record)
        case "deal.revised":
            found = _beside_company(record)
        case "company.revised":
            found = _of_company(record)
        case "company.merged":
            into = company_subject(record.source, record.into_id)
            found = iter([Statement(company_subject(record.source, record.from_id), INTO, into)])
        case _:
            return []
    return list({(each.subject, each.property): each for each in found}.values())


def affiliation(
    emails: Iterable[tuple[int, str, str | None]], companies: Iterable[Stated], free_mail: Any
) -> Affiliation | None:
    """Of a person's e-mails (first named, identifier, domain) and of what is stated of its contacts' companies.

    `free_mail` tells of a domain whether anybody can have an address there.
    """
    stated = [each for each in companies if each.value is not None]
    company = max(stated, key=lambda each: each.place).value if stated else None
    told = (domain for _, _, domain in sorted(emails, key=lambda each: each[:2]) if domain is not None)
    domain = next((domain for domain in told if not free_mail(domain)), None)
    return Affiliation(company, domain) if company or domain else None


def account_of(person: Affiliation, merged: Mapping[str, str], claimed: Mapping[str, str]) -> str:
    """`merged`: company → the one it went into; `claimed`: domain → the company whose it is."""
    if person.company is not None:
        return merged.get(person.company, person.company)
    assert person.domain is not None, "an affiliation has one of the two"
    return claimed.get(person.domain, domain_account(person.domain))


def final_companies(merges: Mapping[str, Stated]) -> dict[str, str]:
    """By merged company where it went in the end. Merges are taken in order; one that would close a cycle does not hold."""
    held: dict[str, str] = {}

    def final(company: str) -> str:
        while company in held:
            company = held[company]
        return company

    for company, merge in sorted(merges.items(), key=lambda item: item[1].place):
        if merge.value is not None and final(merge.value) != company:
            held[company] = merge.value
    return {company: final(company) for company in held}


def _of_contact(record: Any) -> Iterator[Statement]:
    properties = record.properties
    keys, domains = properties.get("email_keys") or [], properties.get("email_domains") or []
    for key, domain in zip(keys, domains, strict=False):
        if domain:
            yield Statement(f"email:{key}", DOMAIN, domain)
    if "company_id" in properties:
        company_id = properties["company_id"]
        company = company_subject(record.source, company_id) if company_id else None
        yield Statement(contact_identifier(record.source, record.contact_id), COMPANY, company)
    yield from _beside_company(record)


def _beside_company(record: Any) -> Iterator[Statement]:
    """A domain that stands beside a company's id is that company's."""
    company_id = record.properties.get("company_id")
    if company_id and "company_domain" in record.properties:
        yield Statement(
            company_subject(record.source, company_id), DOMAIN, _domain(record.properties["company_domain"])
        )


def _of_company(record: Any) -> Iterator[Statement]:
    subject = company_subject(record.source, record.company_id)
    if DOMAIN in record.properties:
        yield Statement(subject, DOMAIN, _domain(record.properties[DOMAIN]))
    if NAME in record.properties:
        name = record.properties[NAME]
        yield Statement(subject, NAME, str(name) if name else None)


def _domain(stated: Any) -> str | None:
    return company_domain(stated) if isinstance(stated, str) else None
