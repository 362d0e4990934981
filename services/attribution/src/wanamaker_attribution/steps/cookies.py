"""Rows of cookies: whose days were a bot's, and which links are in force. A changed row moves leads and owners."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import orjson
from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy import delete as delete_from

from wanamaker_shared.contracts.identifiers import profile_id
from wanamaker_shared.service.given import given
from wanamaker_shared.service.sql import insert_ignore, upsert

from ..canonical import canonical
from ..owners import Link
from ..tables import cookie, lead_link
from .facts import Moved
from .run import Cause, Run, mark


class CookieRow(NamedTuple):
    """`links` are those in force; `bot_links` were made on `bot_days`, and are kept in case these are judged anew."""

    links: list[Link]
    bot_links: list[Link]
    bot_days: frozenset[str]


class Renewed(NamedTuple):
    before: CookieRow
    after: CookieRow
    cause: Cause


NEW = CookieRow([], [], frozenset())

_given = given()
_w: BindParameter[str] = bindparam("workspace")
_rows = select(cookie.c.cookie, cookie.c.links, cookie.c.bot_links, cookie.c.bot_days).select_from(
    _given.joined(cookie, (cookie.c.workspace == _w) & (cookie.c.cookie == _given.text(0)))
)
_forget_lead = delete_from(lead_link).where(
    lead_link.c.workspace == bindparam("w"),
    lead_link.c.identifier == bindparam("i"),
    lead_link.c.cookie == bindparam("c"),
)


def load_cookies(run: Run, names: Iterable[str]) -> dict[str, CookieRow]:
    """The rows of cookies; one without a row is left out."""
    return {
        name: CookieRow(_links(links), _links(bot_links), _days(bot_days))
        for name, links, bot_links, bot_days in run.look_up(_rows, ((name,) for name in names))
    }


def know_cookies(run: Run, names: Iterable[str]) -> dict[str, CookieRow]:
    """The rows of cookies; one that is seen for the first time gets its row."""
    wanted = list(names)
    known = load_cookies(run, wanted)
    fresh = [name for name in wanted if name not in known]
    insert_ignore(run.connection, cookie, [_row(run, name, NEW) for name in fresh])
    return known | dict.fromkeys(fresh, NEW)


def renew_cookies(run: Run, renewed: Mapping[str, Renewed]) -> dict[str, Moved]:
    """Write rows and what follows for leads. Gives the cookies whose owners may change from a time on."""
    leads, moved = list[tuple[str, str, int | None]](), dict[str, Moved]()
    for name, (before, after, cause) in renewed.items():
        since = _first_difference(before.links, after.links)
        if since is not None:
            moved[name] = Moved(since, cause)
            changes = _lead_changes(before.links, after.links)
            leads += [(who, name, at) for who, at in changes.items()]
            mark(run.resolved, changes, cause)
    upsert(run.connection, cookie, [_row(run, name, each.after) for name, each in renewed.items()])
    _save_leads(run, leads)
    return moved


def _links(stored: str) -> list[Link]:
    return [] if stored == "[]" else [Link(*link) for link in orjson.loads(stored)]


def _days(stored: str) -> frozenset[str]:
    return NEW.bot_days if stored == "[]" else frozenset(orjson.loads(stored))


def _row(run: Run, name: str, row: CookieRow) -> dict[str, str]:
    return run.row(
        cookie=name,
        profile=profile_id(run.hmac_key, f"cookie:{name}"),
        links=canonical(row.links),
        bot_links=canonical(row.bot_links),
        bot_days=canonical(sorted(row.bot_days)),
    )


def _first_difference(had: Sequence[Link], has: Sequence[Link]) -> int | None:
    """From which time on owners may differ: 0 if the first link did (it owns all before it), None if nothing did."""
    if list(had) == list(has):
        return None
    same = next((i for i, (a, b) in enumerate(zip(had, has, strict=False)) if a != b), min(len(had), len(has)))
    return 0 if same == 0 else min(links[same].at for links in (had, has) if len(links) > same)


def _lead_changes(had: Sequence[Link], has: Sequence[Link]) -> dict[str, int | None]:
    """By identifier: when its first lead by this cookie is now, None if there is none any more; only what changed."""
    before, after = _first_leads(had), _first_leads(has)
    return {who: after.get(who) for who in before.keys() | after.keys() if before.get(who) != after.get(who)}


def _first_leads(links: Sequence[Link]) -> dict[str, int]:
    return {link.identifier: link.at for link in reversed(links) if link.lead}


def _save_leads(run: Run, leads: Sequence[tuple[str, str, int | None]]) -> None:
    gone = [{"w": run.workspace, "i": who, "c": of} for who, of, at in leads if at is None]
    if gone:
        run.connection.execute(_forget_lead, gone)
    upsert(
        run.connection,
        lead_link,
        [run.row(identifier=who, cookie=of, at=at) for who, of, at in leads if at is not None],
    )
