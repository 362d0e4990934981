"""One row as statements about a deal, its contacts and its company; or what is wrong with it, all of it at once."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from wanamaker_crm_bridge.emails import email_properties
from wanamaker_crm_bridge.unmappable import Unmappable
from wanamaker_crm_bridge.values import amount as decimal_amount
from wanamaker_crm_bridge.values import domain
from wanamaker_shared.contracts.crm_events import LIFECYCLE
from wanamaker_shared.contracts.identifiers import normalise_email
from wanamaker_shared.contracts.record import canonical

from . import dates, numbers
from .cells import Cell, is_empty
from .reading import Reading
from .row_cells import RowCells
from .signs import currency_of
from .words import STATUSES, YES, plain

LIFECYCLES = frozenset((*LIFECYCLE, "churned"))
MADE = "row:"
"""Begins an id that was made, because the row has none."""
Linked = dict[str, Any]
"""`email_keys` and `email_domains` of `contact.revised`."""
_BETWEEN_ADDRESSES = re.compile(r"[;,|\s<>]+")


@dataclass(frozen=True, slots=True)
class Contact:
    contact_id: str
    properties: Mapping[str, Any]
    personal: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DealRow:
    """What a row states. `updated_at` in microseconds, None if it states none."""

    deal_id: str
    properties: Mapping[str, Any]
    name: str | None
    contacts: tuple[Contact, ...]
    company: tuple[str, Mapping[str, Any]] | None
    updated_at: int | None
    warnings: tuple[str, ...]


class BadRow(Exception):
    """Everything that is wrong with a row, in the order of the fields; never quotes a cell."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def read_row(cells: Mapping[str, Cell], reading: Reading, workspace_key: bytes) -> DealRow:
    """The cells by the names of `survey.names_of`. Raises BadRow."""
    row = RowCells({name: cell for name, cell in cells.items() if not is_empty(cell)}, reading)
    days = {name: row.day(name) for name in ("created_at", "closed_at", "won_at", "updated_at")}
    addresses = _addresses(row, workspace_key)
    properties = {**_status(row, days), **_money(row), **_dates(days, reading), **_labels(row)}
    company = _company(row, properties)
    name = row.label("name")
    contacts = _contacts(row, addresses)
    deal_id = row.id("id")
    if deal_id is None and not any(problem.startswith("id") for problem in row.problems):
        deal_id = _made_id(row, days, name, addresses, workspace_key)
    if row.problems or deal_id is None:
        raise BadRow(row.problems)
    updated = days["updated_at"]
    return DealRow(
        deal_id=deal_id,
        properties=properties,
        name=name,
        contacts=contacts,
        company=company,
        updated_at=None if updated is None else dates.instant(updated, reading.zone),
        warnings=tuple(row.warnings),
    )


def _status(row: RowCells, days: Mapping[str, dates.Day | None]) -> dict[str, Any]:
    """The status that the row itself says. Another word than those known is a stage, and then the status is the stage's."""
    stage = row.label("stage")
    stated: dict[str, Any] = {} if stage is None else {"stage": stage}
    word = row.label("status")
    if word is not None:
        status = STATUSES.get(plain(word))
        if status is not None:
            return {**stated, "status": status}
        return {"stage": word, **stated, "status": None}
    won = row.text("won")
    if (won is not None and plain(won) in YES) or days["won_at"] is not None:
        return {**stated, "status": "won"}
    if row.reading.status is not None:
        return {**stated, "status": row.reading.status}
    return stated


def _money(row: RowCells) -> dict[str, Any]:
    """`amount` and `currency`; a sign in the cell and the currency column must not contradict each other."""
    code = row.text("currency")
    stated = None
    if code is not None:
        stated = currency_of(code)
        if stated is None:
            row.problems.append(f'{row.named("currency")} must be an ISO 4217 code such as "EUR"')
    cell = row.value("amount")
    if cell is None:
        return {} if stated is None else {"currency": stated}
    try:
        found = numbers.amount_of(cell, row.reading.decimal)
        amount = decimal_amount(found.text, row.named("amount"))
    except numbers.NoNumber as problem:
        row.problems.append(f"{row.named('amount')} {problem}")
        return {}
    except Unmappable as problem:
        row.problems.append(str(problem))
        return {}
    meant = found.currency
    if found.several and (said := stated or row.reading.currency) in found.several:
        meant = said
    if stated is not None and meant != stated and (meant is not None or found.several):
        row.problems.append(f"{row.named('amount')} has the sign of another currency than {row.named('currency')}")
    elif meant is None and found.several:
        row.problems.append(
            f"{row.named('amount')} has the sign of several currencies ({', '.join(found.several)}); say which with `currency`"
        )
    currency = stated or meant or row.reading.currency
    return {"amount": amount, **({} if currency is None else {"currency": currency})}


