"""The public front door: an ASGI application for the collect endpoints, which hands every other request to the one behind it.

It stands before FastAPI because a route with a pydantic body costs seven times a bare answer. Invariant: 200 is sent only
after the log has taken every event durably, as a web event or as a failed one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from wanamaker_shared.eventlog.port import EventLog, LogUnavailable
from wanamaker_shared.service.metrics import COLLECTED

from .answers import PREFLIGHT, Answer, Send, problem, taken
from .body import Gone, NoRoom, Receive, Room, TooLarge, TooSlow, read_body
from .credentials import Credentials
from .dialects import ANSWERS, PICTURES, read_dialect
from .headers import headers_of
from .inflating import NotGzip, TooMuch, inflate
from .intake import BATCH, take_in
from .mapping import Origin, Refused
from .origins import for_origin
from .reading import Unreadable, read_batch, read_single
from .snowplow import POST_PATH

ENDPOINTS = {f"/v1/{kind}": kind for kind in ("page", "screen", "track", "identify", "group", "alias", BATCH)}
"""Path → the kind of its one event, or `batch`."""

_SHORT = {f"/v1/{kind[0]}": kind for kind in ("page", "screen", "track", "identify", "group")}
"""How analytics.js names some of them (`/v1/a` is left out of OpenAPI like these)."""

BODY_SECONDS = 30.0

_LENGTH_DIGITS = 18

_stored = COLLECTED.labels("stored")
_failed = COLLECTED.labels("failed")

App = Callable[[Any, Receive, Send], Any]
RawHeaders = list[tuple[bytes, bytes]]


def now() -> int:
    """The time in microseconds since 1970, UTC."""
    return time.time_ns() // 1000


class FrontDoor:
    """`log` is set by the application behind it, when it starts. One event loop uses one instance."""

    log: EventLog

    def __init__(
        self,
        app: App,
        credentials: Credentials,
        *,
        body_bytes: int,
        in_flight_bytes: int,
        snowplow_paths: Iterable[str] = (),
        clock: Callable[[], int] = now,
    ) -> None:
        self._app = app
        self._credentials = credentials
        self._body_bytes = body_bytes
        self._room = Room(in_flight_bytes)
        self._clock = clock
        further = dict.fromkeys(snowplow_paths, POST_PATH)
        self._endpoints = {
            **further,
            **_SHORT,
            "/v1/a": "alias",
            "/v1/b": BATCH,
            **ENDPOINTS,
            **{path: path for path in ANSWERS},
        }

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        endpoint = self._endpoints.get(scope["path"]) if scope["type"] == "http" else None
        if endpoint is None:
            await self._app(scope, receive, send)
            return
        send = for_origin(send, scope["headers"])
        if scope["method"] == ("GET" if endpoint in PICTURES else "POST"):
            try:
                answer = await self._collect(endpoint, scope, receive)
            except Gone:
                return
            await answer.send(send)
        elif scope["method"] == "OPTIONS":
            await PREFLIGHT.send(send)
        else:
            await problem(405, f"Send events with {'GET' if endpoint in PICTURES else 'POST'}.").send(send)

    async def _collect(self, endpoint: str, scope: Any, receive: Receive) -> Answer:
        origin: Origin | None = None
        zipped = False
        for name, value in scope["headers"]:
            if name == b"authorization":
                if (origin := self._credentials.of_header(value)) is None:
                    return _unknown_key()
            elif name == b"content-length":
                if len(value) > _LENGTH_DIGITS or int(value) > self._body_bytes:
                    return self._too_large()
            elif name == b"content-encoding" and value.lower() != b"identity":
                zipped = value.lower() == b"gzip"
                if not zipped:
                    return problem(415, "Send the body with Content-Encoding gzip, or none.")
        try:
            body = await self._body(endpoint, scope, receive)
            if zipped:
                body = inflate(body, self._body_bytes)
        except (TooLarge, TooMuch):
            return _LONG_QUERY if endpoint in PICTURES else self._too_large()
        except NotGzip as error:
            return problem(400, f"{error}.")
        except NoRoom:
            return _busy("too many requests wait for the log")
        except TooSlow:
            return problem(408, f"The body did not arrive within {BODY_SECONDS:g} s.")
        room = self._room
        room.taken += len(body)
        try:
            return await self._take(endpoint, body, origin, scope["headers"])
        finally:
            room.taken -= len(body)

    async def _body(self, endpoint: str, scope: Any, receive: Receive) -> bytes:
        """The query string, where that holds the event. Raises TooLarge, TooSlow, NoRoom, Gone."""
        if endpoint not in PICTURES:
            return await read_body(receive, self._room, limit=self._body_bytes, seconds=BODY_SECONDS)
        query: bytes = scope["query_string"]
        if len(query) > self._body_bytes:
            raise TooLarge
        return query

    async def _take(self, endpoint: str, body: bytes, origin: Origin | None, headers: RawHeaders) -> Answer:
        received_at = self._clock()
        try:
            if endpoint in ANSWERS:
                envelope = read_dialect(
                    endpoint, body, headers_of(headers), keyed=origin is not None, received_at=received_at
                )
            else:
                envelope = read_batch(body) if endpoint == BATCH else read_single(body)
        except Unreadable as error:
            return problem(400, f"{error}.") if origin is not None else _unknown_key()
        if origin is None and (origin := self._credentials.of_body(envelope.write_key)) is None:
            return _unknown_key()
        try:
            intake = take_in(body, envelope, BATCH if envelope.where else endpoint, origin, received_at)
        except Refused as error:
            return problem(400, f"{error}.")
        if intake.records:
            try:
                await self.log.append(intake.records)
            except LogUnavailable:
                return _busy("the log takes no events just now")
        if intake.accepted:
            _stored.inc(intake.accepted)
        if intake.failures:
            _failed.inc(len(intake.failures))
        return ANSWERS.get(endpoint) or taken(intake.accepted, intake.failures)

    def _too_large(self) -> Answer:
        return problem(413, f"A body may have at most {self._body_bytes} bytes; send several.")


_LONG_QUERY = problem(414, "The query string is too long; send such events with POST.")


def _unknown_key() -> Answer:
    return problem(
        401,
        "Send the write key or the secret key: Basic auth with the key as user name, `writeKey` in the body, "
        "`aid` (appId) for Snowplow's trackers, or `k` for the pixel.",
    )


def _busy(why: str) -> Answer:
    return problem(503, f"Nothing was taken: {why}. Send the same request again.")
