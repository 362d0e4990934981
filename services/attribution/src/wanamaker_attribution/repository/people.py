"""Who a profile id means, and which identifiers are theirs: any member's id finds the person, a cookie's its owner."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import orjson
from sqlalchemy import Connection, or_, select

from wanamaker_shared.service.sql import in_texts

from ..tables import cookie, identifier, web_event


@dataclass(frozen=True, slots=True)
class Member:
    """An identifier as text (`email:…`), when it was first named, and by what kind of record."""

    identifier: str
    since: int
    via: str


@dataclass(frozen=True, slots=True)
class Person:
    """`cookie` is set for a browser that belongs to nobody yet: it is its own only member."""

    profile: str
    members: tuple[Member, ...]
    cookie: str | None = None

    @property
    def identifiers(self) -> tuple[str, ...]:
        return () if self.cookie is not None else tuple(member.identifier for member in self.members)


def find_person(connection: Connection, workspace: str, profile: str) -> Person | None:
    """The person whose own, or one of whose members' or cookies', profile id this is."""
    known = connection.execute(
        select(identifier.c.profile)
        .where(identifier.c.workspace == workspace)
        .where(or_(identifier.c.profile == profile, identifier.c.own_profile == profile))
        .limit(1)
    ).scalar()
    return _person(connection, workspace, known) if known is not None else _of_cookie(connection, workspace, profile)


def identifiers_of(connection: Connection, workspace: str, profiles: Collection[str]) -> list[str]:
    """All identifiers of these people."""
    statement = (
        select(identifier.c.identifier)
        .where(identifier.c.workspace == workspace, in_texts(identifier.c.profile, profiles))
        .order_by(identifier.c.identifier)
    )
    return list(connection.scalars(statement))


def profiles_of(connection: Connection, workspace: str, identifiers: Collection[str]) -> list[str]:
    """The people behind these identifiers, as far as they are known."""
    statement = select(identifier.c.profile).where(
        identifier.c.workspace == workspace, in_texts(identifier.c.identifier, identifiers)
    )
    return sorted(set(connection.scalars(statement)))


def _person(connection: Connection, workspace: str, profile: str) -> Person:
    rows = connection.execute(
        select(identifier.c.identifier, identifier.c.since, identifier.c.via)
        .where(identifier.c.workspace == workspace, identifier.c.profile == profile)
        .order_by(identifier.c.since, identifier.c.identifier)
    )
    return Person(profile, tuple(Member(*row) for row in rows))


def _of_cookie(connection: Connection, workspace: str, profile: str) -> Person | None:
    row = connection.execute(
        select(cookie.c.cookie, cookie.c.links)
        .where(cookie.c.workspace == workspace, cookie.c.profile == profile)
        .limit(1)
    ).first()
    if row is None:
        return None
    links = orjson.loads(row.links)
    if links:
        *_, owner, _ = links[-1]  # [at, source, event id, identifier, lead], in order: whoever used it last
        if known := profiles_of(connection, workspace, [owner]):
            return _person(connection, workspace, known[0])
        return Person(profile, (Member(owner, links[-1][0], "link"),))
    first = connection.execute(
        select(web_event.c.at, web_event.c.type)
        .where(web_event.c.workspace == workspace, web_event.c.cookie == row.cookie)
        .order_by(web_event.c.at, web_event.c.record_source, web_event.c.event_id)
        .limit(1)
    ).first()
    since, via = first or (0, "")
    return Person(profile, (Member(f"cookie:{row.cookie}", since, via),), row.cookie)
