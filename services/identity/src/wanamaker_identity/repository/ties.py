"""Ties of cookies to identifiers, and the queue of cookies that each e-mail has."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import orjson
from sqlalchemy import Connection, Select, bindparam, literal_column, select, update

from wanamaker_shared.service.edges import edge_row
from wanamaker_shared.service.given import given, rows_of
from wanamaker_shared.service.sql import in_bound, upsert

from ..limits import Tie
from ..links import Moment
from ..tables import cookie, link, tie
from .rows import delete_rows, rows_by_key, workspace_is

TieKey = tuple[str, str]
"""cookie, identifier"""


def load_ties(connection: Connection, workspace: str, keys: Collection[TieKey]) -> dict[TieKey, Tie]:
    if not keys:
        return {}
    rows = connection.execute(_TIES, {"workspace": workspace, "given": rows_of(keys)})
    return {each.key: each for row in rows for each in [_tie(*row)]}


def load_ties_of_cookies(connection: Connection, workspace: str, cookies: Collection[str]) -> dict[TieKey, Tie]:
    if not cookies:
        return {}
    rows = connection.execute(_OF_COOKIES, {"workspace": workspace, "cookies": cookies})
    return {each.key: each for row in rows for each in [_tie(*row)]}


def save_ties(connection: Connection, workspace: str, ties: Iterable[Tie]) -> None:
    rows = [
        {
            "workspace": workspace,
            "cookie": each.cookie,
            "identifier": each.identifier,
            "at": each.first.at,
            "source": each.first.source,
            "event_id": each.first.event_id,
            "verdict": each.verdict,
            "turn": each.turn,
            "fits": int(each.fits),
            "status": each.status,
        }
        for each in ties
    ]
    upsert(connection, tie, rows)


def delete_ties(connection: Connection, workspace: str, keys: Iterable[TieKey]) -> None:
    delete_rows(connection, tie, [{"workspace": workspace, "cookie": c, "identifier": i} for c, i in keys])


def first_links(connection: Connection, workspace: str, keys: Collection[TieKey]) -> dict[TieKey, Moment]:
    """The first link of each tie; a tie without links is not in the answer."""
    return _edge_links(connection, _FIRST_LINKS, workspace, keys)


def last_links(connection: Connection, workspace: str, keys: Collection[TieKey]) -> dict[TieKey, Moment]:
    return _edge_links(connection, _LAST_LINKS, workspace, keys)


def load_crowded(connection: Connection, workspace: str, cookies: Collection[str]) -> dict[str, bool]:
    """What is on record about the cookies."""
    if not cookies:
        return {}
    rows = connection.execute(_CROWDED, {"workspace": workspace, "cookies": cookies})
    return {row.cookie: bool(row.crowded) for row in rows}


def find_crowded(connection: Connection, workspace: str, cookies: Iterable[str], *, limit: int) -> set[str]:
    """The cookies whose ties, neither revoked nor released, name more than `limit` e-mails."""
    given_rows = rows_of((each,) for each in cookies)
    rows = connection.execute(_EMAIL_BEYOND, {"workspace": workspace, "given": given_rows, "limit": limit})
    return {row[0] for row in rows if row[1] is not None}


def save_crowded(connection: Connection, workspace: str, crowded: Mapping[str, bool]) -> None:
    if crowded:
        connection.execute(
            update(cookie)
            .where(cookie.c.workspace == workspace, cookie.c.cookie == bindparam("c"))
            .values(crowded=bindparam("f")),
            [{"c": each, "f": int(flag)} for each, flag in crowded.items()],
        )


def cookies_that_fit(
    connection: Connection, workspace: str, emails: Collection[str], *, limit: int
) -> dict[str, set[str]]:
    """Of each e-mail the first `limit` cookies in their turn; reads no more than these, however many there are."""
    wanted = {"workspace": workspace, "given": rows_of((each,) for each in emails)}
    overfull = {row[0] for row in connection.execute(_COOKIE_BEYOND, {**wanted, "limit": limit}) if row[1] is not None}
    few = {"workspace": workspace, "given": rows_of((each,) for each in emails if each not in overfull)}
    fitting: dict[str, set[str]] = {each: set() for each in emails}
    for email, each in connection.execute(_IN_TURN, few):
        fitting[email].add(each)
    for email in overfull:
        fitting[email] = set(
            connection.scalars(_FIRST_IN_TURN, {"workspace": workspace, "email": email, "limit": limit})
        )
    return fitting


def cookies_that_fitted(connection: Connection, workspace: str, emails: Collection[str]) -> dict[str, set[str]]:
    """What is on record: of each e-mail the cookies that it has."""
    rows = connection.execute(_FITTED, {"workspace": workspace, "given": rows_of((each,) for each in emails)})
    found: dict[str, set[str]] = {each: set() for each in emails}
    for email, each in rows:
        found[email].add(each)
    return found


def all_tied_cookies(connection: Connection, workspace: str) -> set[str]:
    return set(connection.scalars(select(tie.c.cookie).where(tie.c.workspace == workspace).distinct()))


def all_emails_in_turn(connection: Connection, workspace: str) -> set[str]:
    in_turn = select(tie.c.identifier).where(tie.c.workspace == workspace, tie.c.turn >= 0)
    return set(connection.scalars(in_turn.distinct()))


_COLUMNS = [
    tie.c[name] for name in ("cookie", "identifier", "at", "source", "event_id", "verdict", "turn", "fits", "status")
]
_wanted = given()
_TIES = rows_by_key(tie, ("cookie", "identifier"), *_COLUMNS)
_OF_COOKIES = select(*_COLUMNS).where(workspace_is(tie), in_bound(tie.c.cookie, "cookies"))
_CROWDED = select(cookie.c.cookie, cookie.c.crowded).where(workspace_is(cookie), in_bound(cookie.c.cookie, "cookies"))
_TURNS = (tie.c.turn, tie.c.at, tie.c.source, tie.c.cookie)
_IN_TURN = rows_by_key(tie, ("identifier",), tie.c.identifier, tie.c.cookie).where(tie.c.turn >= 0)
# a literal, or no database would see that the partial index answers it
_FITTED = rows_by_key(tie, ("identifier",), tie.c.identifier, tie.c.cookie).where(tie.c.fits == literal_column("1"))
_FIRST_IN_TURN = (
    select(tie.c.cookie)
    .where(workspace_is(tie), tie.c.identifier == bindparam("email"), tie.c.turn >= 0)
    .order_by(*_TURNS)
    .limit(bindparam("limit"))
)
_COOKIE_BEYOND = select(
    _wanted.text(0),
    select(tie.c.cookie)
    .where(workspace_is(tie), tie.c.identifier == _wanted.text(0), tie.c.turn >= 0)
    .order_by(*_TURNS)
    .limit(1)
    .offset(bindparam("limit"))
    .correlate(_wanted.source)
    .scalar_subquery(),
).select_from(_wanted.source)
_EMAIL_BEYOND = select(
    _wanted.text(0),
    select(tie.c.identifier)
    .where(
        workspace_is(tie),
        tie.c.cookie == _wanted.text(0),
        tie.c.identifier >= "email:",
        tie.c.identifier < "email;",  # the character after the colon
        tie.c.verdict.is_(None),
    )
    .order_by(tie.c.identifier)
    .limit(1)
    .offset(bindparam("limit"))
    .correlate(_wanted.source)
    .scalar_subquery(),
).select_from(_wanted.source)
_BY = ("at", "source", "event_id")
_FIRST_LINKS, _LAST_LINKS = (
    select(
        _wanted.text(0), _wanted.text(1), edge_row(_wanted, link, ("cookie", "identifier"), _BY, by=_BY, last=last)
    ).select_from(_wanted.source)
    for last in (False, True)
)


def _edge_links(
    connection: Connection, query: Select[str, str, str], workspace: str, keys: Collection[TieKey]
) -> dict[TieKey, Moment]:
    if not keys:
        return {}
    rows = connection.execute(query, {"workspace": workspace, "given": rows_of(keys)})
    return {(row[0], row[1]): Moment(*orjson.loads(row[2])) for row in rows if row[2] is not None}


def _tie(*row: Any) -> Tie:
    name, identifier, at, source, event_id, verdict, turn, fits, status = row
    return Tie(name, identifier, Moment(at, source, event_id), verdict, turn, bool(fits), status)
