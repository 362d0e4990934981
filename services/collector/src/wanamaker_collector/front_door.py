"""The public front door: an ASGI application for the collect endpoints, which hands every other request to the one behind it.

It stands before FastAPI because a route with a pydantic body costs seven times a bare answer. Invariant: 200 is sent only
after the log has taken every event durably, as a web event or as a failed one, or its visitor has declined it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from wanamaker_shared.eventlog.port import EventLog, LogUnavailable
from wanamaker_shared.service.metrics import COLLECTED

from .admission import Admission
from .answers import Answer, Header, Send, problem, readable_by, taken
from .asking import Headers, address_of, headers_of, is_browser, opted_out, text_of
from .body import Gone, NoRoom, Receive, Room, TooLarge, TooSlow, read_body
from .cookies import Kept
from .credentials import Credentials
from .event_time import DAY
from .intake import BATCH, Intake, take_in
from .limits import Limits
from .mapping import Origin
from .preflight import preflight
from .reading import Unreadable, read_batch, read_single
from .refusing import Refused
from .visitors import Visitor

ENDPOINTS = {f"/v1/{kind}": kind for kind in ("page", "screen", "track", "identify", "group", "alias", BATCH)}
"""Path → the kind of its one event, or `batch`."""

_SHORT = {f"/v1/{kind[0]}": kind for kind in ("page", "screen", "track", "identify", "group")}
"""How analytics.js names some of them (`/v1/a` is left out of OpenAPI like these)."""

BODY_SECONDS = 10.0

_LENGTH_DIGITS = 18

_stored = COLLECTED.labels("stored")
_failed = COLLECTED.labels("failed")
_declined = COLLECTED.labels("declined")

App = Callable[[Any, Receive, Send], Any]


def now() -> int:
    """The time in microseconds since 1970, UTC."""
    return time.time_ns() // 1000


class Rejected(Exception):
    """The request as a whole is refused with this answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


