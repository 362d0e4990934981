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


def taken(accepted: int, failures: list[dict[str, Any]], status: int = 200) -> Answer:
    """Every event is durable, as itself or among the failed ones: with 200 in the log, with 202 in the spool."""
    return _judged(accepted, failures, status) if failures else _all_taken(accepted, status)


def problem(status: int, detail: str) -> Answer:
    """A refusal of the whole request; nothing of it was kept. With 503 the client should send it again."""
    further = {401: (_KEY,), 405: (_ALLOW,), 503: (_AGAIN,)}.get(status, ())
    body = problem_body(status, HTTPStatus(status).phrase, detail)
    return Answer(status, body, MEDIA_TYPE.encode(), further)


PREFLIGHT = Answer(
    204,
    b"",
    b"",
    (
        _ALLOW,
        (b"access-control-allow-methods", b"POST"),
        (b"access-control-allow-headers", b"authorization, content-type"),
        (b"access-control-max-age", b"86400"),
    ),
)


@lru_cache(maxsize=4096)
def _all_taken(accepted: int, status: int) -> Answer:
    return _judged(accepted, [], status)


def _judged(accepted: int, failures: list[dict[str, Any]], status: int) -> Answer:
    document = {"success": True, "accepted": accepted, "failed": len(failures), "results": failures}
    return Answer(status, orjson.dumps(document), b"application/json")
