"""The public front door: an ASGI application for the collect endpoints, which hands every other request to the one behind it.

It stands before FastAPI because a route with a pydantic body costs seven times a bare answer. Invariant: 200 is sent only
after the log has taken every event durably, as a web event or as a failed one, and 202 only after the spool has.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from wanamaker_shared.eventlog.port import EventLog, LogUnavailable
from wanamaker_shared.eventlog.spool import SpooledLog
from wanamaker_shared.service.metrics import COLLECTED

from .answers import PREFLIGHT, Answer, Send, problem, taken
from .body import Gone, NoRoom, Receive, Room, TooLarge, TooSlow, read_body
from .credentials import Credentials
from .intake import BATCH, take_in
from .mapping import Origin, Refused
from .reading import Unreadable, read_batch, read_single

ENDPOINTS = {f"/v1/{kind}": kind for kind in ("page", "screen", "track", "identify", "group", "alias", BATCH)}
"""Path → the kind of its one event, or `batch`."""

_SHORT = {f"/v1/{kind[0]}": kind for kind in ("page", "screen", "track", "identify", "group")}
"""How analytics.js names some of them (`/v1/a` is left out of OpenAPI like these)."""

BODY_SECONDS = 30.0

_LENGTH_DIGITS = 18

_stored = COLLECTED.labels("stored")
_failed = COLLECTED.labels("failed")

App = Callable[[Any, Receive, Send], Any]


def now() -> int:
    """The time in microseconds since 1970, UTC."""
    return time.time_ns() // 1000


class FrontDoor:
    """`log` is set by the application behind it, when it starts. One event loop uses one instance."""

    log: EventLog | SpooledLog

    def __init__(
        self,
        app: App,
        credentials: Credentials,
        *,
        body_bytes: int,
        in_flight_bytes: int,
        spooled_status: int = 202,
        clock: Callable[[], int] = now,
    ) -> None:
        self._app = app
        self._credentials = credentials
        self._body_bytes = body_bytes
        self._room = Room(in_flight_bytes)
        self._spooled_status = spooled_status
        self._clock = clock
        self._endpoints = {**_SHORT, "/v1/a": "alias", "/v1/b": BATCH, **ENDPOINTS}

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        endpoint = self._endpoints.get(scope["path"]) if scope["type"] == "http" else None
        if endpoint is None:
            await self._app(scope, receive, send)
        elif scope["method"] == "POST":
            try:
                answer = await self._collect(endpoint, scope["headers"], receive)
            except Gone:
                return
            await answer.send(send)
        elif scope["method"] == "OPTIONS":
            await PREFLIGHT.send(send)
        else:
            await problem(405, "Send events with POST.").send(send)

    async def _collect(self, endpoint: str, headers: list[tuple[bytes, bytes]], receive: Receive) -> Answer:
        origin: Origin | None = None
        for name, value in headers:
            if name == b"authorization":
                if (origin := self._credentials.of_header(value)) is None:
                    return _unknown_key()
            elif name == b"content-length":
                if len(value) > _LENGTH_DIGITS or int(value) > self._body_bytes:
                    return self._too_large()
            elif name == b"content-encoding" and value.lower() != b"identity":
                return problem(415, "Send the body without Content-Encoding.")
        try:
            body = await read_body(receive, self._room, limit=self._body_bytes, seconds=BODY_SECONDS)
        except TooLarge:
            return self._too_large()
        except NoRoom:
            return _busy("too many requests wait for the log")
        except TooSlow:
            return problem(408, f"The body did not arrive within {BODY_SECONDS:g} s.")
        room = self._room
        room.taken += len(body)
        try:
            return await self._take(endpoint, body, origin)
        finally:
            room.taken -= len(body)

    async def _take(self, endpoint: str, body: bytes, origin: Origin | None) -> Answer:
        try:
            envelope = read_batch(body) if endpoint == BATCH else read_single(body)
        except Unreadable as error:
            return problem(400, f"{error}.") if origin is not None else _unknown_key()
        if origin is None and (origin := self._credentials.of_body(envelope.write_key)) is None:
            return _unknown_key()
        try:
            intake = take_in(body, envelope, endpoint, origin, self._clock())
        except Refused as error:
            return problem(400, f"{error}.")
        status = 200
        if intake.records:
            try:
                if await self.log.append(intake.records):
                    status = self._spooled_status
            except LogUnavailable:
                return _busy("the log takes no events just now")
        if intake.accepted:
            _stored.inc(intake.accepted)
        if intake.failures:
            _failed.inc(len(intake.failures))
        return taken(intake.accepted, intake.failures, status)

    def _too_large(self) -> Answer:
        return problem(413, f"A body may have at most {self._body_bytes} bytes; send several.")


def _unknown_key() -> Answer:
    return problem(
        401, "Send the write key or the secret key: Basic auth with the key as user name, or `writeKey` in the body."
    )


def _busy(why: str) -> Answer:
    return problem(503, f"Nothing was taken: {why}. Send the same request again.")
