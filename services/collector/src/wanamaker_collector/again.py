"""A failed event once more through the same intake, as of the time it was received at first. Pure.

It stays the event it was: its id is its messageId, or the failed_id where it has none, however often it is edited.
"""

from __future__ import annotations

from dataclasses import replace

import orjson

from wanamaker_shared.contracts import web_events
from wanamaker_shared.contracts.failed_events import EventFailed
from wanamaker_shared.contracts.record import canonical
from wanamaker_shared.eventlog.port import NewRecord
from wanamaker_shared.failed.schemas import rfc3339
from wanamaker_shared.failed.ways import CannotReplay, TopicWay
from wanamaker_shared.service.keys import Keyring

from .failing import ORIGIN
from .intake import take_in
from .mapping import Origin, Refused
from .reading import Unreadable, read_single

RECORDS = TopicWay(web_events.TOPIC, web_events.adapter, lambda record: web_events.key(record.workspace, record.sender))
"""What a consumer set aside of `web-events`."""


class FrontDoorWay:
    """What the front door refused: `where` is the endpoint, `source` the id of the key that it came with."""

    def __init__(self, keyring: Keyring, form_events: frozenset[str]) -> None:
        self._keyring = keyring
        self._form_events = form_events

    def owns(self, origin: str, where: str) -> bool:
        return origin == ORIGIN and where.startswith("/v1/")

    def first_revision(self, failed: EventFailed, *, edited: bool) -> int:
        return 1 if edited else 0

    def again(self, failed: EventFailed, raw: bytes, *, revision: int) -> NewRecord:
        """The web event. Raises CannotReplay with the reason why it fails again."""
        endpoint = failed.where.removeprefix("/v1/").partition("[")[0]
        try:
            envelope = read_single(raw)
            (event,) = envelope.events
            if event.get("messageId") in (None, ""):
                event = {**event, "messageId": failed.event_id}
            sent_at = {} if failed.sent_at is None else {"sentAt": rfc3339(failed.sent_at)}
            envelope = replace(envelope, fields=sent_at, events=[event])
            intake = take_in(raw, envelope, endpoint, self._origin(failed), failed.received_at)
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

    def _origin(self, failed: EventFailed) -> Origin:
        grant = self._keyring.grant_of(failed.workspace, failed.source)
        if grant is None or grant.role not in ("write", "secret"):
            raise CannotReplay(
                f"it came with the key {failed.source}, which keys.json does not have any more; put that key back, "
                "or send the event anew with another"
            )
        return Origin(
            workspace=grant.workspace,
            source=grant.key_id,
            browser=grant.role == "write",
            workspace_key=self._keyring.hmac_key(grant.workspace),
            form_events=self._form_events,
        )
