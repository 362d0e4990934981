"""A failed event once more through the same intake, as of the time it was received at first. Pure.

It stays the event it was: its id is its messageId, or the failed_id where it has none, however often it is edited.
"""

from __future__ import annotations

from typing import Any

import orjson

from wanamaker_shared.contracts import web_events
from wanamaker_shared.contracts.failed_events import EventFailed
from wanamaker_shared.contracts.record import canonical
from wanamaker_shared.eventlog.port import NewRecord
from wanamaker_shared.failed.ways import CannotReplay, TopicWay
from wanamaker_shared.service.keys import Keyring

from .credentials import Credentials
from .dialects import ANSWERS, PICTURES, read_dialect
from .failing import ORIGIN
from .headers import Headers
from .intake import BATCH, take_in
from .mapping import Origin
from .reading import Envelope, Unreadable, read_single
from .refusing import Refused

RECORDS = TopicWay(web_events.TOPIC, web_events.adapter, lambda record: web_events.key(record.workspace, record.sender))
"""What a consumer set aside of `web-events`."""


class FrontDoorWay:
    """What the front door refused: `where` is the endpoint, `source` the id of the key that it came with."""

    def __init__(self, keyring: Keyring, credentials: Credentials) -> None:
        self._keyring = keyring
        self._credentials = credentials

    def owns(self, origin: str, where: str) -> bool:
        return origin == ORIGIN and where.startswith("/")

    def first_revision(self, failed: EventFailed, *, edited: bool) -> int:
        return 1 if edited else 0

    def again(self, failed: EventFailed, raw: bytes, *, revision: int) -> NewRecord:
        """The web event. Raises CannotReplay with the reason why it fails again."""
        path = failed.where.partition("[")[0]
        try:
            envelope = self._envelope(path, raw, failed.received_at)
            if len(envelope.events) != 1:
                raise CannotReplay(f"it has to be one event, not {len(envelope.events)}", again=True)
            (event,) = envelope.events
            if isinstance(event, dict):
                event = _completed(event, failed, edited=revision > 0)
            envelope = envelope._replace(fields={}, events=[event])
            endpoint = BATCH if envelope.where else path.removeprefix("/v1/")
            intake = take_in(raw, envelope, endpoint, self._origin(failed), failed.received_at, sent_at=failed.sent_at)
        except (Unreadable, Refused) as error:
            raise CannotReplay(str(error), again=True) from error
        if intake.failures:
            raise CannotReplay(intake.failures[0]["reason"], again=True)
        if not intake.records:
            raise CannotReplay("its visitor declined to be measured, so nothing of it may be stored")
        (record,) = intake.records
        if revision == 0:
            return record
        value = canonical({**orjson.loads(record.value), "revision": revision})
        return NewRecord(record.topic, record.key, value)

    def _envelope(self, path: str, raw: bytes, received_at: int) -> Envelope:
        """The one event of the bytes, as the endpoint reads it; of a body of several they are those of the one."""
        if path not in ANSWERS:
            return read_single(raw)
        body = raw if path in PICTURES else b'{"data":[' + raw + b"]}"
        envelope = read_dialect(path, body, Headers(), keyed=False, received_at=received_at)
        if self._credentials.of_body(envelope.write_key) is not None:
            return envelope
        return read_dialect(path, body, Headers(), keyed=True, received_at=received_at)

    def _origin(self, failed: EventFailed) -> Origin:
        grant = self._keyring.grant_of(failed.workspace, failed.source)
        if grant is None or grant.role not in ("write", "secret"):
            raise CannotReplay(
                f"it came with the key {failed.source}, which keys.json does not have any more; put that key back, "
                "or send the event anew with another"
            )
        return self._credentials.of_grant(grant)


def _completed(event: dict[str, Any], failed: EventFailed, *, edited: bool) -> dict[str, Any]:
    """The event with its own id, and with what the browser's request said of it: the cookie's sender, the user agent."""
    own: dict[str, Any] = {}
    if event.get("messageId") in (None, ""):
        own["messageId"] = failed.event_id
    sender = failed.personal.key
    if sender and not sender.startswith("u:") and not (edited and event.get("anonymousId")):
        own["anonymousId"] = sender
    context = event.get("context") or {}
    if isinstance(context, dict) and not context.get("userAgent") and "user_agent" in failed.personal.v:
        own["context"] = {**context, "userAgent": failed.personal.v["user_agent"]}
    return {**event, **own}
