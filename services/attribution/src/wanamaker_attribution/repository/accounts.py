"""Accounts as rows, a page at a time: what they are called, how many people they have, and what these did and brought."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Row, func, select

from wanamaker_shared.service.sql import in_texts

from ..account_tables import account, company, deal_account, person_account
from ..accounts import folded
from ..tables import conversion, identifier, touchpoint


@dataclass(slots=True)
class Activity:
    """Of an account on the days asked for, like its row of the ROI table. `people` whenever they came; `last_at`: the last
    touchpoint or conversion on these days, microseconds."""

    people: int = 0
    sessions: int = 0
    leads: int = 0
    deals: int = 0
    revenue_minor: int = 0
    last_at: int | None = None

    def heard(self, at: int) -> None:
        self.last_at = at if self.last_at is None else max(self.last_at, at)


def names_of(connection: Connection, workspace: str, accounts: Collection[str]) -> dict[str, str]:
    """By account its company's name, where the CRM stated one."""
    statement = select(company.c.company, company.c.name).where(
        company.c.workspace == workspace, in_texts(company.c.company, accounts), company.c.name.isnot(None)
    )
    return {row.company: row.name for row in connection.execute(statement)}


def find_account(connection: Connection, workspace: str, name: str) -> Row[Any] | None:
    """The account; of a company that was merged into another the account that it became."""
    final = select(company.c.account).where(company.c.workspace == workspace, company.c.company == name)
    meant = connection.scalar(final) or name
    return connection.execute(
        select(account).where(account.c.workspace == workspace, account.c.account == meant)
    ).first()


def read_account_list(
    connection: Connection, workspace: str, *, limit: int, search: str = "", after: str | None = None
) -> Sequence[Row[Any]]:
    """The next accounts by their text; with `search` those that have it in it, in their domain or name, in any case."""
    statement = select(account).where(account.c.workspace == workspace).order_by(account.c.account).limit(limit)
    if search:
        # REPLACE, as LIKE knows wildcards, and case in one database only
        statement = statement.where(func.replace(account.c.searched, folded(search), "") != account.c.searched)
    if after is not None:
        statement = statement.where(account.c.account > after)
    return connection.execute(statement).all()


def read_activity(
    connection: Connection, workspace: str, accounts: Collection[str], first: str | None, last: str | None
) -> dict[str, Activity]:
    """By account what happened on the days from `first` to `last`, None = unbounded."""
    found: dict[str, Activity] = defaultdict(Activity)
    of = in_texts(person_account.c.account, accounts)
    people = select(person_account.c.account, func.count()).where(person_account.c.workspace == workspace, of)
    for name, number in connection.execute(people.group_by(person_account.c.account)):
        found[name].people = number
    sessions = (
        select(person_account.c.account, func.count(), func.max(touchpoint.c.start_at))
        .select_from(_TOUCHPOINTS)
        .where(person_account.c.workspace == workspace, of, *_within(touchpoint.c.day, first, last))
    )
    for name, number, at in connection.execute(sessions.group_by(person_account.c.account)):
        found[name].sessions = number
        found[name].heard(at)
    _add_conversions(connection, workspace, accounts, (first, last), found)
    return found


def _add_conversions(
    connection: Connection,
    workspace: str,
    accounts: Collection[str],
    days: tuple[str | None, str | None],
    found: dict[str, Activity],
) -> None:
    inside = _within(conversion.c.day, *days)
    for belongs, table in ((_OF_PEOPLE, person_account), (_OF_DEALS, deal_account)):
        of = (table.c.workspace == workspace, in_texts(table.c.account, accounts))
        counted = (
            select(
                table.c.account,
                conversion.c.kind,
                func.count(),
                func.sum(conversion.c.revenue_minor),
                func.max(conversion.c.at),
            )
            .select_from(belongs)
            .where(*of, *inside)
        )
        for name, kind, number, minor, at in connection.execute(counted.group_by(table.c.account, conversion.c.kind)):
            its = found[name]
            its.heard(at)
            if kind == "lead":
                its.leads = number
            elif kind == "deal":
                its.deals = number
                its.revenue_minor += int(minor)
    adjusted = (
        select(deal_account.c.account, conversion.c.adjustments)
        .select_from(_OF_DEALS)
        .where(deal_account.c.workspace == workspace, in_texts(deal_account.c.account, accounts))
        .where(conversion.c.adjustments != "[]")
    )
    for name, adjustments in connection.execute(adjusted):
        for _, _, day, minor in orjson.loads(adjustments):
            if (days[0] or "") <= day <= (days[1] or "9999-12-31"):
                found[name].revenue_minor += minor


def _within(day: ColumnElement[str], first: str | None, last: str | None) -> list[ColumnElement[bool]]:
    return [*([day >= first] if first is not None else []), *([day <= last] if last is not None else [])]


_TOUCHPOINTS = person_account.join(
    identifier,
    (identifier.c.workspace == person_account.c.workspace) & (identifier.c.profile == person_account.c.profile),
).join(
    touchpoint,
    (touchpoint.c.workspace == identifier.c.workspace) & (touchpoint.c.owner == identifier.c.identifier),
)
_OF_PEOPLE = person_account.join(  # a conversion without a deal has its person's profile as its key
    conversion,
    (conversion.c.workspace == person_account.c.workspace)
    & conversion.c.kind.in_(("lead", "mql", "sql"))
    & (conversion.c.key == person_account.c.profile),
)
_OF_DEALS = deal_account.join(
    conversion,
    (conversion.c.workspace == deal_account.c.workspace)
    & (conversion.c.connection == deal_account.c.connection)
    & (conversion.c.deal_id == deal_account.c.deal_id),
)
