"""Requests as the tracker in a browser sends them through a proxy, no two alike: events, cookies, addresses.

What the collector remembers of a visitor it meets as often as it would with many of them: four requests each, a thousand
visitors at a time, and more of them than any of its caches holds.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, NamedTuple

import orjson

from wanamaker_collector.cookies import VisitorCookie
from wanamaker_shared.service.keys import WorkspaceKeys

WEBSITE = "https://shop.test"
BATCH_PATH = "/v1/batch"
VISITORS = 70_000
TEMPLATES = 4000
"""How many different events there are, but for their serial numbers."""

_AT_A_TIME = 1000
_REQUESTS_EACH = 4
_DAY = 86400
_SERIAL = "@serial@"  # as long as the eight digits that take its place

_BROWSERS = [
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{n}.0.0.0 Safari/537.36"
    for n in range(110, 130)
]


class _Template(NamedTuple):
    head: bytes
    body: list[bytes]
    """What stands between the serial numbers."""


class Traffic:
    """Requests of `events` events each, by number. They differ in ids, cookies and addresses; their lengths do not.

    `text`: plain text, for which no browser asks permission first, as the tracker sends it; else declared as JSON.
    """

    def __init__(self, keys: WorkspaceKeys, visitors: Sequence[bytes], *, events: int = 1, text: bool = True) -> None:
        now = datetime.now(UTC)
        media_type = "text/plain;charset=UTF-8" if text else "application/json"
        self._visitors = visitors
        self._templates = []
        for first in range(0, TEMPLATES, events):
            batch = [example_event(first + n, now) for n in range(events)]
            body = orjson.dumps({"writeKey": keys.write_key, "sentAt": _iso(now), "batch": batch})
            self._templates.append(_template(body, media_type))

    def request(self, number: int) -> bytes:
        head, body = self._templates[number % len(self._templates)]
        serial = b"%08d" % (number % 100_000_000)
        return b"".join((head, self._visitors[visitor_of(number) % len(self._visitors)], serial.join(body)))

    def requests(self, first: int = 0) -> Iterator[bytes]:
        """From this number on, without end."""
        return map(self.request, count(first))


def visitors_of(keys: WorkspaceKeys, number: int = VISITORS) -> list[bytes]:
    """What is each visitor's own in the head of a request, to its end."""
    cookie, today = VisitorCookie(keys.workspace, keys.cookie_secrets), int(time.time()) // _DAY
    return [_visitor(visitor, cookie, today) for visitor in range(number)]


def visitor_of(number: int) -> int:
    """Whose the request with this number is."""
    return number // (_AT_A_TIME * _REQUESTS_EACH) * _AT_A_TIME + number % _AT_A_TIME


def serial_of(message_id: str) -> int:
    """The number of the request that brought the event with this id."""
    return int(message_id.rpartition("-")[2])


def example_event(number: int, now: datetime) -> dict[str, Any]:
    """Seven page views, two other actions and one form of ten; a third of the pages come from an advertisement."""
    url = f"{WEBSITE}/products/{number % 211}"
    if number % 3 == 0:
        url += f"?utm_source=google&utm_medium=cpc&utm_campaign=brand-{number % 7}&gclid=Cj0KCQiA{number:04d}{_SERIAL}"
    event: dict[str, Any] = {
        "type": "page",
        "messageId": f"wm-4b0e-9c1d-{number:04x}-{_SERIAL}",
        "anonymousId": f"{number // 4:08x}-9c56-4e0a-8f7b-2d1c{_SERIAL}",
        "timestamp": _iso(now - timedelta(milliseconds=number)),
        "context": {
            "page": {"url": url, "referrer": "https://www.google.com/", "title": "Product"},
            "library": {"name": "wanamaker.js", "version": "1.0.0"},
            "locale": "en-GB",
            "consent": {"categoryPreferences": {"analytics": True, "marketing": True}},
        },
    }
    if number % 10 in (7, 8):
        event |= {"type": "track", "event": "Product Viewed", "properties": {"sku": f"S{_SERIAL}", "price": 12.5}}
    elif number % 10 == 9:
        properties = {"form": "demo", "email": f"visitor{number}.{_SERIAL}@example.com", "company": "Example Ltd"}
        event |= {"type": "track", "event": "Form Submitted", "properties": properties}
    return event


def visitor_id(visitor: int) -> str:
    """The id in this visitor's cookie."""
    return f"{visitor:032x}"


def user_agent(visitor: int) -> str:
    return _BROWSERS[visitor % len(_BROWSERS)]


def address(visitor: int) -> str:
    """A public address; of every third visitor an IPv6 one."""
    high, low = divmod(visitor, 1 << 8)
    return f"2a02:8100:{high:x}:{low:x}::1" if visitor % 3 == 0 else f"80.{high >> 8}.{high & 255}.{low}"


def _template(body: bytes, media_type: str) -> _Template:
    head = (
        f"POST {BATCH_PATH} HTTP/1.1\r\nHost: c.shop.test\r\nConnection: keep-alive\r\nContent-Length: {len(body)}\r\n"
        'sec-ch-ua-platform: "Windows"\r\nsec-ch-ua-mobile: ?0\r\nAccept: */*\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n'
        f"Accept-Language: en-GB,en;q=0.9\r\nContent-Type: {media_type}\r\nOrigin: {WEBSITE}\r\n"
        f"Referer: {WEBSITE}/\r\nSec-Fetch-Dest: empty\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Site: same-site\r\n"
    )
    return _Template(head.encode(), body.split(_SERIAL.encode()))


def _visitor(number: int, cookie: VisitorCookie, today: int) -> bytes:
    ours = cookie.issue(visitor_id(number), today).partition(b";")[0].decode()
    return (
        f"User-Agent: {user_agent(number)}\r\n"
        f"Cookie: _ga=GA1.1.{number:010d}.1767225600; {ours}\r\n"
        f"X-Forwarded-For: {address(number)}\r\nX-Forwarded-Proto: https\r\n\r\n"
    ).encode()


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
