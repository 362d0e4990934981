"""A workspace's settings: of each name the latest statement by order, for past and future alike.

When one changes, what it may touch is made dirty, so that the tables end as if it had always held.
"""

from __future__ import annotations

from collections.abc import Iterator

import orjson
from pydantic import ValidationError
from sqlalchemy import BindParameter, Connection, bindparam, select

from wanamaker_shared.contracts.settings import WorkspaceSettings
from wanamaker_shared.service.given import given, rows_of
from wanamaker_shared.service.sql import upsert

from ..canonical import canonical
from ..tables import conversion, cookie, deal, fact, spend, workspace_settings
from .facts import Moved
from .people import take_contacts
from .run import Cause, Run, mark
from .spend import subject_of

SUBJECT = "settings"
_CHUNK = 500
_TOUCH_LITTLE = {"link_domains", "free_mail_domains", "lifecycle_maps", "stage_maps", "spend_rules"}
"""No number, accounts alone, contacts alone, deals alone, costs alone."""

_w: BindParameter[str] = bindparam("workspace")
_given = given()
_stored = select(workspace_settings.c.workspace, workspace_settings.c.settings).select_from(
    _given.joined(workspace_settings, workspace_settings.c.workspace == _given.text(0))
)
_statements = select(fact.c.at, fact.c.record_source, fact.c.event_id, fact.c.body).where(
    fact.c.workspace == _w, fact.c.subject == SUBJECT, fact.c.topic == "settings"
)
_contacts = (  # a range, which the index on subjects knows
    select(fact.c.subject)
    .where(fact.c.workspace == _w, fact.c.subject >= "contact:", fact.c.subject < "contact;")
    .distinct()
    .order_by(fact.c.subject)
)
_cookies = select(cookie.c.cookie).where(cookie.c.workspace == _w).order_by(cookie.c.cookie)
_deals = select(deal.c.connection, deal.c.deal_id).where(deal.c.workspace == _w)
_spends = select(spend.c.provider, spend.c.spend_key).where(spend.c.workspace == _w).distinct()
_conversions = select(conversion.c.kind, conversion.c.key).where(conversion.c.workspace == _w)


def settings_of(connection: Connection, workspaces: set[str]) -> dict[str, WorkspaceSettings]:
    """By workspace its settings in force; the defaults where none were stated."""
    found = connection.execute(_stored, {"given": rows_of((name,) for name in workspaces)})
    stated = {name: _valid(orjson.loads(settings)) for name, settings in found}
    return {name: stated.get(name, WorkspaceSettings()) for name in workspaces}


def take_settings(run: Run, cause: Cause) -> Iterator[dict[str, Moved]]:
    """Put changed settings in force; leaves dirty what they touch and yields the cookies to cut again.

    Most touch every deal, cost, conversion and cookie.
    """
    stated: dict[str, object] = {}
    for *_, body in sorted(tuple(row) for row in run.connection.execute(_statements, {"workspace": run.workspace})):
        stated.update(orjson.loads(body)["stated"])
    kept = {name: value for name, value in stated.items() if value is not None}
    fresh = _valid(kept)
    upsert(run.connection, workspace_settings, [run.row(settings=canonical(kept))])
    before, run.settings = run.settings, fresh
    changed = {name for name in WorkspaceSettings.model_fields if getattr(before, name) != getattr(fresh, name)}
    others = changed - _TOUCH_LITTLE
    everything = {"workspace": run.workspace}
    run.free_mail_revised = "free_mail_domains" in changed
    if "lifecycle_maps" in changed:
        contacts = list(run.connection.scalars(_contacts, everything))
        for start in range(0, len(contacts), _CHUNK):
            take_contacts(run, dict.fromkeys(contacts[start : start + _CHUNK], cause))
    if others or "stage_maps" in changed:
        mark(run.deals, ((row[0], row[1]) for row in run.connection.execute(_deals, everything)), cause)
    if others or "spend_rules" in changed:
        mark(run.spends, (subject_of(*row) for row in run.connection.execute(_spends, everything)), cause)
    if not others:
        return
    run.revised = True
    mark(run.conversions, ((row[0], row[1]) for row in run.connection.execute(_conversions, everything)), cause)
    names = [row[0] for row in run.connection.execute(_cookies, everything)]
    for start in range(0, len(names), _CHUNK):
        yield {name: Moved(0, cause) for name in names[start : start + _CHUNK]}


def _valid(stated: dict[str, object]) -> WorkspaceSettings:
    """The settings; a name whose value this version cannot read keeps its default, so that one bad name harms no other."""
    try:
        return WorkspaceSettings.model_validate(stated)
    except ValidationError as error:
        bad = {str(problem["loc"][0]) for problem in error.errors() if problem["loc"]}
        return _valid({name: value for name, value in stated.items() if name not in bad})
