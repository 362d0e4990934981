"""The public front door: an ASGI application for the collect endpoints, which hands every other request to the one behind it.

It stands before FastAPI because a route with a pydantic body costs seven times a bare answer. Invariant: 200 is sent only
after the log has taken every event durably, as a web event or as a failed one, or its visitor has declined it; 202 only after
the spool has.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from wanamaker_shared.eventlog.port import EventLog, LogUnavailable
from wanamaker_shared.eventlog.spool import SpooledLog
from wanamaker_shared.service.admission import LET_IN, Admission

from .answers import Answer, Header, Send, problem, readable_by, taken
from .asking import Head, address_of, head_of
from .body import Gone, NoRoom, Receive, Room, TooLarge, TooSlow, read_body
from .browsers import cookie_for, visitor_of
from .credentials import Credentials
from .dialects import ANSWERS, PICTURES, read_dialect
from .event_time import DAY
from .headers import headers_of
from .inflating import NotGzip, TooMuch, inflate
from .intake import BATCH, Intake, take_in
from .limits import Limits
from .mapping import Origin
from .preflight import preflight
from .reading import Unreadable, read_batch, read_single
from .refusing import Refused
from .rejecting import Rejected, busy, too_large, too_often, unknown_key, unreadable
from .snowplow import POST_PATH
from .tally import Tally

ENDPOINTS = {f"/v1/{kind}": kind for kind in ("page", "screen", "track", "identify", "group", "alias", BATCH)}
"""Path → the kind of its one event, or `batch`."""

_SHORT = {f"/v1/{kind[0]}": kind for kind in ("page", "screen", "track", "identify", "group")}
"""How analytics.js names some of them (`/v1/a` is left out of OpenAPI like these)."""

BODY_SECONDS = 10.0

_LENGTH_DIGITS = 18

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
        limits: Limits,
        *,
        body_bytes: int,
        in_flight_bytes: int,
        snowplow_paths: Iterable[str] = (),
        spooled_status: int = 202,
        clock: Callable[[], int] = now,
    ) -> None:
        self._app = app
        self._credentials = credentials
        self._limits = limits
        self._body_bytes = body_bytes
        self._room = Room(in_flight_bytes)
        self._spooled_status = spooled_status
        self._clock = clock
        self.tally = Tally(clock)
        self._endpoints = {
            **dict.fromkeys(snowplow_paths, POST_PATH),
            **_SHORT,
            "/v1/a": "alias",
            "/v1/b": BATCH,
            **ENDPOINTS,
            **{path: path for path in ANSWERS},
        }
        self.admission = Admission(self._endpoints)

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if LET_IN in scope:
            self.admission.begin()
        head = head_of(scope)
        website = head.get(b"origin")
        further: list[Header] = [] if website is None else readable_by(website)
        endpoint = self._endpoints.get(scope["path"])
        if endpoint is None:
            if wait := self._limits.wait("", None, address_of(scope)):
                await too_often(wait).answer.send(send, further)
            else:
                await self._app(scope, receive, send)
            return
        method = "GET" if endpoint in PICTURES else "POST"
        if scope["method"] == method:
            try:
                answer = await self._collect(endpoint, scope, head, further, receive)
            except Gone:
                return
            except Rejected as rejected:
                answer = rejected.answer
        else:
            further.append((b"allow", f"{method}, OPTIONS".encode()))
            if scope["method"] == "OPTIONS":
                answer = preflight(allowed=website is None or self._credentials.allow(website))
            else:
                answer = problem(405, f"Send events with {method}.")
        await answer.send(send, further)

    async def _collect(self, endpoint: str, scope: Any, head: Head, further: list[Header], receive: Receive) -> Answer:
        """Take the request's events in; adds to `further` what the browser is to be told. Raises Rejected, Gone."""
        origin = self._known(scope, head)
        if (origin is None or origin.browser) and (wait := self._limits.flooded_by(address_of(scope))):
            raise too_often(wait)
        body = self._query(scope) if endpoint in PICTURES else await self._body(head, receive)
        self._room.taken += len(body)
        try:
            return await self._take(endpoint, scope, head, further, body, origin)
        finally:
            self._room.taken -= len(body)

    async def _take(
        self, endpoint: str, scope: Any, head: Head, further: list[Header], body: bytes, origin: Origin | None
    ) -> Answer:
        received_at = self._clock()
        try:
            if endpoint in ANSWERS:
                keyed = origin is not None
                envelope = read_dialect(endpoint, body, headers_of(head), keyed=keyed, received_at=received_at)
            else:
                envelope = read_batch(body) if endpoint == BATCH else read_single(body)
        except Unreadable as error:
            raise self._stranger(scope) if origin is None else unreadable(error) from error
        if origin is None and (origin := self._credentials.of_body(envelope.write_key)) is None:
            raise self._stranger(scope)
        visitor, kept = visitor_of(scope, head, origin.site)
        if wait := self._limits.wait(origin.source, kept and kept.id, address_of(scope) if origin.browser else ""):
            raise too_often(wait)
        try:
            intake = take_in(body, envelope, BATCH if envelope.where else endpoint, origin, received_at, visitor)
        except Refused as error:
            raise unreadable(error) from error
        status = await self._append(intake)
        self.tally.collected(
            origin.workspace,
            events=len(envelope.events),
            stored=intake.accepted,
            failed=len(intake.failures),
            declined=intake.declined,
        )
        if visitor is not None:
            further += cookie_for(visitor, kept, intake, received_at // DAY)
        return ANSWERS.get(endpoint) or taken(intake.accepted, intake.failures, intake.declined, status=status)

    async def _append(self, intake: Intake) -> int:
        """The status to answer with, once everything is durable."""
        if not intake.records:
            return 200
        try:
            spooled = await self.log.append(intake.records)
        except LogUnavailable as error:
            raise busy("the log takes no events just now") from error
        return self._spooled_status if spooled else 200

    def _known(self, scope: Any, head: Head) -> Origin | None:
        """Whose key the header holds; None if it holds none."""
        authorization = head.get(b"authorization")
        if authorization is None:
            return None
        if (origin := self._credentials.of_header(authorization)) is None:
            raise self._stranger(scope)
        return origin

    def _stranger(self, scope: Any) -> Rejected:
        """Nobody's key; who tries many is not listened to any more."""
        self._limits.wait("", None, address_of(scope))
        return unknown_key()

    async def _body(self, head: Head, receive: Receive) -> bytes:
        length = head.get(b"content-length")
        if length is not None and (len(length) > _LENGTH_DIGITS or int(length) > self._body_bytes):
            raise too_large(self._body_bytes)
        encoding = head.get(b"content-encoding", b"identity").lower()
        if encoding not in (b"identity", b"gzip"):
            raise Rejected(problem(415, "Send the body with Content-Encoding gzip, or none."))
        try:
            body = await read_body(receive, self._room, limit=self._body_bytes, seconds=BODY_SECONDS)
            return inflate(body, self._body_bytes) if encoding == b"gzip" else body
        except (TooLarge, TooMuch) as error:
            raise too_large(self._body_bytes) from error
        except NotGzip as error:
            raise unreadable(error) from error
        except NoRoom as error:
            raise busy("too many requests wait for the log") from error
        except TooSlow as error:
            raise Rejected(problem(408, f"The body did not arrive within {BODY_SECONDS:g} s.")) from error

    def _query(self, scope: Any) -> bytes:
        """The query string, where that holds the event."""
        query: bytes = scope["query_string"]
        if len(query) > self._body_bytes:
            raise Rejected(problem(414, "The query string is too long; send such events with POST."))
        return query
