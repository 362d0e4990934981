"""The routes for failed events, the same in every service that can send some in again: list, look, replay one, replay a filter.

Admin key only, since raw bytes hold personal values; a key sees its own workspace and nothing of another.
"""

from __future__ import annotations

import asyncio
import base64
import heapq
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import ValidationError
from starlette.requests import ClientDisconnect

from ..contracts import failed_events
from ..eventlog.port import LogUnavailable
from ..service.auth import requires
from ..service.keys import Grant
from ..service.problems import Problem
from .desk import Cursor, Desk
from .index import Entry, FailedIndex, Filter, Replay, read_value
from .kept import kept, shown
from .schemas import (
    FROM_MEANS,
    ORIGIN_MEANS,
    REASON_MEANS,
    TO_MEANS,
    WHERE_MEANS,
    FailedEvent,
    FailedList,
    FailedView,
    NotReplayed,
    Reason,
    Replayed,
    ReplayedMany,
    ReplayFilter,
    ReplayView,
    Status,
    micros,
    rfc3339,
)

EDIT_BYTES = 1 << 20
_BODY_SECONDS = 30.0
_REASONS = 100
_bearer = HTTPBearer(auto_error=False, description="The admin key of keys.json")
_EDIT: dict[str, Any] = {
    "requestBody": {
        "required": False,
        "description": "The event to send in instead, whole; empty = as it was.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_FILTER: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": ReplayFilter.model_json_schema()}}}
}


router = APIRouter(prefix="/v1/failed", tags=["failed events"])


def include_failed(app: FastAPI, get_desk: Callable[[], Desk]) -> None:
    """Give the app these routes; `get_desk` is asked at each request, since the log is opened when the service starts."""
    app.state.failed_desk = get_desk
    app.include_router(router)


async def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.failed_desk()
    return desk


Here = Annotated[Desk, Depends(_desk)]


