"""Step 4, deals: fold the changed ones anew, value them, and say which conversions and accounts that touches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy import delete as delete_from

from wanamaker_shared.contracts.identifiers import contact_identifier
from wanamaker_shared.service.given import given
from wanamaker_shared.service.sql import insert_ignore, upsert

from ..canonical import canonical
from ..days import day_of
from ..deals import Deal, fold_deals
from ..money import Rates, minor_units
from ..stages import Words
from ..tables import deal, deal_contact
from .deal_conversions import mark_conversions
from .foreign import replace_foreign
from .people import profiles_of
from .rates import rates_near
from .run import DealKey, Run, mark
from .statements import statements_about

_given = given()
_w: BindParameter[str] = bindparam("workspace")
_deals = select(*(column for column in deal.c if column.name != "workspace")).select_from(
    _given.joined(
        deal, (deal.c.workspace == _w) & (deal.c.connection == _given.text(0)) & (deal.c.deal_id == _given.text(1))
    )
)
_forget_deal = delete_from(deal).where(
    deal.c.workspace == bindparam("w"), deal.c.connection == bindparam("c"), deal.c.deal_id == bindparam("d")
)
_forget_contact = delete_from(deal_contact).where(
    deal_contact.c.workspace == bindparam("w"),
    deal_contact.c.identifier == bindparam("i"),
    deal_contact.c.connection == bindparam("c"),
    deal_contact.c.deal_id == bindparam("d"),
)


def settle_deals(run: Run) -> None:
    """From dirty deals to their rows; leaves dirty conversions."""
    if not run.deals:
        return
    folded = _fold(run)
    cause = max(run.deals.values())
    for key in folded:
        run.deals.setdefault(key, cause)
    before = deals_at(run, run.deals)
    existing = {key: found for key, found in folded.items() if found is not None}
    profile_of = profiles_of(
        run, {contact_identifier(key[0], found.contacts[0]) for key, found in existing.items() if found.contacts}
    )
    rates = rates_near(run, _money_days(run, existing.values()))
    rows = {key: _row(run, key, found, profile_of, rates) for key, found in existing.items()}
    changed = [key for key in run.deals if run.revised or before.get(key) != rows.get(key)]
    _save(run, changed, before, rows)
    mark_conversions(run, set(changed), before, rows)
    _mark_contacts(run, changed, before, rows)


def _mark_contacts(
    run: Run, changed: list[DealKey], before: Mapping[DealKey, dict[str, Any]], after: Mapping[DealKey, dict[str, Any]]
) -> None:
    """The contacts of whom a changed deal's stage says, or said, how far they are."""
    for key in changed:
        said = [_said_of_contacts(rows.get(key)) for rows in (before, after)]
        if said[0] != said[1]:
            contacts = {contact_identifier(key[0], contact) for _, names in said for contact in names}
            mark(run.resolved, contacts, run.deals[key])


def _said_of_contacts(row: Mapping[str, Any] | None) -> tuple[tuple[int | None, int | None], list[str]]:
    if row is None or row["mql_at"] is None:  # an sql is an mql
        return (None, None), []
    return (row["mql_at"], row["sql_at"]), orjson.loads(row["contacts"])


def deals_at(run: Run, keys: Iterable[DealKey]) -> dict[DealKey, dict[str, Any]]:
    """The rows of existing deals."""
    return {(row.connection, row.deal_id): dict(row._mapping) for row in run.look_up(_deals, keys)}


def _fold(run: Run) -> dict[DealKey, Deal | None]:
    """The dirty deals folded (None: does not exist), with all deals that merges tie to them."""
    by_connection, seen = statements_about(run.connection, run.workspace, run.deals)
    folded: dict[DealKey, Deal | None] = dict.fromkeys(seen)
    words = Words(run.settings)
    for connection, stated in by_connection.items():
        for deal_id, found in fold_deals(stated, run.settings.zone, words.stages_of(connection)).items():
            folded[connection, deal_id] = found
    return folded


