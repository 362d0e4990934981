"""What the API reads: a person by any of its ids, and the links to it, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, Select, select, tuple_

from ..limits import Tie
from ..profiles import Named
from ..tables import cookie, identifier, link
from .people import load_members
from .rows import workspace_is
from .ties import last_links, load_crowded, load_ties, load_ties_of_cookies

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

    @property
    def name(self) -> str:
        """The identifier that gives the person its id."""
        return self.members[0].identifier if self.cookie is None else _COOKIE + self.cookie


@dataclass(frozen=True, slots=True)
class LinkFound:
    """A link, and what decided upon it: the columns of `link`, its tie, and whether its cookie names too many e-mails."""

    link: Row[Any]
    tie: Tie
    crowded: bool


def find_by_identifier(connection: Connection, workspace: str, text: str) -> Person | None:
    """The person an identifier belongs to; a cookie belongs to its last active link's, or is a profile of its own."""
    if text.startswith(_COOKIE):
        return _of_cookie(
            connection, workspace, _COOKIES.where(workspace_is(cookie), cookie.c.cookie == text.removeprefix(_COOKIE))
        )
    profile = connection.scalar(
        select(identifier.c.profile).where(identifier.c.workspace == workspace, identifier.c.identifier == text)
    )
    return _of_profile(connection, workspace, profile)


def find_by_profile(connection: Connection, workspace: str, profile: str) -> Person | None:
    """The person that has the id, or a member with it, or a cookie with it."""
    if "\x00" in profile:  # PostgreSQL refuses it
        return None
    of_member = select(identifier.c.profile).where(workspace_is(identifier), identifier.c.own_profile == profile)
    found = _of_profile(connection, workspace, connection.scalar(of_member, {"workspace": workspace}))
    own = _COOKIES.where(workspace_is(cookie), cookie.c.profile == profile)
    return found or _of_cookie(connection, workspace, own)


def page_of_links(
    connection: Connection, workspace: str, person: Person, *, after: Place | None, limit: int
) -> list[LinkFound]:
    """The next links of the listing."""
    rows: list[Row[Any]] = []
    if person.cookie is not None:
        rows += _links(connection, workspace, link.c.cookie == person.cookie, after, limit)
    for each in sorted(member.identifier for member in person.members):  # each is one walk along an index
        if len(rows) < limit and (after is None or each >= after.identifier):
            beyond = after if after is not None and after.identifier == each else None
            rows += _links(connection, workspace, link.c.identifier == each, beyond, limit - len(rows))
    ties = load_ties(connection, workspace, [(row.cookie, row.identifier) for row in rows])
    crowded = load_crowded(connection, workspace, {row.cookie for row in rows})
    return [LinkFound(row, ties[row.cookie, row.identifier], crowded[row.cookie]) for row in rows]


def place_of(row: Row[Any]) -> Place:
    return Place(row.identifier, row.at, row.source, row.cookie, row.event_id)


def _of_profile(connection: Connection, workspace: str, profile: str | None) -> Person | None:
    if profile is None:
        return None
    members = load_members(connection, workspace, [profile]).values()
    return Person(profile, tuple(sorted(members, key=lambda each: (each.naming.order, each.identifier))))


def _of_cookie(connection: Connection, workspace: str, query: Select[Any]) -> Person | None:
    known = connection.execute(query, {"workspace": workspace}).one_or_none()
    if known is None:
        return None
    ties = load_ties_of_cookies(connection, workspace, [known.cookie]).values()
    last = last_links(connection, workspace, [each.key for each in ties if each.status == "active"])
    if not last:
        return Person(known.profile, cookie=known.cookie)
    _, owner = max(last, key=lambda key: last[key])
    return find_by_identifier(connection, workspace, owner)


def _links(
    connection: Connection, workspace: str, condition: ColumnElement[bool], after: Place | None, limit: int
) -> Sequence[Row[Any]]:
    order = (link.c.identifier, link.c.at, link.c.source, link.c.cookie, link.c.event_id)
    page = select(link).where(link.c.workspace == workspace, condition, link.c.identifier.isnot(None))
    page = page.order_by(*order).limit(limit)
    return connection.execute(page if after is None else page.where(tuple_(*order) > tuple_(*after))).all()


_COOKIES = select(cookie.c.cookie, cookie.c.profile)
