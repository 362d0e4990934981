"""One connection's API over HTTP: paced, patient with what passes by itself, its token renewed when it has expired.

What the vendor asks for is kept: `Retry-After` before anything else, and never more requests a second than its limit.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

import httpx

from wanamaker_crm_bridge.connections import Connections
from wanamaker_crm_bridge.limits import LimitUsedUp
from wanamaker_shared.service.keys import WorkspaceKeys

from .answers import ApiRefused, exchange, json_of, wait_asked

TRIES = 4
SECONDS = 30.0
"""How long the vendor may be silent."""
_PASSING = frozenset({429, 500, 502, 503, 504})
_LIMIT = ": the limit of requests is used up"
_MEANINGS = {
    401: ": the access in keys.json is not valid (any more)",
    403: ": the access in keys.json does not allow this; give it the scopes that docs/crm.md names",
    **dict.fromkeys(
        (301, 302, 303, 307, 308), ": a redirect, which is not followed, for it might give the access away"
    ),
    429: _LIMIT,
}
_UNCHANGED = 304
_FIRST_WAIT = 1.0
_LONGEST_WAIT = 60.0
_REST = 300.0
"""How long nothing is asked of an account whose limit is used up: vendors shut out who goes on asking."""

Sleep = Callable[[float], Awaitable[None]]
Limited = Callable[[httpx.Response], bool]
"""Whether an answer says that the limit of requests is used up, where the vendor does not say so by 429."""


class Exhausted(ApiRefused, LimitUsedUp):
    """The account's limit of requests is used up."""


class Credentials(Protocol):
    """What opens an API."""

    @property
    def base(self) -> str | None:
        """Where the API is, if whoever gave access says so; known after `headers`."""
        ...

    async def headers(self, client: httpx.AsyncClient) -> Mapping[str, str]: ...

    async def renew(self, client: httpx.AsyncClient) -> bool:
        """After a 401: whether there is something new to try."""
        ...


class Fixed:
    """A token that does not expire."""

    base = None

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers

    async def headers(self, _: httpx.AsyncClient) -> Mapping[str, str]:
        return self._headers

    async def renew(self, _: httpx.AsyncClient) -> bool:
        return False


class Api:
    """`base` stated goes before what the credentials say; `per_second` is the vendor's limit for one account."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        base: str | None,
        credentials: Credentials,
        per_second: float,
        sleep: Sleep,
        limited: Limited,
        clock: Callable[[], float],
    ) -> None:
        self._client = client
        self._base = base
        self._limited = limited
        self._clock = clock
        self.credentials = credentials
        self._pause = 1 / per_second
        self._sleep = sleep
        self._turn = asyncio.Lock()  # one request after the other
        self._next = 0.0
        self._rests_until = 0.0
        self._refused = 0  # how often in a row because of the limit, whatever was asked

    async def get(self, path: str, **query: str) -> Any:
        return await self.call("GET", path, params=query)

    async def post(self, path: str, body: Any) -> Any:
        return await self.call("POST", path, json=body)

    async def call(self, method: str, path: str, **request: Any) -> Any:
        """The answer's JSON, None where it has none. Raises ApiRefused, or httpx.TransportError when nobody answered."""
        what = f"{method} {path.partition('?')[0]}"
        renewed = False
        for attempt in range(1, TRIES + 1):
            answer = await self._send(method, path, request, last=attempt == TRIES)
            if answer is not None and (answer.is_success or answer.status_code == _UNCHANGED):
                return json_of(answer, what)
            if answer is not None and answer.status_code == 401 and not renewed:
                renewed = await self.credentials.renew(self._client)
                if renewed:
                    continue
            used_up = attempt == TRIES or self._refused >= TRIES
            if used_up or not (answer is None or self._passing(answer)):
                break
            if not await self._waited(answer, attempt):
                break
        assert answer is not None, "the last attempt raises what kept it from an answer"
        raise self._refusal(answer, what)

    async def _waited(self, answer: httpx.Response | None, attempt: int) -> bool:
        """Wait for what passes by itself: as long as the vendor says, else twice as long each time. Whether it is worth it."""
        asked = None if answer is None else wait_asked(answer)
        wait = _FIRST_WAIT * 2.0 ** (attempt - 1) if asked is None else asked
        if wait > _LONGEST_WAIT:
            return False
        if answer is not None and (asked is not None or self._exhausted(answer)):
            self._next = max(self._next, self._clock() + wait)  # nor does anybody else ask meanwhile
        else:
            await self._sleep(wait)
        return True

    def _refusal(self, answer: httpx.Response, what: str) -> ApiRefused:
        exhausted, asked = self._exhausted(answer), wait_asked(answer) or 0.0
        if exhausted or asked > _LONGEST_WAIT:
            self._rests_until = self._clock() + max(_REST, asked)
            self._refused = 0
        meaning = _LIMIT if exhausted else _MEANINGS.get(answer.status_code, "")
        refusal = Exhausted if exhausted else ApiRefused
        return refusal(f"{what} was answered {answer.status_code}{meaning}", answer)

    def _exhausted(self, answer: httpx.Response) -> bool:
        return answer.status_code == 429 or self._limited(answer)

    def _passing(self, answer: httpx.Response) -> bool:
        return answer.status_code in _PASSING or self._limited(answer)

    async def _send(self, method: str, path: str, request: Mapping[str, Any], *, last: bool) -> httpx.Response | None:
        """None: there was no answer, and it is worth another attempt."""
        async with self._turn:
            now = self._clock()
            if now < self._rests_until:
                raise Exhausted(f"{method} {path.partition('?')[0]} was not asked: the vendor wants to be left alone")
            if self._next > now:
                await self._sleep(self._next - now)
            self._next = max(self._next, now) + self._pause
            try:
                headers = {**request.get("headers", {}), **await self.credentials.headers(self._client)}
                where = self._base or self.credentials.base or ""
                answer = await exchange(self._client, method, where + path, **{**request, "headers": headers})
                self._refused = self._refused + 1 if self._exhausted(answer) else 0
                return answer
            except httpx.TransportError:
                if last:
                    raise
                return None
            except ApiRefused as refused:  # of a login
                if refused.answer is None or last or not self._passing(refused.answer):
                    raise
                return refused.answer


class Apis:
    """The APIs of all connections, each opened once. Raises ApiRefused for one that nobody gave us access to."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        workspaces: Mapping[str, WorkspaceKeys],
        connections: Connections,
        sleep: Sleep = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._workspaces = workspaces
        self.connections = connections
        self._sleep = sleep
        self.clock = clock
        self._open: dict[tuple[str, str], Api] = {}

    def of(
        self,
        workspace: str,
        connection: str,
        *,
        base: str | None,
        credentials: Callable[[Mapping[str, str]], Credentials],
        per_second: float,
        limited: Limited = lambda _: False,
    ) -> Api:
        """`base` is where the API is unless the connection says otherwise, None where the credentials say it; `credentials` makes
        them of `crm_access`."""
        if (workspace, connection) not in self._open:
            access = self._workspaces[workspace].crm_access.get(connection)
            if access is None:
                raise ApiRefused(f"keys.json has no crm_access for the connection {connection}")
            try:
                made = credentials(access)
            except KeyError as error:
                raise ApiRefused(f"crm_access.{connection} in keys.json lacks {error}") from None
            where = self.connections.of(connection).api or base
            self._open[workspace, connection] = Api(
                self._client, where, made, per_second, self._sleep, limited, self.clock
            )
        return self._open[workspace, connection]
