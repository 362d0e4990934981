"""One account's page: its people, their touchpoints, its deals and conversions, each a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, select, tuple_, union_all

from ..account_tables import deal_account, person_account
from ..tables import conversion, deal, identifier
from .conversions import TimePlace
from .touchpoints import Place, TouchpointRow, read_owned_by

_PERSON_KINDS = ("lead", "mql", "sql")


class DealPlace(NamedTuple):
    connection: str
    deal_id: str


def read_people(
    connection: Connection, workspace: str, account: str, *, limit: int, after: str | None = None
) -> Sequence[str]:
    """The next profile ids of its people."""
    table = person_account
    statement = select(table.c.profile).where(table.c.workspace == workspace, table.c.account == account)
    if after is not None:
        statement = statement.where(table.c.profile > after)
    return connection.scalars(statement.order_by(table.c.profile).limit(limit)).all()


def read_journey_of(
    connection: Connection, workspace: str, account: str, *, limit: int, after: Place | None = None
) -> Sequence[TouchpointRow]:
    """The next touchpoints of all its people, in order."""
    owners = (
        select(identifier.c.identifier)
        .join(
            person_account,
            (person_account.c.workspace == identifier.c.workspace) & (person_account.c.profile == identifier.c.profile),
        )
        .where(person_account.c.workspace == workspace, person_account.c.account == account)
    )
    return read_owned_by(connection, workspace, owners, limit=limit, after=after)


def read_deals_of(
    connection: Connection, workspace: str, account: str, *, limit: int, after: DealPlace | None = None
) -> Sequence[Row[Any]]:
    """Its next deals by connection and id."""
    its = deal_account.c
    statement = (
        select(deal)
        .join(
            deal_account,
            (its.workspace == deal.c.workspace)
            & (its.connection == deal.c.connection)
            & (its.deal_id == deal.c.deal_id),
        )
        .where(its.workspace == workspace, its.account == account)
    )
    if after is not None:
        statement = statement.where(tuple_(its.connection, its.deal_id) > tuple(after))
    return connection.execute(statement.order_by(its.connection, its.deal_id).limit(limit)).all()


def read_conversions_of(
    connection: Connection, workspace: str, account: str, *, limit: int, after: TimePlace | None = None
) -> Sequence[TimePlace]:
    """Where the next conversions of its people and deals stand, in order of time."""
    columns = (conversion.c.at, conversion.c.kind, conversion.c.key)
    of_people = select(*columns).join(
        person_account,
        (person_account.c.workspace == conversion.c.workspace)
        & (person_account.c.profile == conversion.c.key)
        & conversion.c.kind.in_(_PERSON_KINDS),
    )
    of_deals = select(*columns).join(
        deal_account,
        (deal_account.c.workspace == conversion.c.workspace)
        & (deal_account.c.connection == conversion.c.connection)
        & (deal_account.c.deal_id == conversion.c.deal_id),
    )
    found = union_all(
        of_people.where(person_account.c.workspace == workspace, person_account.c.account == account),
        of_deals.where(deal_account.c.workspace == workspace, deal_account.c.account == account),
    ).subquery()
    order = (found.c.at, found.c.kind, found.c.key)
    statement = select(*order).order_by(*order).limit(limit)
    if after is not None:
        statement = statement.where(tuple_(*order) > tuple(after))
    return [TimePlace(*row) for row in connection.execute(statement)]