def _dates(days: Mapping[str, dates.Day | None], reading: Reading) -> dict[str, Any]:
    closed = days["won_at"] or days["closed_at"]
    stated = {"created_at": days["created_at"], "closed_at": closed}
    return {name: dates.stated(day, reading.zone) for name, day in stated.items() if day is not None}


def _labels(row: RowCells) -> dict[str, Any]:
    labels = {name: row.label(name) for name in ("pipeline", "original_source")}
    return {name: label for name, label in labels.items() if label is not None}


def _company(row: RowCells, properties: dict[str, Any]) -> tuple[str, Mapping[str, Any]] | None:
    """States the deal's company, and what the row says of the company itself."""
    ids, name, site = row.ids("company_id"), row.label("company_name"), row.text("company_domain")
    company_id = ids[0] if ids else None
    if len(ids) > 1:
        row.warnings.append(f"{row.named('company_id')} has {len(ids)} ids; the first is the deal's company")
        name = site = None  # whose they are is not said
    host = None if site is None else _host(site)
    if company_id is None and name is not None and row.reading.makes_ids:
        company_id = MADE + hashlib.sha256(plain(name).encode()).hexdigest()[:32]
    if company_id is not None:
        properties["company_id"] = company_id
    if host:
        properties["company_domain"] = host
    if company_id is None:
        return None
    said = {**({} if name is None else {"name": name}), **({"domain": host} if host else {})}
    return (company_id, said) if said else None


def _host(site: str) -> str:
    """`https://www.example.com/about` → `example.com`."""
    bare = site.partition("://")[2] or site
    return domain(re.split(r"[/?#:]", bare, maxsplit=1)[0], "").removeprefix("www.")


def _addresses(row: RowCells, workspace_key: bytes) -> dict[str, Linked]:
    """Of all e-mail columns the addresses that can link somebody, in their normal form, each as properties of a contact."""
    found: dict[str, Linked] = {}
    for name in row.cells:
        if name != "email" and not name.startswith("email_"):
            continue
        value = row.text(name)
        for part in _BETWEEN_ADDRESSES.split(value or ""):
            if not part or ("@" not in part and "@" in (value or "")):
                continue
            linked = email_properties([part], workspace_key)
            if not linked["email_keys"]:
                row.warnings.append(f"{row.named(name)} is no address that can link somebody")
                break
            found[normalise_email(part) or part.lower()] = linked
    return found


def _contacts(row: RowCells, addresses: Mapping[str, Linked]) -> tuple[Contact, ...]:
    """With a contact id the addresses are that contact's; without, or with several, each is a contact of its own."""
    ids, called, stated = row.ids("contact_id"), row.label("contact_name"), _lifecycle(row)
    if len(ids) == 1:
        linked = _together(addresses.values())
        said = {**({"name": called} if called else {}), **({"emails": list(addresses)} if addresses else {})}
        return (Contact(ids[0], {**linked, **stated}, said),)
    only = len(addresses) == 1 and not ids
    return (
        *(Contact(contact_id, {}, {}) for contact_id in ids),
        *(
            Contact(
                f"email:{str(linked['email_keys'][0])[:32]}",
                {**linked, **(stated if only else {})},
                {**({"name": called} if called and only else {}), "emails": [address]},
            )
            for address, linked in addresses.items()
        ),
    )


def _together(several: Iterable[Linked]) -> Linked:
    """The addresses of one contact; one that stands twice is one."""
    pairs = dict.fromkeys((each["email_keys"][0], each["email_domains"][0]) for each in several)
    return {"email_keys": [key for key, _ in pairs], "email_domains": [of for _, of in pairs]} if pairs else {}


def _lifecycle(row: RowCells) -> dict[str, Any]:
    word = row.label("lifecycle")
    if word is None:
        return {}
    known = plain(word)
    return {"lifecycle": known} if known in LIFECYCLES else {"lifecycle_stage": word, "lifecycle": None}


def _made_id(
    row: RowCells,
    days: Mapping[str, dates.Day | None],
    name: str | None,
    addresses: Mapping[str, Linked],
    workspace_key: bytes,
) -> str | None:
    """Of the name, the day it was created (else closed) and the first address: the same row again is the same deal."""
    if not row.reading.makes_ids:
        row.problems.append(f"{row.named('id')} is empty")
        return None
    day = days["created_at"] or days["won_at"] or days["closed_at"]
    if day is None or not (name or addresses):
        row.problems.append("has no id, and none can be made: that takes a date and a name or an e-mail")
        return None
    row.warnings.append("has no id: one is made of its name, date and e-mail")
    made_of = [plain(name or ""), day.day.isoformat(), next(iter(addresses), "")]
    return MADE + hmac.digest(workspace_key, canonical(made_of), "sha256").hex()[:32]
