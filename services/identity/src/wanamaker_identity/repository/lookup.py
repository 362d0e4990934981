"""What the API reads: a person by any of its ids, and the links to it, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, Table, and_, select, tuple_

from ..profiles import Named
from ..tables import cookie, identifier, link, tie
from .people import load_members

_COOKIE = "cookie:"


class Place(NamedTuple):
    """Where a link stands in the listing of a person's links: by identifier, then in order."""

    identifier: str
    at: int
    source: str
    cookie: str
    event_id: str


@dataclass(frozen=True, slots=True)
class Person:
    """`members` in order of naming. `cookie`: the profile is that of a cookie nobody owns; it has no members."""

    profile: str
    members: tuple[Named, ...] = ()
    cookie: str | None = None


def find_by_identifier(connection: Connection, workspace: str, text: str) -> Person | None:
    """The person an identifier belongs to; a cookie belongs to its last active link's, or is a profile of its own."""
    if text.startswith(_COOKIE):
        return _of_cookie(connection, workspace, cookie.c.cookie == text.removeprefix(_COOKIE))
    return _of_identifier(connection, workspace, identifier.c.identifier == text)


def find_by_profile(connection: Connection, workspace: str, profile: str) -> Person | None:
    """The person that has the id, or a member with it, or a cookie with it."""
    return _of_identifier(connection, workspace, identifier.c.own_profile == profile) or _of_cookie(
        connection, workspace, cookie.c.profile == profile
    )


def page_of_links(
    connection: Connection, workspace: str, person: Person, *, after: Place | None, limit: int
) -> Sequence[Row[Any]]:
    """The next links: columns of `link`, and `status`, `verdict`, `crowded` of what decided upon them."""
    if person.cookie is not None:
        return _links(connection, workspace, link.c.cookie == person.cookie, after, limit)
    found: list[Row[Any]] = []
    for each in sorted(member.identifier for member in person.members):  # each is one walk along an index
        if len(found) < limit and (after is None or each >= after.identifier):
            beyond = after if after is not None and after.identifier == each else None
            found += _links(connection, workspace, link.c.identifier == each, beyond, limit - len(found))
    return found


def place_of(row: Row[Any]) -> Place:
    return Place(row.identifier, row.at, row.source, row.cookie, row.event_id)


def _of_identifier(connection: Connection, workspace: str, condition: ColumnElement[bool]) -> Person | None:
    profile = connection.scalar(select(identifier.c.profile).where(identifier.c.workspace == workspace, condition))
    if profile is None:
        return None
    members = load_members(connection, workspace, [profile]).values()
    return Person(profile, tuple(sorted(members, key=lambda each: (each.naming.order, each.identifier))))


def _of_cookie(connection: Connection, workspace: str, condition: ColumnElement[bool]) -> Person | None:
    known = connection.execute(
        select(cookie.c.cookie, cookie.c.profile).where(cookie.c.workspace == workspace, condition)
    ).one_or_none()
    if known is None:
        return None
    owner = connection.scalar(
        select(link.c.identifier)
        .select_from(_LINK_AND_TIE)
        .where(link.c.workspace == workspace, link.c.cookie == known.cookie, tie.c.status == "active")
        .order_by(link.c.at.desc(), link.c.source.desc(), link.c.event_id.desc())
        .limit(1)
    )
    if owner is None:
        return Person(known.profile, cookie=known.cookie)
    return _of_identifier(connection, workspace, identifier.c.identifier == owner)


def _links(
    connection: Connection, workspace: str, condition: ColumnElement[bool], after: Place | None, limit: int
) -> Sequence[Row[Any]]:
    order = (link.c.identifier, link.c.at, link.c.source, link.c.cookie, link.c.event_id)
    page = (
        select(link, tie.c.status, tie.c.verdict, cookie.c.crowded)
        .select_from(_LINK_AND_TIE.join(cookie, _same(cookie, "workspace", "cookie")))
        .where(link.c.workspace == workspace, condition)
        .order_by(*order)
        .limit(limit)
    )
    return connection.execute(page if after is None else page.where(tuple_(*order) > tuple_(*after))).all()


def _same(other: Table, *names: str) -> ColumnElement[bool]:
    return and_(*(link.c[name] == other.c[name] for name in names))


_LINK_AND_TIE = link.join(tie, _same(tie, "workspace", "cookie", "identifier"))