class FrontDoor:
    """`log` is set by the application behind it, when it starts. One event loop uses one instance."""

    log: EventLog

    def __init__(
        self,
        app: App,
        credentials: Credentials,
        limits: Limits,
        *,
        body_bytes: int,
        in_flight_bytes: int,
        clock: Callable[[], int] = now,
    ) -> None:
        self._app = app
        self._credentials = credentials
        self._limits = limits
        self._body_bytes = body_bytes
        self._room = Room(in_flight_bytes)
        self._admission = Admission()
        self._clock = clock
        self._endpoints = {**_SHORT, "/v1/a": "alias", "/v1/b": BATCH, **ENDPOINTS}

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        endpoint = self._endpoints.get(scope["path"]) if scope["type"] == "http" else None
        if endpoint is None:
            await self._app(scope, receive, send)
            return
        headers = headers_of(scope)
        website = headers.get(b"origin")
        further: list[Header] = [] if website is None else readable_by(website)
        if scope["method"] == "POST":
            if self._admission.too_late():
                await BUSY.send(send, further)
                return
            try:
                answer = await self._collect(endpoint, scope, headers, further, receive)
            except Gone:
                return
            except Rejected as rejected:
                answer = rejected.answer
        elif scope["method"] == "OPTIONS":
            answer = preflight(allowed=website is None or self._credentials.allow(website))
        else:
            answer = problem(405, "Send events with POST.")
        await answer.send(send, further)

    async def _collect(
        self, endpoint: str, scope: Any, headers: Headers, further: list[Header], receive: Receive
    ) -> Answer:
        """Take the request's events in; adds to `further` what the browser is to be told."""
        origin = self._known(headers)
        self._may_send(headers)
        body = await self._read(receive)
        self._room.taken += len(body)
        try:
            return await self._take(endpoint, scope, headers, further, body, origin)
        finally:
            self._room.taken -= len(body)

    async def _take(
        self, endpoint: str, scope: Any, headers: Headers, further: list[Header], body: bytes, origin: Origin | None
    ) -> Answer:
        try:
            envelope = read_batch(body) if endpoint == BATCH else read_single(body)
        except Unreadable as error:
            raise Rejected(problem(400, f"{error}.") if origin is not None else _unknown_key()) from error
        if origin is None and (origin := self._credentials.of_body(envelope.write_key)) is None:
            raise Rejected(_unknown_key())
        kept, visitor = self._visitor(scope, headers, origin)
        received_at = self._clock()
        self._limit(origin, address_of(scope), kept)
        try:
            intake = take_in(body, envelope, endpoint, origin, received_at, visitor)
        except Refused as error:
            raise Rejected(problem(400, f"{error}.")) from error
        await self._append(intake)
        if visitor is not None:
            _hand_out(further, visitor, intake, kept, received_at // DAY)
        return taken(intake.accepted, intake.failures, intake.declined)

    async def _append(self, intake: Intake) -> None:
        """Return when everything is durable, and count it."""
        if intake.records:
            try:
                await self.log.append(intake.records)
            except LogUnavailable as error:
                raise Rejected(_busy("the log takes no events just now")) from error
        if intake.accepted:
            _stored.inc(intake.accepted)
        if intake.failures:
            _failed.inc(len(intake.failures))
        if intake.declined:
            _declined.inc(intake.declined)

    def _known(self, headers: Headers) -> Origin | None:
        """Whose key the header holds; None if it holds none."""
        authorization = headers.get(b"authorization")
        if authorization is None:
            return None
        if (origin := self._credentials.of_header(authorization)) is None:
            raise Rejected(_unknown_key())
        return origin

    def _may_send(self, headers: Headers) -> None:
        length = headers.get(b"content-length")
        if length is not None and (len(length) > _LENGTH_DIGITS or int(length) > self._body_bytes):
            raise Rejected(self._too_large())
        if headers.get(b"content-encoding", b"identity").lower() != b"identity":
            raise Rejected(problem(415, "Send the body without Content-Encoding."))

    async def _read(self, receive: Receive) -> bytes:
        try:
            return await read_body(receive, self._room, limit=self._body_bytes, seconds=BODY_SECONDS)
        except TooLarge as error:
            raise Rejected(self._too_large()) from error
        except NoRoom as error:
            raise Rejected(_busy("too many requests wait for the log")) from error
        except TooSlow as error:
            raise Rejected(problem(408, f"The body did not arrive within {BODY_SECONDS:g} s.")) from error

    def _visitor(self, scope: Any, headers: Headers, origin: Origin) -> tuple[Kept | None, Visitor | None]:
        """The browser that sent the request, and its cookie; none for a server. Rejects a website that may not send."""
        site = origin.site
        if site is None:
            return None, None
        if (website := headers.get(b"origin")) is not None and not site.allows(website):
            raise Rejected(problem(403, "This website may not send with this key; `wanamaker keys allow` lets it."))
        if not is_browser(headers):
            return None, None
        kept = site.cookie.read(headers[b"cookie"]) if b"cookie" in headers else None
        return kept, Visitor(
            site,
            kept.id if kept is not None else None,
            address_of(scope),
            text_of(headers, b"user-agent"),
            opted_out(headers),
        )

    def _limit(self, origin: Origin, address: str, kept: Kept | None) -> None:
        wait = self._limits.wait(origin.source, kept and kept.id, address if origin.browser else "")
        if wait:
            raise Rejected(problem(429, "Too many requests from one sender; nothing was taken.", retry_after=wait))

    def _too_large(self) -> Answer:
        return problem(413, f"A body may have at most {self._body_bytes} bytes; send several.")


def _hand_out(further: list[Header], visitor: Visitor, intake: Intake, kept: Kept | None, day: int) -> None:
    """The cookie that the browser is to have from now on."""
    cookie = visitor.site.cookie
    if intake.keep is not None:
        if (to_set := cookie.to_set(intake.keep, day, kept)) is not None:
            further.append((b"set-cookie", to_set))
    elif intake.declined and kept is not None:
        further.append((b"set-cookie", cookie.gone))


def _busy(why: str) -> Answer:
    return problem(503, f"Nothing was taken: {why}. Send the same request again.")


BUSY = _busy("more requests come than can be taken")


def _unknown_key() -> Answer:
    return problem(
        401, "Send the write key or the secret key: Basic auth with the key as user name, or `writeKey` in the body."
    )
