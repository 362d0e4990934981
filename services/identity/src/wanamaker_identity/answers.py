"""Answers: rows become bodies, and a place in a listing a cursor."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import orjson

from .asking import BadIdentifier
from .repository.lookup import LinkFound, Person, Place, place_of
from .schemas import LinkOut, MemberOut, ProfileOut

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def profile_out(person: Person, found: Sequence[LinkFound], limit: int) -> ProfileOut:
    """`found`: the links of the page, and one more if there are more."""
    return ProfileOut(
        id=person.profile,
        identifiers=_members(person),
        links=[_link(each) for each in found[:limit]],
        next=_cursor(place_of(found[limit - 1].link)) if len(found) > limit else None,
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


def _link(found: LinkFound) -> LinkOut:
    columns = ("cookie", "identifier", "source", "event_id", "type", "trust")
    reason = found.tie.verdict
    if found.tie.status == "quarantined":
        reason = "emails_per_cookie" if found.crowded else "cookies_per_email"
    told = {name: getattr(found.link, name) for name in columns}
    return LinkOut.model_validate({**told, "at": _time(found.link.at), "status": found.tie.status, "reason": reason})


def _time(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)


def _cursor(place: Place) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(list(place))).decode().rstrip("=")
