"""Step 5, people: when a person first reached each step, and which conversions a person's changes touch."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
from sqlalchemy import BindParameter, bindparam, func, select
from sqlalchemy import delete as delete_from

from wanamaker_shared.service.given import given
from wanamaker_shared.service.sql import upsert

from ..days import DAY
from ..stages import Words, steps_reached
from ..tables import contact_step, conversion_person, deal, deal_contact, fact, identifier, lead_link, person
from .run import Cause, Run, mark

PERSON_KINDS = ("lead", "mql", "sql")

_given = given()
_w: BindParameter[str] = bindparam("workspace")
_profiles = select(identifier.c.identifier, identifier.c.profile).select_from(
    _given.joined(identifier, (identifier.c.workspace == _w) & (identifier.c.identifier == _given.text(0)))
)
_contact_facts = (
    select(fact.c.subject, fact.c.at, fact.c.body)
    .select_from(_given.joined(fact, (fact.c.workspace == _w) & (fact.c.subject == _given.text(0))))
    .where(fact.c.topic == "crm-events")
)
_steps = select(
    contact_step.c.identifier, contact_step.c.lead_at, contact_step.c.mql_at, contact_step.c.sql_at
).select_from(
    _given.joined(contact_step, (contact_step.c.workspace == _w) & (contact_step.c.identifier == _given.text(0)))
)
_of_profile = _given.joined(identifier, (identifier.c.workspace == _w) & (identifier.c.profile == _given.text(0)))
_first_links = (
    select(identifier.c.profile, func.min(lead_link.c.at))
    .select_from(
        _of_profile.join(
            lead_link,
            (lead_link.c.workspace == identifier.c.workspace) & (lead_link.c.identifier == identifier.c.identifier),
        )
    )
    .group_by(identifier.c.profile)
)
_first_steps = (
    select(
        identifier.c.profile,
        func.min(contact_step.c.lead_at),
        func.min(contact_step.c.mql_at),
        func.min(contact_step.c.sql_at),
    )
    .select_from(
        _of_profile.join(
            contact_step,
            (contact_step.c.workspace == identifier.c.workspace)
            & (contact_step.c.identifier == identifier.c.identifier),
        )
    )
    .group_by(identifier.c.profile)
)
_deal_steps = (  # a deal's stage speaks of its contacts; whoever is an mql is a lead
    select(identifier.c.profile, func.min(deal.c.mql_at), func.min(deal.c.mql_at), func.min(deal.c.sql_at))
    .select_from(
        _of_profile.join(
            deal_contact,
            (deal_contact.c.workspace == identifier.c.workspace)
            & (deal_contact.c.identifier == identifier.c.identifier),
        ).join(
            deal,
            (deal.c.workspace == deal_contact.c.workspace)
            & (deal.c.connection == deal_contact.c.connection)
            & (deal.c.deal_id == deal_contact.c.deal_id),
        )
    )
    .where(deal.c.mql_at.isnot(None))
    .group_by(identifier.c.profile)
)
_people = select(person.c.profile, person.c.lead_at, person.c.mql_at, person.c.sql_at).select_from(
    _given.joined(person, (person.c.workspace == _w) & (person.c.profile == _given.text(0)))
)
_conversions_after = select(
    conversion_person.c.profile, conversion_person.c.kind, conversion_person.c.key, conversion_person.c.at
).select_from(
    _given.joined(
        conversion_person,
        (conversion_person.c.workspace == _w)
        & (conversion_person.c.profile == _given.text(0))
        & (conversion_person.c.at >= _given.number(1)),
    )
)
_forget_step = delete_from(contact_step).where(
    contact_step.c.workspace == bindparam("w"), contact_step.c.identifier == bindparam("i")
)
_forget_person = delete_from(person).where(person.c.workspace == bindparam("w"), person.c.profile == bindparam("p"))


def take_contacts(run: Run, subjects: dict[str, Cause]) -> None:
    """Find anew when these contacts (`contact:<connection>/<id>`) first reached each lifecycle step.

    Every deal states its contacts again: one that reached nothing new leaves its person and their conversions in peace.
    """
    if not subjects:
        return
    before = {row[0]: list(row[1:]) for row in run.look_up(_steps, ((subject,) for subject in subjects))}
    words = Words(run.settings)
    reached: dict[str, list[int | None]] = {subject: [None, None, None] for subject in subjects}
    for subject, at, body in run.look_up(_contact_facts, ((subject,) for subject in subjects)):
        record = orjson.loads(body)
        lifecycle = words.lifecycle(record["source"], record.get("properties") or {})
        for step in range(steps_reached(lifecycle)):
            first = reached[subject][step]
            reached[subject][step] = at if first is None else min(first, at)
    rows = {
        subject: steps for subject, steps in reached.items() if steps[0] is not None and steps != before.get(subject)
    }
    gone = [subject for subject in before if reached[subject][0] is None]
    _delete(run, _forget_step, [{"w": run.workspace, "i": subject} for subject in gone])
    upsert(
        run.connection,
        contact_step,
        [run.row(identifier=subject, lead_at=a, mql_at=b, sql_at=c) for subject, (a, b, c) in rows.items()],
    )
    for subject in (*rows, *gone):
        mark(run.resolved, [subject], subjects[subject])


def settle_people(run: Run) -> None:
    """From changed touchpoints, identifiers and profiles to changed persons and dirty conversions."""
    owners = {owner for change in run.touches for owner in _owners(change)}
    profile_of = profiles_of(run, {*owners, *run.resolved})
    for who, cause in run.resolved.items():
        if who in profile_of:
            mark(run.profiles, [profile_of[who]], cause)
    _mark_conversions_of_touches(run, profile_of)
    if run.profiles:
        _save_persons(run)
        for profile, kind, key, _ in run.look_up(_conversions_after, ((profile, 0) for profile in run.profiles)):
            mark(run.conversions, [(kind, key)], run.profiles[profile])


def profiles_of(run: Run, identifiers: Iterable[str]) -> dict[str, str]:
    """By identifier its profile; one that identity has not spoken of yet is left out."""
    return {row.identifier: row.profile for row in run.look_up(_profiles, ((who,) for who in identifiers))}


def persons_of(run: Run, profiles: Iterable[str]) -> dict[str, tuple[int | None, ...]]:
    """By profile (lead_at, mql_at, sql_at)."""
    return {row[0]: tuple(row[1:]) for row in run.look_up(_people, ((profile,) for profile in profiles))}


def _mark_conversions_of_touches(run: Run, profile_of: dict[str, str]) -> None:
    """A conversion is touched by a touchpoint of its people at or before it, within the look-back."""
    touched: dict[str, list[tuple[int, Cause]]] = {}
    for change in run.touches:
        for owner in _owners(change):
            if owner in profile_of and (row := change.after or change.before):
                touched.setdefault(profile_of[owner], []).append((row.start_at, change.cause))
    look_back = run.settings.look_back_days * DAY
    wanted = ((profile, min(at for at, _ in moments)) for profile, moments in touched.items())
    for profile, kind, key, converted_at in run.look_up(_conversions_after, wanted):
        for at, cause in touched[profile]:
            if at <= converted_at and (not look_back or converted_at <= at + look_back):
                mark(run.conversions, [(kind, key)], cause)


def _owners(change: Any) -> set[str]:
    """Whose journeys a changed touchpoint may change: nobody's, if only its session grew."""
    before, after = change.before, change.after
    if before is not None and after is not None and before.owner == after.owner and before.touch == after.touch:
        return set()
    return {row.owner for row in (before, after) if row is not None and row.owner is not None}


