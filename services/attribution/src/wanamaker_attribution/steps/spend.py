"""Step 6, spend: of each cost the latest revision, classified like a page and converted by its day's rate."""

from __future__ import annotations

from typing import Any

import orjson
from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy import delete as delete_from

from wanamaker_shared.service.given import given, rows_of
from wanamaker_shared.service.sql import upsert

from ..arrivals import NOT_SET
from ..channels import classify_channel
from ..conversions import Place
from ..money import Rates, minor_units
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
    return f"spend:{provider}/{spend_key}"


def settle_spend(run: Run) -> None:
    """From dirty costs to their rows and the differences in traffic."""
    if not run.spends:
        return
    latest = _latest(run)
    rates = rates_near(run, {record["date"] for record in latest.values()})
    after = {subject: _row(run, record, rates) for subject, record in latest.items()}
    keys = [(record["provider"], record["spend_key"]) for record in latest.values()]
    found = run.connection.execute(_spends, {"workspace": run.workspace, "given": rows_of(keys)})
    before = {subject_of(row["provider"], row["spend_key"]): dict(row) for row in found.mappings()}
    changed = [subject for subject in after if run.revised or before.get(subject) != after[subject]]
    upsert(run.connection, spend, [run.row(**after[subject]) for subject in changed])
    foreign = [subject for subject in changed if after[subject]["currency"] != run.settings.currency]
    replace_foreign(run, changed, [_foreign(run, subject, after[subject]) for subject in foreign])
    for subject in changed:
        for row, sign in ((before.get(subject), -1), (after[subject], 1)):
            if row is not None and row["minor"]:
                run.traffic[_dimensions(row)][1 + POSTS.index(row["post"])] += sign * row["minor"]


def _latest(run: Run) -> dict[str, dict[str, Any]]:
    """By subject its latest record by order."""
    wanted = {"workspace": run.workspace, "given": rows_of((subject,) for subject in run.spends)}
    in_order = sorted(tuple(row) for row in run.connection.execute(_facts, wanted))
    return {subject: orjson.loads(body) for subject, *_, body in in_order}


def _row(run: Run, record: dict[str, Any], rates: Rates) -> dict[str, Any]:
    reporting = run.settings.currency
    currency = record.get("currency") or reporting
    source = (record.get("utm_source") or NOT_SET).lower()
    medium = (record.get("medium") or NOT_SET).lower()
    campaign = record.get("campaign") or NOT_SET
    return {
        "provider": record["provider"],
        "spend_key": record["spend_key"],
        "day": record["date"],
        "post": record["post"],
        "channel": record.get("channel") or classify_channel(source, medium, campaign, run.settings.channel_rules),
        "source": source,
        "medium": medium,
        "campaign": campaign,
        "amount": record["amount"],
        "currency": currency,
        "minor": rates.convert(record["amount"], currency, reporting, record["date"]),
    }


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
