"""Last step, accounts: whose company each changed person and deal is.

A person's account follows from its own identifiers, so that an account with many people costs an event nothing; only where a
company was merged, or a domain became another company's, are all those people settled.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import orjson
from sqlalchemy import BindParameter, bindparam, delete, select

from wanamaker_shared.contracts.identifiers import contact_identifier
from wanamaker_shared.service.given import given
from wanamaker_shared.service.sql import upsert

from ..account_tables import deal_account, person_account
from ..accounts import COMPANY, DOMAIN, Affiliation, account_of, affiliation
from ..hosts.free_mail import is_free_mail
from ..tables import deal, deal_contact, identifier
from .account_rows import settle_account_rows
from .account_statements import latest
from .companies import finals_of, owners_of, settle_companies
from .deals import deals_at
from .people import profiles_of
from .run import DealKey, Run

_w: BindParameter[str] = bindparam("workspace")
_given = given()
_p = person_account.c
_members = select(identifier.c.profile, identifier.c.identifier, identifier.c.since).select_from(
    _given.joined(identifier, (identifier.c.workspace == _w) & (identifier.c.profile == _given.text(0)))
)
_people = select(_p.profile, _p.company, _p.domain, _p.account)
_by_profile = _people.select_from(_given.joined(person_account, (_p.workspace == _w) & (_p.profile == _given.text(0))))
_by_company = _people.select_from(_given.joined(person_account, (_p.workspace == _w) & (_p.company == _given.text(0))))
_by_domain = _people.select_from(_given.joined(person_account, (_p.workspace == _w) & (_p.domain == _given.text(0))))
_deals_of_people = (
    select(deal_contact.c.connection, deal_contact.c.deal_id)
    .select_from(
        _given.joined(identifier, (identifier.c.workspace == _w) & (identifier.c.profile == _given.text(0))).join(
            deal_contact,
            (deal_contact.c.workspace == identifier.c.workspace)
            & (deal_contact.c.identifier == identifier.c.identifier),
        )
    )
    .distinct()
)
_deals_of_companies = select(deal.c.connection, deal.c.deal_id).select_from(
    _given.joined(deal, (deal.c.workspace == _w) & (deal.c.account == _given.text(0)))
)
_deal_accounts = select(deal_account.c.connection, deal_account.c.deal_id, deal_account.c.account).select_from(
    _given.joined(
        deal_account,
        (deal_account.c.workspace == _w)
        & (deal_account.c.connection == _given.text(0))
        & (deal_account.c.deal_id == _given.text(1)),
    )
)
_everybody = select(identifier.c.profile).where(identifier.c.workspace == _w).distinct()
_forget_person = delete(person_account).where(_p.workspace == bindparam("w"), _p.profile == bindparam("p"))
_forget_deal = delete(deal_account).where(
    deal_account.c.workspace == bindparam("w"),
    deal_account.c.connection == bindparam("c"),
    deal_account.c.deal_id == bindparam("d"),
)


def settle_accounts(run: Run) -> None:
    """From what was stated, and from changed people and deals, to the accounts of people and deals."""
    companies, merged, domains = settle_companies(run)
    spoken_of = {subject for subject, _ in run.stated if not subject.startswith("company:")}
    profiles = run.members | set(profiles_of(run, spoken_of).values())
    if run.free_mail_revised:
        profiles |= {row.profile for row in run.connection.execute(_everybody, {"workspace": run.workspace})}
    before = {row.profile: _affiliation(row) for row in run.look_up(_by_profile, ((each,) for each in profiles))}
    after = _affiliations(run, profiles)
    for row in (*_look_up(run, _by_company, merged), *_look_up(run, _by_domain, domains)):
        before.setdefault(row.profile, _affiliation(row))
        if row.profile not in profiles:
            after[row.profile] = before[row.profile][0]
    moved = _save_people(run, before, after)
    deals = {*run.deals, *_keys(run, _deals_of_people, moved), *_keys(run, _deals_of_companies, merged)}
    settle_account_rows(run, companies.union(*moved.values(), _settle_deals(run, deals)))


def _look_up(run: Run, statement: Any, wanted: Iterable[str]) -> Collection[Any]:
    return run.look_up(statement, ((each,) for each in wanted))


def _keys(run: Run, statement: Any, wanted: Iterable[str]) -> set[DealKey]:
    return {(connection, deal_id) for connection, deal_id in _look_up(run, statement, wanted)}


def _affiliation(row: Any) -> tuple[Affiliation, str]:
    return Affiliation(row.company, row.domain), row.account


def _affiliations(run: Run, profiles: Collection[str]) -> dict[str, Affiliation]:
    """By profile what makes its account; nothing for those who have none."""
    members: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for profile, who, since in _look_up(run, _members, profiles):
        members[profile].append((who, since))
    wanted = {(who, _PROPERTY_OF[kind]) for its in members.values() for who, _ in its if (kind := _kind(who))}
    said = latest(run, wanted)
    own = frozenset(run.settings.free_mail_domains)
    found = {}
    for profile, its in members.items():
        emails = [(since, who, said[who, DOMAIN].value) for who, since in its if (who, DOMAIN) in said]
        companies = [said[who, COMPANY] for who, _ in its if (who, COMPANY) in said]
        person = affiliation(emails, companies, lambda domain: domain in own or is_free_mail(domain))
        if person is not None:
            found[profile] = person
    return found


_PROPERTY_OF = {"email": DOMAIN, "contact": COMPANY}


def _kind(who: str) -> str | None:
    kind = who.partition(":")[0]
    return kind if kind in _PROPERTY_OF else None


def _save_people(
    run: Run, before: Mapping[str, tuple[Affiliation, str]], after: Mapping[str, Affiliation]
) -> dict[str, set[str]]:
    """Gives the profiles whose account is another now, each with the account that it had and the one that it has."""
    finals = finals_of(run, {person.company for person in after.values() if person.company})
    owners = owners_of(run, {person.domain for person in after.values() if person.domain})
    new = {profile: (person, account_of(person, finals, owners)) for profile, person in after.items()}
    gone = [{"w": run.workspace, "p": profile} for profile in before if profile not in new]
    if gone:
        run.connection.execute(_forget_person, gone)
    upsert(
        run.connection,
        person_account,
        [
            run.row(profile=profile, company=person.company, domain=person.domain, account=account)
            for profile, (person, account) in new.items()
            if before.get(profile) != (person, account)
        ],
    )
    moves = {}
    for profile in before.keys() | new.keys():
        had, has = before.get(profile), new.get(profile)
        if had is None or has is None or had[1] != has[1]:
            moves[profile] = {each[1] for each in (had, has) if each is not None}
    return moves


def _settle_deals(run: Run, deals: Collection[DealKey]) -> set[str]:
    """A deal's account: its company, else that of the person of its first contact by id, else none.

    Gives the accounts that gained or lost a deal.
    """
    if not deals:
        return set()
    rows = deals_at(run, deals)
    companies = {key: row["account"] for key, row in rows.items() if row["account"].startswith("company:")}
    firsts = {
        key: contact_identifier(key[0], contacts[0])
        for key, row in rows.items()
        if key not in companies and (contacts := orjson.loads(row["contacts"]))
    }
    profile_of = profiles_of(run, set(firsts.values()))
    accounts = {row.profile: row.account for row in _look_up(run, _by_profile, set(profile_of.values()))}
    finals = finals_of(run, set(companies.values()))
    after = {key: finals.get(company, company) for key, company in companies.items()}
    after |= {
        key: account for key, who in firsts.items() if (account := accounts.get(profile_of.get(who, ""))) is not None
    }
    before = {(row.connection, row.deal_id): row.account for row in run.look_up(_deal_accounts, deals)}
    changed = [key for key in before.keys() | after.keys() if before.get(key) != after.get(key)]
    gone = [{"w": run.workspace, "c": key[0], "d": key[1]} for key in changed if key not in after]
    if gone:
        run.connection.execute(_forget_deal, gone)
    fresh = [run.row(connection=key[0], deal_id=key[1], account=after[key]) for key in changed if key in after]
    upsert(run.connection, deal_account, fresh)
    return {its[key] for key in changed for its in (before, after) if key in its}
