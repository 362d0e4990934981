"""Step 7, conversions: define the dirty ones anew, gather their journeys, split their credits, note the differences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy import delete as delete_from

from wanamaker_shared.contracts.identifiers import contact_identifier
from wanamaker_shared.service.given import given
from wanamaker_shared.service.sql import insert_ignore, upsert

from ..channels import crm_channel
from ..conversion_rows import conversion_of, credits_of, credits_text, row_of
from ..conversions import Adjusted, Conversion, Credit, add_measures, credit_conversion
from ..days import day_of
from ..original_sources import OFFLINE, crm_original_source
from ..tables import conversion, conversion_person
from .deal_conversions import first_won
from .deals import deals_at
from .journeys import Journeys
from .people import PERSON_KINDS, persons_of, profiles_of
from .restatements import restate
from .run import ConversionKey, DealKey, Run

_given = given()
_w: BindParameter[str] = bindparam("workspace")
_conversions = select(*(column for column in conversion.c if column.name != "workspace")).select_from(
    _given.joined(
        conversion,
        (conversion.c.workspace == _w) & (conversion.c.kind == _given.text(0)) & (conversion.c.key == _given.text(1)),
    )
)
_forget = delete_from(conversion).where(
    conversion.c.workspace == bindparam("w"), conversion.c.kind == bindparam("k"), conversion.c.key == bindparam("n")
)
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
    rows = {key: row_of(found) for key, found in after.items()}
    stored, credits = _load(run)
    changed = [key for key in run.conversions if stored.get(key) != rows.get(key)]
    before = {key: conversion_of(stored[key]) for key in changed if key in stored}
    old_credits = {key: credits_of(credits[key]) for key in before}
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
            "crm_original_source": OFFLINE,
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
        "crm_original_source": crm_original_source(row["original_source"]),
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


def _load(run: Run) -> tuple[dict[ConversionKey, dict[str, Any]], dict[ConversionKey, str]]:
    """The dirty conversions' rows as stored: what defines them, and their credits."""
    rows = {(row.kind, row.key): dict(row._mapping) for row in run.look_up(_conversions, run.conversions)}
    return rows, {key: row.pop("credits") for key, row in rows.items()}


def _save(
    run: Run,
    changed: list[ConversionKey],
    rows: Mapping[ConversionKey, dict[str, Any]],
    credits: Mapping[ConversionKey, Mapping[str, Credit]],
) -> None:
    gone = [{"w": run.workspace, "k": key[0], "n": key[1]} for key in changed if key not in rows]
    if gone:
        run.connection.execute(_forget, gone)
    upsert(
        run.connection,
        conversion,
        [run.row(**rows[key], credits=credits_text(split)) for key, split in credits.items()],
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
