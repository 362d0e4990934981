"""Accounts: the companies that CRMs speak of, which became which, and whose a domain is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, bindparam, delete, select

from wanamaker_shared.service.given import given
from wanamaker_shared.service.sql import upsert

from ..account_tables import IS_MERGE, account_statement, company
from ..accounts import DOMAIN, INTO, NAME, Stated, final_companies
from .account_statements import latest
from .run import Run

_w: BindParameter[str] = bindparam("workspace")
_given = given()
_companies = select(company.c.company, company.c.account, company.c.domain, company.c.name).select_from(
    _given.joined(company, (company.c.workspace == _w) & (company.c.company == _given.text(0)))
)
_claims = select(company.c.domain, company.c.account).select_from(
    _given.joined(company, (company.c.workspace == _w) & (company.c.domain == _given.text(0)))
)
_merged_into = select(account_statement.c.subject).select_from(
    _given.joined(
        account_statement,
        (account_statement.c.workspace == _w) & (account_statement.c.value == _given.text(0)) & IS_MERGE,
    )
)
_forget = delete(company).where(company.c.workspace == bindparam("w"), company.c.company == bindparam("c"))


class Changed(NamedTuple):
    """Companies whose rows are others, those among them that count as another company now, and domains that may."""

    companies: set[str]
    moved: set[str]
    domains: set[str]


def settle_companies(run: Run) -> Changed:
    """From what was stated to the companies' rows."""
    stated = {(subject, name) for subject, name in run.stated if subject.startswith("company:")}
    if not stated:
        return Changed(set(), set(), set())
    spoken_of = {subject for subject, _ in stated}
    before = _load(run, spoken_of)
    cluster = _cluster(run, {subject for subject, name in stated if name == INTO})
    before |= _load(run, cluster.keys() - before.keys())
    went = final_companies({subject: merge for subject, merge in cluster.items() if merge is not None})
    subjects = spoken_of | cluster.keys()
    said = latest(run, [(subject, name) for subject in subjects for name in (DOMAIN, NAME, INTO)])
    known = {subject for subject, _ in said}
    after = {}
    for subject in subjects & known:
        account = went.get(subject, subject) if subject in cluster else _account(before.get(subject), subject)
        domain, name = (said[subject, each].value if (subject, each) in said else None for each in (DOMAIN, NAME))
        after[subject] = {"company": subject, "account": account, "domain": domain, "name": name}
    changed = {subject for subject in subjects if before.get(subject) != after.get(subject)}
    _save(run, changed, after)
    moved = {
        subject
        for subject in changed
        if _account(before.get(subject), subject) != _account(after.get(subject), subject)
    }
    rows = [row for subject in changed for row in (before.get(subject), after.get(subject)) if row is not None]
    return Changed(changed, moved, {row["domain"] for row in rows if row["domain"] is not None})


def finals_of(run: Run, companies: Iterable[str]) -> dict[str, str]:
    """By company the account that it counts as; those that nothing was said of count as themselves and are left out."""
    return {row.company: row.account for row in run.look_up(_companies, ((each,) for each in companies))}


def owners_of(run: Run, domains: Iterable[str]) -> dict[str, str]:
    """By domain the company whose it is: of several the smallest."""
    owners: dict[str, str] = {}
    for domain, account in run.look_up(_claims, ((each,) for each in domains)):
        owners[domain] = min(account, owners.get(domain, account), key=_key)
    return owners


def _key(account: str) -> tuple[str, str]:
    """(connection, id): companies compare by these."""
    connection, _, company_id = account.removeprefix("company:").partition("/")
    return connection, company_id


def _account(row: Mapping[str, Any] | None, subject: str) -> str:
    return subject if row is None else str(row["account"])


def _cluster(run: Run, seeds: Collection[str]) -> dict[str, Stated | None]:
    """All companies that merges tie to these, each with its latest merge."""
    found: dict[str, Stated | None] = {}
    wanted = set(seeds)
    while wanted:
        merges = latest(run, [(subject, INTO) for subject in wanted])
        found |= {subject: merges.get((subject, INTO)) for subject in wanted}
        onwards = {merge.value for merge in merges.values() if merge.value is not None}
        backwards = {row.subject for row in run.look_up(_merged_into, ((subject,) for subject in wanted))}
        wanted = (onwards | backwards) - found.keys()
    return found


def _load(run: Run, subjects: Collection[str]) -> dict[str, dict[str, Any]]:
    return {row.company: dict(row._mapping) for row in run.look_up(_companies, ((each,) for each in subjects))}


def _save(run: Run, changed: Collection[str], after: Mapping[str, dict[str, Any]]) -> None:
    gone = [{"w": run.workspace, "c": subject} for subject in changed if subject not in after]
    if gone:
        run.connection.execute(_forget, gone)
    upsert(run.connection, company, [run.row(**after[subject]) for subject in changed if subject in after])
