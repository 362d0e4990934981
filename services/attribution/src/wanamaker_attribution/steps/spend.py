"""Step 6, spend: of each cost the latest revision, a row a day, named by the workspace's rules, converted by its day's rate."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import orjson
from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy import delete as delete_from

from wanamaker_shared.service.given import given, rows_of
from wanamaker_shared.service.sql import upsert

from ..conversions import Place
from ..money import Rates, minor_units
from ..spend_places import Naming, amounts_of, days_of
from ..tables import fact, spend
from .foreign import replace_foreign
from .rates import rates_near
from .run import Run

POSTS = ("attract", "convert", "close")

_given = given()
_w: BindParameter[str] = bindparam("workspace")
_facts = (
    select(fact.c.subject, fact.c.at, fact.c.record_source, fact.c.event_id, fact.c.body)
    .select_from(_given.joined(fact, (fact.c.workspace == _w) & (fact.c.subject == _given.text(0))))
    .where(fact.c.topic == "ad-spend")
)
_spends = select(*(column for column in spend.c if column.name != "workspace")).select_from(
    _given.joined(
        spend,
        (spend.c.workspace == _w) & (spend.c.provider == _given.text(0)) & (spend.c.spend_key == _given.text(1)),
    )
)
_forget = delete_from(spend).where(
    spend.c.workspace == bindparam("w"), spend.c.provider == bindparam("p"), spend.c.spend_key == bindparam("k")
)


def subject_of(provider: str, spend_key: str) -> str:
    """A slash in the provider's name is written `%2F`, so that no two costs are one subject."""
    return f"spend:{provider.replace('%', '%25').replace('/', '%2F')}/{spend_key}"


def _cost_of(subject: str) -> tuple[str, str]:
    """The provider and the spend key."""
    provider, _, spend_key = subject.removeprefix("spend:").partition("/")
    return provider.replace("%2F", "/").replace("%25", "%"), spend_key


def settle_spend(run: Run) -> None:
    """From dirty costs to their rows, one a day, and the differences in traffic.

    A cost may have no record left: its only one turned out, in a later revision, to be about another.
    """
    if not run.spends:
        return
    latest = _latest(run)
    rates = rates_near(run, {day for record in latest.values() for day in days_of(record)})
    naming = Naming(run.settings)
    after = {
        subject: _rows(run, latest[subject], naming, rates) if subject in latest else []
        for subject in sorted(run.spends)
    }
    before = _stored(run)
    changed = [subject for subject in after if run.revised or before[subject] != after[subject]]
    gone = [rows[0] for subject in changed if (rows := before[subject])]
    if gone:
        names = [{"w": run.workspace, "p": row["provider"], "k": row["spend_key"]} for row in gone]
        run.connection.execute(_forget, names)
    upsert(run.connection, spend, [run.row(**row) for subject in changed for row in after[subject]])
    foreign = [(subject, row) for subject in changed for row in after[subject] if _is_foreign(run, row)]
    replace_foreign(run, changed, [_foreign(run, subject, row) for subject, row in foreign])
    for subject in changed:
        for rows, sign in ((before[subject], -1), (after[subject], 1)):
            for row in rows:
                if row["minor"]:
                    run.traffic[_dimensions(row)][1 + POSTS.index(row["post"])] += sign * row["minor"]


def _stored(run: Run) -> defaultdict[str, list[dict[str, Any]]]:
    """By subject the rows that are there, in order of their days."""
    wanted = {"workspace": run.workspace, "given": rows_of(map(_cost_of, run.spends))}
    found = run.connection.execute(_spends, wanted)
    stored = defaultdict[str, list[dict[str, Any]]](list)
    for row in found.mappings():
        stored[subject_of(row["provider"], row["spend_key"])].append(dict(row))
    for rows in stored.values():
        rows.sort(key=lambda row: str(row["day"]))
    return stored


def _latest(run: Run) -> dict[str, dict[str, Any]]:
    """By subject its latest record by order."""
    wanted = {"workspace": run.workspace, "given": rows_of((subject,) for subject in run.spends)}
    in_order = sorted(tuple(row) for row in run.connection.execute(_facts, wanted))
    return {subject: orjson.loads(body) for subject, *_, body in in_order}


def _rows(run: Run, record: dict[str, Any], naming: Naming, rates: Rates) -> list[dict[str, Any]]:
    """A row for each of its days, in order."""
    reporting = run.settings.currency
    currency = record.get("currency") or reporting
    under = naming.under(record)
    return [
        {
            "provider": record["provider"],
            "spend_key": record["spend_key"],
            "day": day,
            "post": under.post,
            "channel": under.channel,
            "source": under.source,
            "medium": under.medium,
            "campaign": under.campaign,
            "amount": amount,
            "currency": currency,
            "minor": rates.convert(amount, currency, reporting, day),
        }
        for day, amount in amounts_of(record, currency)
    ]


def _is_foreign(run: Run, row: dict[str, Any]) -> bool:
    return bool(row["currency"] != run.settings.currency)


def _dimensions(row: dict[str, Any]) -> Place:
    return (row["day"], row["channel"], row["source"], row["medium"], row["campaign"])


def _foreign(run: Run, subject: str, row: dict[str, Any]) -> dict[str, Any]:
    return run.row(
        kind="spend",
        key=subject.removeprefix("spend:"),
        owner=subject,
        day=row["day"],
        currency=row["currency"],
        native_minor=minor_units(row["amount"], row["currency"]),
        minor=row["minor"],
    )
