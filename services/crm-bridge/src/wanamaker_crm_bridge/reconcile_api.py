"""Routes of reconciliation: start one, look at what it found."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime

from wanamaker_shared.service.auth import requires
from wanamaker_shared.service.database import Database
from wanamaker_shared.service.keys import Grant, Keyring
from wanamaker_shared.service.problems import Problem

from . import reconciling
from .connections import Connections
from .repository.runs import Run, load_run, load_runs
from .schemas import MissedOut, RunDetailOut, RunOut, RunsOut
from .values import text_of

_PROBLEM: dict[str, Any] = {"content": {"application/problem+json": {"schema": {"type": "object"}}}}
_AUTH: dict[int | str, dict[str, Any]] = {
    401: {"description": "No key, or an unknown one", **_PROBLEM},
    403: {"description": "A key that may not do this", **_PROBLEM},
}
_UNKNOWN: dict[int | str, dict[str, Any]] = {
    404: {"description": "There is no such connection with an API that we have access to, or no such run", **_PROBLEM}
}
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)


def reconcile_router(keyring: Keyring, connections: Connections, database: Database) -> APIRouter:
    router = APIRouter(prefix="/v1/reconcile", tags=["reconcile"])
    admin = Depends(requires(keyring, "admin"))
    reader = Depends(requires(keyring, "analyst", "admin"))

    def check(grant: Grant, connection: str) -> None:
        if not reconciling.readable(keyring, connections, grant.workspace, connection):
            raise Problem(
                404,
                "Not Found",
                "keys.json has no crm_access for a connection of this name whose CRM we can read; see docs/crm.md.",
            )

    @router.post(
        "/{connection}", status_code=202, summary="Read what changed in a CRM", responses={**_AUTH, **_UNKNOWN}
    )
    async def start(
        connection: str,
        since: Annotated[
            AwareDatetime | None, Query(description="Absent: since the last run; at the first, all.")
        ] = None,
        grant: Grant = admin,
    ) -> RunOut:
        """Reads through the CRM's API what changed, and says what webhooks missed. The run goes on after the answer."""
        check(grant, connection)
        begin = None if since is None else max(0, int((since - _FIRST).total_seconds())) * 1_000_000
        crm = connections.crm_of(connection)
        at = time.time_ns() // 1000
        name = await reconciling.start(database, grant.workspace, connection, crm, since=begin, at=at)
        found = await database.read(lambda tx: load_run(tx, grant.workspace, connection, name))
        assert found is not None, "it was written just now"
        return _run(found[0])

    @router.get(
        "/{connection}", summary="A connection's reconciliations, the newest first", responses={**_AUTH, **_UNKNOWN}
    )
    async def runs(
        connection: str, limit: Annotated[int, Query(ge=1, le=1000)] = 100, grant: Grant = reader
    ) -> RunsOut:
        check(grant, connection)
        found = await database.read(lambda tx: load_runs(tx, grant.workspace, connection, limit=limit))
        return RunsOut(runs=[_run(each) for each in found])

    @router.get("/{connection}/{run}", summary="What a reconciliation found", responses={**_AUTH, **_UNKNOWN})
    async def run(connection: str, run: str, grant: Grant = reader) -> RunDetailOut:
        check(grant, connection)
        found = await database.read(lambda tx: load_run(tx, grant.workspace, connection, run))
        if found is None:
            raise Problem(404, "Not Found", "There is no such run of this connection.")
        it, news = found
        told = [MissedOut(about=each.about, what=each.what, at=text_of(each.at)) for each in news]
        return RunDetailOut(**_run(it).model_dump(), news=told)

    return router


def _run(it: Run) -> RunOut:
    return RunOut(
        connection=it.connection,
        run=it.run,
        state="failed" if it.failed is not None else "reading" if it.finished_at is None else "done",
        since=text_of(it.since),
        started_at=text_of(it.started_at),
        finished_at=None if it.finished_at is None else text_of(it.finished_at),
        lists=it.lists,
        lists_read=it.lists_read,
        pages=it.pages,
        statements=it.statements,
        missed=it.missed,
        unreadable=it.unreadable,
        failed=it.failed,
    )
