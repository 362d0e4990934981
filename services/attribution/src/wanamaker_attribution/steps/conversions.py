"""Step 7, conversions: define the dirty ones anew, gather their journeys, split their credits, note the differences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy import delete as delete_from

from wanamaker_shared.contracts.identifiers import contact_identifier
from wanamaker_shared.service.given import given
from wanamaker_shared.service.sql import insert_ignore, upsert

from ..channels import crm_channel
from ..conversions import Adjusted, Conversion, Credit, add_measures, credit_conversion
from ..days import day_of
from ..journeys import Touch
from ..tables import conversion, conversion_person, credit
from .deal_conversions import first_won
from .deals import deals_at
from .journeys import Journeys
from .people import PERSON_KINDS, persons_of, profiles_of
from .restatements import restate
from .run import ConversionKey, DealKey, Run, canonical

_given = given()
_w: BindParameter[str] = bindparam("workspace")
_c = conversion.c
_conversions = select(
    _c.kind,
    _c.key,
    _c.at,
    _c.day,
    _c.connection,
    _c.deal_id,
    _c.people,
    _c.opened_at,
    _c.lead_at,
    _c.revenue_minor,
    _c.crm_channel,
    _c.adjustments,
    _c.journey,
).select_from(
    _given.joined(conversion, (_c.workspace == _w) & (_c.kind == _given.text(0)) & (_c.key == _given.text(1)))
)
_credits = select(
    credit.c.kind, credit.c.key, credit.c.model, credit.c.micro, credit.c.revenue, credit.c.adjustments
).select_from(
    _given.joined(
        credit, (credit.c.workspace == _w) & (credit.c.kind == _given.text(0)) & (credit.c.key == _given.text(1))
    )
)
_forget = {
    table: delete_from(table).where(
        table.c.workspace == bindparam("w"), table.c.kind == bindparam("k"), table.c.key == bindparam("n")
    )
    for table in (conversion, credit)
}
_forget_person = delete_from(conversion_person).where(
    conversion_person.c.workspace == bindparam("w"),
    conversion_person.c.profile == bindparam("p"),
    conversion_person.c.kind == bindparam("k"),
    conversion_person.c.key == bindparam("n"),
)


def settle_conversions(run: Run) -> None:
    """From dirty conversions to their rows and credits, and the differences in the ROI tables."""
    if not run.conversions:
        return
    after = _define(run)
    rows = {key: _row(run, found) for key, found in after.items()}
    stored = _load(run)
    changed = [key for key in run.conversions if stored.get(key) != rows.get(key)]
    before = {key: _parse(stored[key]) for key in changed if key in stored}
    old_credits = _load_credits(run, [key for key in changed if key in before])
    new_credits = {key: credit_conversion(after[key]) for key in changed if key in after}
    for key in changed:
        if key in before:
            add_measures(run.credits, before[key], old_credits[key], -1)
        if key in after:
            add_measures(run.credits, after[key], new_credits[key], 1)
    _save(run, changed, rows, new_credits)
    _save_people(run, changed, before, after)
    restate(run, [key for key in changed if key in before], before, after, old_credits, new_credits)


def _define(run: Run) -> dict[ConversionKey, Conversion]:
    """The dirty conversions as they are now, with their journeys; those that no longer are, are left out."""
    definitions = {**_of_persons(run), **_of_deals(run)}
    people = {profile for found in definitions.values() for profile in found["people"]}
    leads = {profile: steps[0] for profile, steps in persons_of(run, people).items()}
    journeys = Journeys(run, people, max((found["at"] for found in definitions.values()), default=0))
    conversions = {}
    for (kind, key), found in definitions.items():
        lead_at = min((at for p in found["people"] if (at := leads.get(p)) is not None), default=None)
        conversions[kind, key] = Conversion(
            kind=kind,
            key=key,
            day=day_of(found["at"], run.settings.zone),
            lead_at=lead_at,
            journey=journeys.before(found["people"], found["at"]),
            **found,
        )
    return conversions


def _of_persons(run: Run) -> dict[ConversionKey, dict[str, Any]]:
    steps = persons_of(run, {key for kind, key in run.conversions if kind in PERSON_KINDS})
    return {
        (kind, key): {
            "at": at,
            "people": (key,),
            "connection": None,
            "deal_id": None,
            "opened_at": None,
            "revenue_minor": 0,
            "crm_channel": None,
            "adjustments": (),
        }
        for kind, key in run.conversions
        if kind in PERSON_KINDS and (at := steps.get(key, (None,) * 3)[PERSON_KINDS.index(kind)]) is not None
    }


def _of_deals(run: Run) -> dict[ConversionKey, dict[str, Any]]:
    """Opportunities and won deals by their deal, customers by their account's first won deal."""
    deal_of: dict[ConversionKey, DealKey] = {}
    for kind, key in run.conversions:
        if kind in ("opportunity", "deal"):
            connection, _, deal_id = key.partition("/")
            deal_of[kind, key] = (connection, deal_id)
    accounts = [key for kind, key in run.conversions if kind == "customer"]
    for account, first in first_won(run, accounts).items():
        deal_of["customer", account] = first
    rows = deals_at(run, set(deal_of.values()))
    people = _people(run, rows)
    return {
        (kind, key): _of_deal(run, kind, rows[where], people[where])
        for (kind, key), where in deal_of.items()
        if where in rows and (kind == "opportunity" or rows[where]["won_at"] is not None)
    }


