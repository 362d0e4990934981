"""Accounts, last: the list of those that somebody or something belongs to, with what they are called."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import BindParameter, bindparam, delete, select

from wanamaker_shared.service.edges import edge_row
from wanamaker_shared.service.given import given
from wanamaker_shared.service.sql import upsert

from ..account_tables import account, company, deal_account, person_account
from ..accounts import domain_of_account, searched
from .run import Run

_w: BindParameter[str] = bindparam("workspace")
_given = given()
_of_belonging: list[Any] = [
    _given.text(0),
    edge_row(_given, person_account, ("account",), ("profile",), by=("profile",)),
    edge_row(_given, deal_account, ("account",), ("deal_id",), by=("connection", "deal_id")),
]
_belonging = select(*_of_belonging).select_from(_given.source)
_named = select(company.c.company, company.c.domain, company.c.name).select_from(
    _given.joined(company, (company.c.workspace == _w) & (company.c.company == _given.text(0)))
)
_forget = delete(account).where(account.c.workspace == bindparam("w"), account.c.account == bindparam("a"))


def settle_account_rows(run: Run, touched: Collection[str]) -> None:
    """Keep those of the touched accounts that anybody or anything belongs to."""
    if not touched:
        return
    wanted = [(each,) for each in touched]
    kept = {each for each, person, deal in run.look_up(_belonging, wanted) if person is not None or deal is not None}
    named = {row.company: (row.domain, row.name) for row in run.look_up(_named, wanted)}
    gone = [{"w": run.workspace, "a": each} for each in touched if each not in kept]
    if gone:
        run.connection.execute(_forget, gone)
    rows = []
    for each in kept:
        domain, name = named.get(each, (domain_of_account(each), None))
        rows.append(run.row(account=each, domain=domain, name=name, searched=searched(each, domain, name)))
    upsert(run.connection, account, rows)
