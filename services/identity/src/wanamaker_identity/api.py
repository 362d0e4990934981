"""Identity's routes: look a profile up, decide about a link. Those about erasing a person are in `erasure_api`."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Query
from sqlalchemy import Connection

from wanamaker_shared.contracts import decisions
from wanamaker_shared.contracts.decisions import Decision, LinkRelease, LinkRevoke, PersonErase
from wanamaker_shared.contracts.record import Personal, encode
from wanamaker_shared.eventlog.port import EventLog, LogUnavailable, NewRecord
from wanamaker_shared.service.auth import requires
from wanamaker_shared.service.database import Database
from wanamaker_shared.service.keys import Grant, Keyring
from wanamaker_shared.service.problems import Problem

from .answers import place_from, profile_out
from .asking import BadIdentifier, parse_identifier, parse_pair
from .erasing import SOURCE
from .repository import lookup
from .repository.erasures import erasure_of
from .repository.lookup import Person
from .schemas import DecisionIn, DecisionOut, ProfileOut

Clock = Callable[[], float]
"""Seconds since 1970."""
Find = Callable[[Connection], "Person | None"]
T = TypeVar("T")

_PROBLEM: dict[str, Any] = {"content": {"application/problem+json": {"schema": {"type": "object"}}}}
BAD = {"description": "An identifier or a cursor is not one; the document says why", **_PROBLEM}
AUTH: dict[int | str, dict[str, Any]] = {
    401: {"description": "No key, or an unknown one", **_PROBLEM},
    403: {"description": "A key that may not do this", **_PROBLEM},
}
READ: dict[int | str, dict[str, Any]] = {
    400: BAD,
    **AUTH,
    404: {"description": "Nobody has this id or identifier", **_PROBLEM},
}
CHANGE: dict[int | str, dict[str, Any]] = {
    400: BAD,
    **AUTH,
    503: {"description": "The log cannot take it now; send it again after `Retry-After`", **_PROBLEM},
}

After = Annotated[str | None, Query(description="`next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=1000, description="Most links of a page.")]


def identity_router(keyring: Keyring, database: Database, log: EventLog, *, clock: Clock = time.time) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["profiles"])
    reader = Depends(requires(keyring, "analyst", "admin"))
    admin = Depends(requires(keyring, "admin"))

    @router.get("/profiles", summary="The person an identifier belongs to", responses=READ)
    async def by_identifier(
        identifier: Annotated[str, Query(max_length=1000, examples=["email:ann@example.com"])],
        after: After = None,
        limit: Limit = 100,
        grant: Grant = reader,
    ) -> ProfileOut:
        """`email:`, `user:`, `cookie:` or `contact:<connection>/<id>`. A cookie belongs to whom it was linked to last."""
        meant = parsed(lambda: parse_identifier(identifier, keyring.hmac_key(grant.workspace)))

        def find(connection: Connection) -> Person | None:
            found = (lookup.find_by_identifier(connection, grant.workspace, each) for each in meant)
            return next((person for person in found if person is not None), None)

        return await _profile(database, grant, find, after, limit)

    @router.get("/profiles/{profile_id}", summary="A person, by the id of any member", responses=READ)
    async def by_id(profile_id: str, after: After = None, limit: Limit = 100, grant: Grant = reader) -> ProfileOut:
        return await _profile(
            database,
            grant,
            lambda connection: lookup.find_by_profile(connection, grant.workspace, profile_id),
            after,
            limit,
        )

    @router.post("/links/revoke", status_code=202, summary="Take two identifiers apart", responses=CHANGE)
    async def revoke(body: DecisionIn, grant: Grant = admin) -> DecisionOut:
        """Holds for everything that links or joins the two, past and future, until they are released."""
        return await _decide(LinkRevoke, keyring, database, log, grant, body, clock)

    @router.post("/links/release", status_code=202, summary="Let two identifiers belong together", responses=CHANGE)
    async def release(body: DecisionIn, grant: Grant = admin) -> DecisionOut:
        """Undoes a revocation, and exempts the pair from all limits. Makes no link where no record states one."""
        return await _decide(LinkRelease, keyring, database, log, grant, body, clock)

    return router


async def _profile(
    database: Database, grant: Grant, find: Callable[[Connection], Person | None], after: str | None, limit: int
) -> ProfileOut:
    place = parsed(lambda: place_from(after)) if after is not None else None

    def work(connection: Connection) -> ProfileOut | None:
        person = find(connection)
        if person is None:
            return None
        rows = lookup.page_of_links(connection, grant.workspace, person, after=place, limit=limit + 1)
        return profile_out(person, rows, erasure_of(connection, grant.workspace, person), limit)

    found = await database.read(work)
    if found is None:
        raise Problem(404, "Not Found", "Nobody has this id or identifier.")
    return found


async def _decide(
    kind: type[LinkRevoke] | type[LinkRelease],
    keyring: Keyring,
    database: Database,
    log: EventLog,
    grant: Grant,
    body: DecisionIn,
    clock: Clock,
) -> DecisionOut:
    one, other = parsed(lambda: parse_pair(body.a, body.b, keyring.hmac_key(grant.workspace)))
    a, b = await database.read(lambda c: (_known(c, grant.workspace, one), _known(c, grant.workspace, other)))
    now = int(clock() * 1_000_000)
    decision = kind(
        workspace=grant.workspace,
        source=SOURCE,
        event_id=uuid.uuid4().hex,
        occurred_at=now,
        received_at=now,
        a=a,
        b=b,
        personal=Personal(key=a, v={"reason": body.reason}) if body.reason else None,
    )
    await append_decision(log, decision)
    return DecisionOut(event_id=decision.event_id, a=a, b=b)


async def append_decision(log: EventLog, decision: Decision | PersonErase) -> None:
    """Returns when it is durable. Raises a 503."""
    try:
        await log.append([NewRecord(decisions.TOPIC, decisions.key(decision.workspace), encode(decision))])
    except LogUnavailable as error:
        raise Problem(503, "Service Unavailable", "Not stored; send it again.", headers={"Retry-After": "5"}) from error


def _known(connection: Connection, workspace: str, meant: list[str]) -> str:
    """The one of several readings that is known, else the last."""
    for each in meant[:-1]:
        if lookup.find_by_identifier(connection, workspace, each) is not None:
            return each
    return meant[-1]


def parsed(parse: Callable[[], T]) -> T:
    try:
        return parse()
    except BadIdentifier as error:
        raise Problem(400, "Bad Request", f"{error}.") from None