def _of_deal(run: Run, kind: str, row: Mapping[str, Any], people: tuple[str, ...]) -> dict[str, Any]:
    earns = kind == "deal"
    return {
        "at": row["created_at"] if kind == "opportunity" else row["won_at"],
        "people": people,
        "connection": row["connection"],
        "deal_id": row["deal_id"],
        "opened_at": row["created_at"],
        "revenue_minor": (row["revenue_minor"] or 0) if earns else 0,
        "crm_channel": crm_channel(row["original_source"], run.settings.channel_rules),
        "adjustments": tuple(
            Adjusted(item, at, day_of(at, run.settings.zone), minor or 0)
            for item, at, _, _, minor in orjson.loads(row["adjustments"])
        )
        if earns
        else (),
    }


def _people(run: Run, rows: Mapping[DealKey, Mapping[str, Any]]) -> dict[DealKey, tuple[str, ...]]:
    """By deal the profiles of its present contacts."""
    contacts = {
        key: [contact_identifier(key[0], contact) for contact in orjson.loads(row["contacts"])]
        for key, row in rows.items()
    }
    profile_of = profiles_of(run, {who for members in contacts.values() for who in members})
    return {
        key: tuple(sorted({profile_of[who] for who in members if who in profile_of}))
        for key, members in contacts.items()
    }


def _load(run: Run) -> dict[ConversionKey, dict[str, Any]]:
    found = run.look_up(_conversions, run.conversions)
    return {(row.kind, row.key): run.row(**row._mapping) for row in found}


def _parse(row: Mapping[str, Any]) -> Conversion:
    values = {name: value for name, value in row.items() if name != "workspace"}
    values["people"] = tuple(orjson.loads(values["people"]))
    values["adjustments"] = tuple(Adjusted(*item) for item in orjson.loads(values["adjustments"]))
    values["journey"] = tuple(map(Touch._make, orjson.loads(values["journey"])))
    return Conversion(**values)


def _load_credits(run: Run, keys: Iterable[ConversionKey]) -> dict[ConversionKey, dict[str, Credit]]:
    credits: dict[ConversionKey, dict[str, Credit]] = {key: {} for key in keys}
    for kind, key, model, micro, revenue, adjustments in run.look_up(_credits, credits):
        credits[kind, key][model] = Credit(
            tuple(orjson.loads(micro)),
            tuple(orjson.loads(revenue)),
            tuple(tuple(parts) for parts in orjson.loads(adjustments)),
        )
    return credits


def _save(
    run: Run,
    changed: list[ConversionKey],
    rows: Mapping[ConversionKey, dict[str, Any]],
    credits: Mapping[ConversionKey, Mapping[str, Credit]],
) -> None:
    gone = [{"w": run.workspace, "k": key[0], "n": key[1]} for key in changed if key not in rows]
    if gone:
        for statement in _forget.values():
            run.connection.execute(statement, gone)
    upsert(run.connection, conversion, [rows[key] for key in changed if key in rows])
    upsert(
        run.connection,
        credit,
        [
            run.row(
                kind=key[0],
                key=key[1],
                model=model,
                micro=canonical(split.micro),
                revenue=canonical(split.revenue),
                adjustments=canonical(split.adjustments),
            )
            for key, by_model in credits.items()
            for model, split in by_model.items()
        ],
    )


def _save_people(
    run: Run,
    changed: list[ConversionKey],
    before: Mapping[ConversionKey, Conversion],
    after: Mapping[ConversionKey, Conversion],
) -> None:
    gone, fresh = [], []
    for key in changed:
        had = {(who, before[key].at) for who in before[key].people} if key in before else set()
        has = {(who, after[key].at) for who in after[key].people} if key in after else set()
        gone += [{"w": run.workspace, "p": who, "k": key[0], "n": key[1]} for who, _ in had - has]
        fresh += [run.row(profile=who, kind=key[0], key=key[1], at=at) for who, at in has - had]
    if gone:
        run.connection.execute(_forget_person, gone)
    insert_ignore(run.connection, conversion_person, fresh)


def _row(run: Run, found: Conversion) -> dict[str, Any]:
    return run.row(
        kind=found.kind,
        key=found.key,
        at=found.at,
        day=found.day,
        connection=found.connection,
        deal_id=found.deal_id,
        people=canonical(found.people),
        opened_at=found.opened_at,
        lead_at=found.lead_at,
        revenue_minor=found.revenue_minor,
        crm_channel=found.crm_channel,
        adjustments=canonical(found.adjustments),
        journey=canonical(found.journey),
    )
