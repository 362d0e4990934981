"""Answers: rows become bodies, and a place in a listing a cursor."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Row

from .asking import BadIdentifier
from .repository.lookup import Person, Place, place_of
from .schemas import LinkOut, MemberOut, ProfileOut

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def profile_out(person: Person, rows: Sequence[Row[Any]], limit: int) -> ProfileOut:
    """`rows`: the links of the page, and one more if there are more."""
    return ProfileOut(
        id=person.profile,
        identifiers=_members(person),
        links=[_link(row) for row in rows[:limit]],
        next=_cursor(place_of(rows[limit - 1])) if len(rows) > limit else None,
    )


def place_from(cursor: str) -> Place:
    """Raises BadIdentifier."""
    try:
        identifier, at, source, cookie, event_id = orjson.loads(
            base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        )
    except (ValueError, TypeError):
        raise BadIdentifier("`after` is not the `next` of a page") from None
    if not isinstance(at, int) or not all(isinstance(each, str) for each in (identifier, source, cookie, event_id)):
        raise BadIdentifier("`after` is not the `next` of a page")
    return Place(identifier, at, source, cookie, event_id)


def _members(person: Person) -> list[MemberOut]:
    if person.cookie is not None:
        return [MemberOut(kind="cookie", id=person.cookie, since=None, via=None)]
    return [
        MemberOut.model_validate(
            {"kind": kind, "id": value, "since": _time(each.naming.order.occurred_at), "via": each.naming.via}
        )
        for each in person.members
        for kind, _, value in [each.identifier.partition(":")]
    ]


def _link(row: Row[Any]) -> LinkOut:
    columns = ("cookie", "identifier", "source", "event_id", "type", "trust", "status")
    reason = row.verdict
    if row.status == "quarantined":
        reason = "emails_per_cookie" if row.crowded else "cookies_per_email"
    return LinkOut.model_validate(
        {**{name: getattr(row, name) for name in columns}, "at": _time(row.at), "reason": reason}
    )


def _time(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)


def _cursor(place: Place) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(list(place))).decode().rstrip("=")
