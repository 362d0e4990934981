"""A vendor's answer: fetched within bounds of size and time, read as JSON without loss, and how long it wants to be left alone.

Nothing a vendor sends may fill the memory, stop the queue or stand in a message: an answer may quote somebody's record.
"""

from __future__ import annotations

import asyncio
import json
import re
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn

import httpx
import orjson

from wanamaker_crm_bridge.fetching import MOST_ANSWER_BYTES
from wanamaker_crm_bridge.limits import AnswerTooLarge
from wanamaker_shared.service.errors import SafeError

MOST_BYTES = MOST_ANSWER_BYTES
"""Of one answer, and of the document made of several."""
MOST_SECONDS = 60.0
"""How long one answer may take, however steadily it drips."""

_DAY = 86_400.0
_HOUR = 3_600.0
_WHOLE = (b"content-encoding", b"content-length", b"transfer-encoding")
"""Headers that are untrue of a body that was read."""
_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPED = re.compile(rb"\\u[dD][89a-fA-F]")


class ApiRefused(SafeError):
    """What the API answered in the end; never its text, which may quote somebody's record. `answer` has it for the reader."""

    def __init__(self, reason: str, answer: httpx.Response | None = None) -> None:
        super().__init__(reason)
        self.answer = answer


class TooLarge(ApiRefused, AnswerTooLarge):
    """More than `MOST_BYTES`; a reader may ask for fewer objects at once."""


async def exchange(client: httpx.AsyncClient, method: str, url: str, **request: Any) -> httpx.Response:
    """One request and its whole answer. Raises TooLarge, or httpx.TransportError when nobody answered, or not in time.

    A redirect is not followed: httpx would take headers of the vendor's own, and so the access, along to another host.
    """
    body = bytearray()
    try:
        async with (
            asyncio.timeout(MOST_SECONDS),
            client.stream(method, url, follow_redirects=False, **request) as answer,
        ):
            async for part in answer.aiter_bytes():
                body += part
                if len(body) > MOST_BYTES:
                    raise TooLarge(f"{method} {answer.request.url.path} was answered more than {MOST_BYTES} bytes")
    except TimeoutError:
        raise httpx.ReadTimeout(f"the answer took longer than {MOST_SECONDS:.0f} seconds") from None
    headers = [(name, value) for name, value in answer.headers.raw if name.lower() not in _WHOLE]
    return httpx.Response(answer.status_code, headers=headers, content=bytes(body))


def json_of(answer: httpx.Response, what: str) -> Any:
    """None for an empty body. Decimals stay as they were written: a float would lose cents of a large amount.

    Raises ApiRefused for what is no JSON: a page of a proxy, or half of an answer.
    """
    if not answer.content:
        return None
    try:
        found = json.loads(
            answer.content, parse_float=orjson.Fragment, parse_int=_integer, parse_constant=_refuse_constant
        )
        return _cleaned(found) if _ESCAPED.search(answer.content) else found
    except (ValueError, RecursionError):
        raise ApiRefused(f"{what} was answered {answer.status_code} with what is no JSON", answer) from None


def wait_asked(answer: httpx.Response) -> float | None:
    """For how many seconds the vendor wants to be left alone, at most a day; None if it does not say (that we understood)."""
    asked = answer.headers.get("retry-after", "").strip()
    if _is_number(asked):
        return min(float(asked[:9]), _DAY)
    until, now = _date(asked), _date(answer.headers.get("date", ""))
    if until is not None and now is not None:  # by the vendor's own clock
        return min(max((until - now).total_seconds(), 0.0), _DAY)
    window = answer.headers.get("x-ratelimit-reset", "")  # Pipedrive: in how many seconds; others tell a date here
    if answer.status_code == 429 and _is_number(window) and float(window[:9]) < _HOUR:
        return float(window)
    return None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return found if found.tzinfo is not None else None


def _integer(text: str) -> Any:
    """What no 64 bits hold stays as it was written too."""
    return int(text) if len(text) <= 18 else orjson.Fragment(text)


def _refuse_constant(_: str) -> NoReturn:
    raise ValueError("NaN and Infinity are no JSON")


def _cleaned(value: Any) -> Any:
    """Half an emoji, which a CRM cut off, could not be written again: it becomes U+FFFD."""
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_cleaned(name): _cleaned(each) for name, each in value.items()}
    return [_cleaned(each) for each in value] if isinstance(value, list) else value
