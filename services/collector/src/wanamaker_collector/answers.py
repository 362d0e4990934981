"""The answers of the collect endpoints as ASGI messages: success, problem documents (RFC 9457), and the preflight of CORS.

Every answer may be read by scripts of any website: the key decides who may send, not the origin.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from functools import lru_cache
from http import HTTPStatus
from typing import Any

import orjson

from wanamaker_shared.service.problems import MEDIA_TYPE, problem_body

Header = tuple[bytes, bytes]
Send = Callable[[Any], Awaitable[None]]

_CORS: list[Header] = [(b"access-control-allow-origin", b"*")]
_ALLOW: Header = (b"allow", b"POST, OPTIONS")
_AGAIN: Header = (b"retry-after", b"1")
_KEY: Header = (b"www-authenticate", b'Basic realm="wanamaker", charset="UTF-8"')


class Answer:
    """A complete answer; sent as often as needed."""

    __slots__ = ("_body", "_start", "status")

    def __init__(self, status: int, body: bytes, media_type: bytes, headers: Iterable[Header] = ()) -> None:
        self.status = status
        content = [(b"content-type", media_type), (b"content-length", str(len(body)).encode())] if body else []
        self._start = {"type": "http.response.start", "status": status, "headers": [*content, *_CORS, *headers]}
        self._body = {"type": "http.response.body", "body": body}

    async def send(self, send: Send) -> None:
        await send(self._start)
        await send(self._body)


def taken(accepted: int, failures: list[dict[str, Any]]) -> Answer:
    """200: every event is durable, as itself or among the failed ones."""
    return _judged(accepted, failures) if failures else _all_taken(accepted)


def problem(status: int, detail: str) -> Answer:
    """A refusal of the whole request; nothing of it was kept. With 503 the client should send it again."""
    further = {401: (_KEY,), 405: (_ALLOW,), 503: (_AGAIN,)}.get(status, ())
    body = problem_body(status, HTTPStatus(status).phrase, detail)
    return Answer(status, body, MEDIA_TYPE.encode(), further)


OK = Answer(200, b"ok", b"text/plain; charset=utf-8")
"""What Snowplow's collector answers to a body whose events it took."""

_DOT = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00"
    b",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
PICTURE = Answer(200, _DOT, b"image/gif", ((b"cache-control", b"no-store"),))
"""One transparent dot; not kept, so that it is asked for each time it is shown."""

PREFLIGHT = Answer(
    204,
    b"",
    b"",
    (
        _ALLOW,
        (b"access-control-allow-methods", b"GET, POST"),
        (b"access-control-allow-headers", b"authorization, content-type, sp-anonymous, x-retry-count"),
        (b"access-control-max-age", b"86400"),
    ),
)


@lru_cache(maxsize=4096)
def _all_taken(accepted: int) -> Answer:
    return _judged(accepted, [])


def _judged(accepted: int, failures: list[dict[str, Any]]) -> Answer:
    document = {"success": True, "accepted": accepted, "failed": len(failures), "results": failures}
    return Answer(200, orjson.dumps(document), b"application/json")
