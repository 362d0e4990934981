"""Which conversions a changed deal may change, and which deal makes an account a customer.

An opportunity does not hear of it when its deal is won, nor an account with a first deal of later ones: a journey is what costs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import BindParameter, bindparam, func, select

from wanamaker_shared.service.given import given

from ..tables import conversion, deal
from .run import Cause, DealKey, Run, mark

_OPENING = ("created_at", "contacts", "original_source", "account")
"""What an opportunity has of its deal. The account moves with whose its first contact is: so do the people."""

_given = given()
_w: BindParameter[str] = bindparam("workspace")
_other = deal.alias("other")
_first_won_at = (
    select(func.min(_other.c.won_at))
    .where(_other.c.workspace == _w, _other.c.account == _given.text(0))
    .correlate(_given.source)
    .scalar_subquery()
)
_first_won = select(deal.c.account, deal.c.connection, deal.c.deal_id).select_from(
    _given.joined(
        deal, (deal.c.workspace == _w) & (deal.c.account == _given.text(0)) & (deal.c.won_at == _first_won_at)
    )
)
_customers = select(conversion.c.key, conversion.c.connection, conversion.c.deal_id).select_from(
    _given.joined(
        conversion,
        (conversion.c.workspace == _w) & (conversion.c.kind == "customer") & (conversion.c.key == _given.text(0)),
    )
)


def first_won(run: Run, accounts: Iterable[str]) -> dict[str, DealKey]:
    """By account its first won deal; of several at one time the first by key."""
    first: dict[str, DealKey] = {}
    for account, connection, deal_id in run.look_up(_first_won, ((account,) for account in accounts)):
        first[account] = min((connection, deal_id), first.get(account, (connection, deal_id)))
    return first


def mark_conversions(
    run: Run, changed: Collection[DealKey], before: Mapping[DealKey, Any], after: Mapping[DealKey, Any]
) -> None:
    """Make dirty what the dirty deals may change. One whose row stands is dirty because its people may have changed."""
    accounts: dict[str, Cause] = {}
    for key, cause in run.deals.items():
        name, had, has = "/".join(key), before.get(key), after.get(key)
        mark(run.conversions, [("deal", name)], cause)
        if key not in changed or had is None or has is None or any(had[part] != has[part] for part in _OPENING):
            mark(run.conversions, [("opportunity", name)], cause)
        mark(accounts, {row["account"] for row in (had, has) if row is not None}, cause)
    first = first_won(run, accounts)
    known = {
        account: (connection, deal_id)
        for account, connection, deal_id in run.look_up(_customers, ((account,) for account in accounts))
    }
    for account, cause in accounts.items():
        if first.get(account) != known.get(account) or first.get(account) in run.deals:
            mark(run.conversions, [("customer", account)], cause)