async def _admin(here: Here, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> Grant:
    grant: Grant = requires(here.keyring, "admin")(credentials)
    return grant


Admin = Annotated[Grant, Depends(_admin)]


@router.get("", summary="Failed events with their reasons, and how many there are of each")
async def list_failed(
    here: Here,
    grant: Admin,
    reason: Annotated[str, Query(max_length=1000, description=REASON_MEANS)] = "",
    origin: Annotated[str, Query(max_length=100, description=ORIGIN_MEANS)] = "",
    where: Annotated[str, Query(max_length=300, description=WHERE_MEANS)] = "",
    from_: Annotated[datetime | None, Query(alias="from", description=FROM_MEANS)] = None,
    to: Annotated[datetime | None, Query(description=TO_MEANS)] = None,
    status: Annotated[Status | None, Query(description="Without it, both.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: Annotated[str | None, Query(max_length=200, description="`next` of the page before.")] = None,
) -> FailedList:
    """The newest first. Of each of the log's partitions the newest 100,000 records are looked at."""
    wanted = Filter(reason, origin, where, micros(from_), micros(to), status)
    after = _decoded(cursor, int, str)
    try:
        return await here.index.ask(here.log, lambda: _page(here.index, grant.workspace, wanted, after, limit))
    except LogUnavailable as error:
        raise _busy() from error


@router.get("/{failed_id}", summary="One failed event with its bytes")
async def get_failed(here: Here, grant: Admin, failed_id: str) -> FailedEvent:
    index = await _look(here)
    entry = _found(index, grant, failed_id)
    try:
        return await _whole(here, index, entry)
    except LogUnavailable as error:
        raise _busy() from error


@router.post("/replay", summary="Send in again what fits a filter", openapi_extra=_FILTER)
async def replay_all(here: Here, grant: Admin, request: Request) -> ReplayedMany:
    """A bounded part in each call, in the order of the log; go on with `next`. Doing it again changes nothing."""
    wanted = _filter(await _body(request))
    chosen = Filter(wanted.reason, wanted.origin, wanted.where, micros(wanted.from_), micros(wanted.to), wanted.status)
    after = _decoded(wanted.cursor, int, int)
    try:
        done, following = await here.replay_all(
            grant.workspace, chosen, None if after is None else Cursor(*after), wanted.limit, by=grant.key_id
        )
    except LogUnavailable as error:
        raise _busy() from error
    told = Counter(each.status for each in done)
    return ReplayedMany(
        replayed=told["replayed"],
        failed=told["failed"],
        skipped=told["skipped"],
        results=[
            NotReplayed(failed_id=each.failed_id, status=each.status, reason=each.reason)
            for each in done
            if each.status != "replayed"
        ],
        next=None if following is None else _encoded(list(following)),
    )


@router.post("/{failed_id}/replay", summary="Send one in again, as it was or edited", openapi_extra=_EDIT)
async def replay_one(here: Here, grant: Admin, failed_id: str, request: Request) -> Replayed:
    """200: it is durable in its topic. Again with the same bytes it is the same record; with others, a newer one of it.

    409: it cannot be sent in here, 422: it fails again; the detail says why, and the failed event stands as it was.
    """
    edited = await _body(request)
    try:
        entry = _found(await here.look(), grant, failed_id)
        done = await here.replay(entry, edited or None, by=grant.key_id)
    except LogUnavailable as error:
        raise _busy() from error
    if done.status == "failed":
        raise Problem(422, "Unprocessable Content", f"It fails again: {done.reason}.")
    if done.replay is None:
        raise Problem(409, "Conflict", f"Not sent in: {done.reason}.")
    return Replayed(failed_id=failed_id, status="replayed", replay=_replay_view(done.replay))


async def _look(here: Desk) -> FailedIndex:
    try:
        return await here.look()
    except LogUnavailable as error:
        raise _busy() from error


def _found(index: FailedIndex, grant: Grant, failed_id: str) -> Entry:
    entry = index.find(grant.workspace, failed_id)
    if entry is None:
        raise Problem(404, "Not Found", "This workspace has no failed event of that id; they are kept 30 days.")
    return entry


def _page(index: FailedIndex, workspace: str, wanted: Filter, after: tuple[Any, ...] | None, limit: int) -> FailedList:
    every = list(index.matching(workspace, wanted))
    reasons = Counter((entry.origin, entry.reason) for entry in every)
    rest = every if after is None else [entry for entry in every if entry.newest_first < after]
    page = heapq.nlargest(limit, rest, key=lambda entry: entry.newest_first)
    return FailedList(
        total=len(every),
        reasons=[
            Reason(origin=origin, reason=reason, count=count)
            for (origin, reason), count in sorted(reasons.items(), key=lambda item: (-item[1], item[0]))[:_REASONS]
        ],
        failed=[FailedView(**_view(index, entry)) for entry in page],
        next=_encoded(list(page[-1].newest_first)) if len(rest) > len(page) else None,
    )


async def _whole(here: Desk, index: FailedIndex, entry: Entry) -> FailedEvent:
    value = await read_value(here.log, entry)
    if value is None:
        raise Problem(404, "Not Found", "It is older than the log keeps failed events.")
    was = kept(failed_events.adapter.validate_json(value))
    raw = shown(entry.where, was.raw)
    replays = index.replays(entry.failed_id)
    return FailedEvent(
        **_view(index, entry),
        source=entry.source,
        raw=raw.decode("utf-8", "replace"),
        raw_base64=base64.b64encode(raw).decode(),
        bytes=len(raw) if was.whole else was.size,
        edited=await _edited(here, replays),
        replays=[_replay_view(replay) for replay in replays],
    )


async def _edited(here: Desk, replays: list[Replay]) -> str | None:
    """What counts now, if it is not what was sent at first."""
    if not replays or not replays[-1].edited:
        return None
    value = await read_value(here.log, replays[-1])
    return (
        None
        if value is None
        else kept(failed_events.replayed_adapter.validate_json(value)).raw.decode("utf-8", "replace")
    )


def _view(index: FailedIndex, entry: Entry) -> dict[str, Any]:
    return {
        "failed_id": entry.failed_id,
        "origin": entry.origin,
        "where": entry.where,
        "reason": entry.reason,
        "received_at": rfc3339(entry.received_at),
        "status": "replayed" if index.replays(entry.failed_id) else "open",
        "replayed_by": entry.replayed_by,
    }


def _replay_view(replay: Replay) -> ReplayView:
    return ReplayView(
        at=rfc3339(replay.at),
        by=replay.by,
        topic=replay.topic,
        event_id=replay.event_id,
        revision=replay.revision,
        edited=replay.edited,
    )


async def _body(request: Request) -> bytes:
    """Read here and not by FastAPI, which would read all of it before it looks at the key."""
    body = bytearray()
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > EDIT_BYTES:
                    raise Problem(
                        413,
                        "Content Too Large",
                        f"An edited event, or a filter, may have {EDIT_BYTES:,} bytes at most.",
                    )
    except TimeoutError:
        raise Problem(408, "Request Timeout", f"The body did not arrive within {_BODY_SECONDS:g} seconds.") from None
    except ClientDisconnect:
        raise Problem(400, "Bad Request", "The connection ended before the body did.") from None
    return bytes(body)


def _filter(body: bytes) -> ReplayFilter:
    try:
        return ReplayFilter.model_validate_json(body)
    except ValidationError as error:
        raise RequestValidationError([{**each, "loc": ("body", *each["loc"])} for each in error.errors()]) from error


def _busy() -> Problem:
    detail = "The log does not answer just now. Send the same again: what was sent in already does not count twice."
    return Problem(503, "Service Unavailable", detail, headers={"Retry-After": "1"})


def _encoded(place: list[int | str]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(place)).decode().rstrip("=")


def _decoded(cursor: str | None, *shape: type) -> tuple[Any, ...] | None:
    """Raises a 400 if it is not one that these routes gave out."""
    if cursor is None:
        return None
    try:
        place = orjson.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except ValueError as error:
        raise _foreign() from error
    if not isinstance(place, list) or [type(part) for part in place] != list(shape):
        raise _foreign()
    return tuple(place)


def _foreign() -> Problem:
    return Problem(400, "Bad Request", "cursor: not one that this list gave out; leave it out to begin again.")