def _row(run: Run, key: DealKey, found: Deal, profile_of: Mapping[str, str], rates: Rates) -> dict[str, Any]:
    zone, reporting = run.settings.zone, run.settings.currency
    currency = found.currency or reporting
    amount_minor = minor_units(found.amount, currency)
    adjustments = []
    for item in found.adjustments:
        own = item.currency or currency
        native = minor_units(item.amount, own)
        minor = None  # while it is not won an adjustment counts nothing, and no late rate would find it
        if found.won_at is not None:
            minor = rates.convert(item.amount, own, reporting, day_of(item.at, zone))
        adjustments.append([item.id, item.at, native, own, minor])
    revenue = None
    if found.won_at is not None:
        revenue = rates.convert(found.amount, currency, reporting, day_of(found.won_at, zone))
    return {
        "connection": key[0],
        "deal_id": key[1],
        "status": found.status,
        "pipeline": found.pipeline,
        "stage": found.stage,
        "amount": found.amount,
        "currency": currency,
        "amount_minor": amount_minor,
        "revenue_minor": revenue,
        "created_at": found.created_at,
        "won_at": found.won_at,
        "mql_at": found.mql_at,
        "sql_at": found.sql_at,
        "account": _account(key, found, profile_of),
        "original_source": found.original_source,
        "contacts": canonical(found.contacts),
        "adjustments": canonical(adjustments),
    }


def _account(key: DealKey, found: Deal, profile_of: Mapping[str, str]) -> str:
    """Its company, else the person of its first contact by id, else itself."""
    if found.company_id:
        return f"company:{key[0]}/{found.company_id}"
    first = profile_of.get(contact_identifier(key[0], found.contacts[0])) if found.contacts else None
    return f"person:{first}" if first else f"deal:{'/'.join(key)}"


def _money_days(run: Run, deals: Iterable[Deal]) -> set[str]:
    moments = [at for found in deals for at in (found.won_at, *(item.at for item in found.adjustments))]
    return {day_of(at, run.settings.zone) for at in moments if at is not None}


def _save(
    run: Run, changed: list[DealKey], before: Mapping[DealKey, dict[str, Any]], after: Mapping[DealKey, dict[str, Any]]
) -> None:
    gone = [{"w": run.workspace, "c": key[0], "d": key[1]} for key in changed if key not in after]
    if gone:
        run.connection.execute(_forget_deal, gone)
    upsert(run.connection, deal, [run.row(**after[key]) for key in changed if key in after])
    _save_contacts(run, changed, before, after)
    amounts = [row for key in changed for row in _foreign(run, key, after.get(key))]
    replace_foreign(run, ("/".join(key) for key in changed), amounts)


def _save_contacts(
    run: Run, changed: list[DealKey], before: Mapping[DealKey, dict[str, Any]], after: Mapping[DealKey, dict[str, Any]]
) -> None:
    gone, fresh = [], []
    for key in changed:
        had, has = (set(orjson.loads(rows[key]["contacts"])) if key in rows else set() for rows in (before, after))
        gone += [
            {"w": run.workspace, "i": contact_identifier(key[0], contact), "c": key[0], "d": key[1]}
            for contact in had - has
        ]
        fresh += [
            run.row(identifier=contact_identifier(key[0], contact), connection=key[0], deal_id=key[1])
            for contact in has - had
        ]
    if gone:
        run.connection.execute(_forget_contact, gone)
    insert_ignore(run.connection, deal_contact, fresh)


def _foreign(run: Run, key: DealKey, row: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """The amounts of a won deal that are not in the reporting currency."""
    if row is None or row["won_at"] is None:
        return []
    zone, reporting, name = run.settings.zone, run.settings.currency, "/".join(key)
    amounts: list[tuple[str, str, int, int, str, int | None]] = [
        ("deal", name, row["won_at"], row["amount_minor"], row["currency"], row["revenue_minor"]),
        *(
            ("adjustment", f"{name}/{item}", at, native, own, minor)
            for item, at, native, own, minor in orjson.loads(row["adjustments"])
        ),
    ]
    return [
        run.row(kind=kind, key=item, owner=name, day=day_of(at, zone), currency=own, native_minor=native, minor=minor)
        for kind, item, at, native, own, minor in amounts
        if own != reporting
    ]