def _save_persons(run: Run) -> None:
    wanted = [(profile,) for profile in run.profiles]
    reached: dict[str, list[int | None]] = {row[0]: list(row[1:]) for row in run.look_up(_first_steps, wanted)}
    others = [
        *run.look_up(_deal_steps, wanted),
        *((who, at, None, None) for who, at in run.look_up(_first_links, wanted)),
    ]
    for profile, *first in others:
        steps = reached.setdefault(profile, [None, None, None])
        for step, at in enumerate(first):
            known = steps[step]
            steps[step] = at if known is None else known if at is None else min(known, at)
    before = persons_of(run, run.profiles)
    changed = [profile for profile in run.profiles if tuple(reached.get(profile, ())) != before.get(profile, ())]
    _delete(run, _forget_person, [{"w": run.workspace, "p": profile} for profile in changed if profile not in reached])
    upsert(
        run.connection,
        person,
        [
            run.row(
                profile=profile, lead_at=reached[profile][0], mql_at=reached[profile][1], sql_at=reached[profile][2]
            )
            for profile in changed
            if profile in reached
        ],
    )
    for profile in changed:
        mark(run.conversions, ((kind, profile) for kind in PERSON_KINDS), run.profiles[profile])


def _delete(run: Run, statement: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        run.connection.execute(statement, rows)
