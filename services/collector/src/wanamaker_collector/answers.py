"""The answers of the collect endpoints as ASGI messages: success and problem documents (RFC 9457)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import lru_cache
from http import HTTPStatus
from typing import Any

import orjson

from wanamaker_shared.service.problems import MEDIA_TYPE, problem_body

Header = tuple[bytes, bytes]
Send = Callable[[Any], Awaitable[None]]

_FURTHER: dict[int, Header] = {
    401: (b"www-authenticate", b'Basic realm="wanamaker", charset="UTF-8"'),
    408: (b"connection", b"close"),  # the rest of the body may still be on its way
}


class Answer:
    """A complete answer; sent as often as needed."""

    __slots__ = ("_body", "_start", "status")

    def __init__(self, status: int, body: bytes, media_type: bytes, headers: Iterable[Header] = ()) -> None:
        self.status = status
        content = [(b"content-type", media_type), (b"content-length", str(len(body)).encode())] if body else []
        self._start: dict[str, Any] = {"type": "http.response.start", "status": status, "headers": [*content, *headers]}
        self._body = {"type": "http.response.body", "body": body}

    async def send(self, send: Send, further: Sequence[Header] = ()) -> None:
        """Send it, with headers that are for this request alone."""
        start = self._start
        await send({**start, "headers": [*start["headers"], *further]} if further else start)
        await send(self._body)


def readable_by(website: bytes) -> list[Header]:
    """The headers that let scripts of this origin read the answer, and its browser keep the cookie."""
    return [
        (b"access-control-allow-origin", website),
        (b"access-control-allow-credentials", b"true"),
        (b"access-control-expose-headers", b"retry-after"),
        (b"vary", b"Origin"),
    ]


def taken(accepted: int, failures: list[dict[str, Any]], declined: int = 0, *, status: int = 200) -> Answer:
    """Every event is durable, as itself or among the failed ones, or was declined by its visitor.

    200: in the log; 202: in the spool.
    """
    return _judged(accepted, failures, declined, status) if failures or declined else _all_taken(accepted, status)


def problem(status: int, detail: str, *, retry_after: int = 1) -> Answer:
    """A refusal of the whole request; nothing of it was kept. With 429 and 503 the client should send it again.

    `retry_after`: in how many seconds.
    """
    body = problem_body(status, HTTPStatus(status).phrase, detail)
    again = (b"retry-after", str(retry_after).encode()) if status in (429, 503) else None
    return Answer(status, body, MEDIA_TYPE.encode(), filter(None, (_FURTHER.get(status), again)))


OK = Answer(200, b"ok", b"text/plain; charset=utf-8")
"""What Snowplow's collector answers to a body whose events it took."""

_DOT = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00"
    b",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
PICTURE = Answer(200, _DOT, b"image/gif", ((b"cache-control", b"no-store"),))
"""One transparent dot; not kept, so that it is asked for each time it is shown."""


@lru_cache(maxsize=4096)
def _all_taken(accepted: int, status: int) -> Answer:
    return _judged(accepted, [], 0, status)


def _judged(accepted: int, failures: list[dict[str, Any]], declined: int, status: int) -> Answer:
    document = {"success": True, "accepted": accepted, "failed": len(failures), "results": failures}
    if declined:
        document["declined"] = declined
    return Answer(status, orjson.dumps(document), b"application/json")
