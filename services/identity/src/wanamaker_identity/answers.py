"""Answers: rows become bodies, and a place in a listing a cursor."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from wanamaker_shared.contracts.decisions import PersonErase

from .asking import BadIdentifier
from .repository.erasures import Erasure, ErasurePlace
from .repository.lookup import LinkFound, Person, Place, place_of
from .schemas import ErasureAsked, ErasureListed, ErasureOut, ErasuresOut, LinkOut, MemberOut, ProfileOut

_NO_CURSOR = "`after` is not the `next` of a page"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def profile_out(person: Person, found: Sequence[LinkFound], erasure: Erasure | None, limit: int) -> ProfileOut:
    """`found`: the links of the page, and one more if there are more. `erasure`: the first decision to erase the person."""
    return ProfileOut(
        id=person.profile,
        identifiers=_members(person),
        links=[_link(each) for each in found[:limit]],
        erasure=ErasureOut(**_erasure(erasure)) if erasure is not None else None,
        next=_cursor(place_of(found[limit - 1].link)) if len(found) > limit else None,
    )


def place_from(cursor: str) -> Place:
    """Raises BadIdentifier."""
    place = _read_cursor(cursor)
    if [type(part) for part in place] != [str, int, str, str, str]:
        raise BadIdentifier(_NO_CURSOR)
    return Place(*place)


def erasures_out(found: Sequence[tuple[Erasure, str | None]], limit: int) -> ErasuresOut:
    """`found`: the decisions of the page with the profile of each, and one more if there are more."""
    return ErasuresOut(
        erasures=[
            ErasureListed.model_validate(
                {**_erasure(row), "via": row.via, "event_id": row.event_id, "profile": profile}
            )
            for row, profile in found[:limit]
        ],
        next=_cursor(found[limit - 1][0].place) if len(found) > limit else None,
    )


def erasure_asked(decision: PersonErase) -> ErasureAsked:
    return ErasureAsked(
        status="pending",
        requested_at=_time(decision.occurred_at),
        identifier=decision.identifier,
        event_id=decision.event_id,
    )


def erasure_place_from(cursor: str) -> ErasurePlace:
    """Raises BadIdentifier."""
    place = _read_cursor(cursor)
    if [type(part) for part in place] != [int, str, str, str]:
        raise BadIdentifier(_NO_CURSOR)
    return ErasurePlace(*place)


def _erasure(row: Erasure) -> dict[str, Any]:
    return {"status": "pending", "requested_at": _time(row.at), "identifier": row.identifier}


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


def _read_cursor(cursor: str) -> list[Any]:
    try:
        place = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError):
        raise BadIdentifier(_NO_CURSOR) from None
    fits = isinstance(place, list) and all(_fits(part) for part in place)
    return place if fits else []


def _fits(part: object) -> bool:
    """Whether a database can compare with it."""
    return abs(part) < 1 << 63 if isinstance(part, int) else "\x00" not in str(part)


def _cursor(place: Place | ErasurePlace) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(list(place))).decode().rstrip("=")
