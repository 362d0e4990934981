"""Routes about erasing people: ask for it, and list what was asked."""

from __future__ import annotations

import time
import uuid
from typing import Any

from fastapi import APIRouter, Depends
from sqlalchemy import Connection

from wanamaker_shared.contracts.decisions import PersonErase
from wanamaker_shared.eventlog.port import EventLog
from wanamaker_shared.service.auth import requires
from wanamaker_shared.service.database import Database
from wanamaker_shared.service.keys import Grant, Keyring
from wanamaker_shared.service.problems import Problem

from .answers import erasure_asked, erasure_place_from, erasures_out
from .api import AUTH, BAD, CHANGE, After, Clock, Limit, append_decision, parsed
from .erasing import SOURCE
from .repository import lookup
from .repository.erasures import page_of_erasures
from .schemas import ErasureAsked, ErasuresOut

_LIST: dict[int | str, dict[str, Any]] = {400: BAD, **AUTH}
_MISSING = {"description": "Nobody has this id"}


def erasure_router(keyring: Keyring, database: Database, log: EventLog, *, clock: Clock = time.time) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["erasures"])
    reader = Depends(requires(keyring, "analyst", "admin"))
    admin = Depends(requires(keyring, "admin"))

    @router.get("/erasures", summary="Requests to erase people", responses=_LIST)
    async def erasures(after: After = None, limit: Limit = 100, grant: Grant = reader) -> ErasuresOut:
        """In the order in which they were made, those of CRMs and those of admins."""
        place = parsed(lambda: erasure_place_from(after)) if after is not None else None
        found = await database.read(
            lambda connection: page_of_erasures(connection, grant.workspace, after=place, limit=limit + 1)
        )
        return erasures_out(found, limit)

    @router.delete(
        "/profiles/{profile_id}",
        status_code=202,
        summary="Ask to erase a person",
        responses={**CHANGE, 404: _MISSING},
    )
    async def erase(profile_id: str, grant: Grant = admin) -> ErasureAsked:
        """Keeps the request, durably, and erases nothing yet: that is not built. Any member's id names the person."""

        def find(connection: Connection) -> str | None:
            person = lookup.find_by_profile(connection, grant.workspace, profile_id)
            return None if person is None else person.name

        identifier = await database.read(find)
        if identifier is None:
            raise Problem(404, "Not Found", "Nobody has this id.")
        now = int(clock() * 1_000_000)
        decision = PersonErase(
            workspace=grant.workspace,
            source=SOURCE,
            event_id=uuid.uuid4().hex,
            occurred_at=now,
            received_at=now,
            identifier=identifier,
            via="api",
        )
        await append_decision(log, decision)
        return erasure_asked(decision)

    return router
