"""Requests taken apart without the collector's doing, so that whatever it remembers of one, it has not seen it yet."""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import count, islice
from typing import Any

import orjson

from wanamaker_collector.credentials import Credentials
from wanamaker_collector.intake import BATCH, take_in
from wanamaker_collector.mapping import Origin
from wanamaker_collector.reading import Envelope
from wanamaker_collector.sites import Site
from wanamaker_collector.visitors import Visitor
from wanamaker_shared.service.keys import Keyring

from .browser import BATCH_PATH, TEMPLATES, VISITORS, Traffic, address, user_agent, visitor_id, visitor_of, visitors_of


@dataclass(frozen=True, slots=True)
class Sent:
    """One request of one event, as each part of the collector is given it."""

    scope: dict[str, Any]
    headers: dict[bytes, bytes]
    body: bytes
    envelope: Envelope
    visitor: Visitor
    record: dict[str, Any]
    """The fields of a record from such an event."""

    @property
    def event(self) -> dict[str, Any]:
        event: dict[str, Any] = self.envelope.events[0]
        return event

    @property
    def context(self) -> dict[str, Any]:
        context: dict[str, Any] = self.event["context"]
        return context

    @property
    def email(self) -> str | None:
        email: str | None = self.event.get("properties", {}).get("email")
        return email


class Sents:
    """Fresh requests without end, and what the collector knows of their sender."""

    def __init__(self, keyring: Keyring, *, visitors: int = VISITORS) -> None:
        (keys,) = keyring.workspaces.values()
        credentials = Credentials(keyring)
        origin = credentials.of_body(keys.write_key)
        assert origin is not None
        assert origin.site is not None
        self.credentials = credentials
        self.origin: Origin = origin
        self.site: Site = origin.site
        self.received_at = time.time_ns() // 1000
        self._traffic = Traffic(keys, visitors_of(keys, visitors))
        self._numbers = count()
        self._records: list[dict[str, Any]] = []
        self._records = [self._record(sent) for sent in self.take(TEMPLATES)]

    def take(self, number: int) -> list[Sent]:
        return [self._sent(nth) for nth in islice(self._numbers, number)]

    def _sent(self, number: int) -> Sent:
        head, _, body = self._traffic.request(number).partition(b"\r\n\r\n")
        lines = [line.partition(b": ") for line in head.split(b"\r\n")[1:]]
        headers = [(name.lower(), value) for name, _, value in lines]
        document = orjson.loads(body)
        visitor = visitor_of(number)
        return Sent(
            scope={
                "type": "http",
                "method": "POST",
                "path": BATCH_PATH,
                "client": (address(visitor), 0),
                "headers": headers,
            },
            headers=dict(headers),
            body=body,
            envelope=Envelope(document, document["writeKey"], document.pop("batch"), unsafe=False),
            visitor=Visitor(self.site, visitor_id(visitor), address(visitor), user_agent(visitor)),
            record=self._records[number % TEMPLATES] if self._records else {},
        )

    def _record(self, sent: Sent) -> dict[str, Any]:
        taken = take_in(sent.body, sent.envelope, BATCH, self.origin, self.received_at, sent.visitor)
        fields: dict[str, Any] = orjson.loads(taken.records[0].value)
        return fields
