"""A failed webhook, a record of `crm-events` that a consumer set aside, or a question that was given up, once more through the
inbox. Pure.

What is mapped is mapped here first, so that who asks is told at once what fails again.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping

from pydantic import ValidationError

from wanamaker_shared.contracts import crm_events, crm_webhooks
from wanamaker_shared.contracts.crm_webhooks import WebhookReceived
from wanamaker_shared.contracts.failed_events import EventFailed
from wanamaker_shared.contracts.record import Personal, encode
from wanamaker_shared.eventlog.port import NewRecord
from wanamaker_shared.failed.kept import kept, topic_of
from wanamaker_shared.failed.ways import CannotReplay, TopicWay, envelope_of
from wanamaker_shared.service.keys import Keyring

from .connections import Connections
from .dialects import DIALECTS
from .dialects.question import DIALECT as QUESTION
from .dialects.record import DIALECT as RECORD
from .emitting import ASKED, ORIGIN, event_record
from .inbox import webhook_of
from .mapping import Context, Dialect

_TOLD = 20
VERIFIED_BY = "admin-key"


class WebhookWay:
    """A delivery is mapped again under a higher revision, for of a delivery that was mapped the same one says nothing twice.

    An edit is the webhook's body; its headers, delivery id and time of reception stay.
    """

    def __init__(self, keyring: Keyring, connections: Connections, dialects: Mapping[str, Dialect] = DIALECTS) -> None:
        self._keyring = keyring
        self._connections = connections
        self._dialects = dialects

    def owns(self, origin: str, where: str) -> bool:
        return topic_of(where) == crm_webhooks.TOPIC

    def first_revision(self, failed: EventFailed, *, edited: bool) -> int:
        envelope = envelope_of(kept(failed).raw)
        return (envelope.revision if envelope is not None else 0) + 1

    def again(self, failed: EventFailed, raw: bytes, *, revision: int) -> NewRecord:
        was = kept(failed).raw
        try:
            record = crm_webhooks.adapter.validate_json(was)
            changes: dict[str, object] = {"revision": revision}
            if raw != was:
                changes["personal"] = Personal(
                    key=record.personal.key, v={**record.personal.v, "body": base64.b64encode(raw).decode()}
                )
            record = record.model_copy(update=changes)
            webhook = webhook_of(record)
        except (ValidationError, ValueError, KeyError) as error:
            raise CannotReplay(
                "what is kept of it is no webhook that this version reads; send it again from the CRM"
            ) from error
        dialect = self._dialects.get(record.dialect)
        if dialect is None or record.workspace not in self._keyring.workspaces:
            raise CannotReplay(f"no mapping of this version reads the dialect {record.dialect}", again=True)
        keys = self._keyring.workspaces[record.workspace]
        readable = record.source in keys.crm_access
        context = Context(keys.hmac_key, self._connections.of(record.source), readable)
        failures = dialect(webhook, context).failures
        if failures:
            told = "; ".join(f"{failure.item}: {failure.reason}" for failure in failures[:_TOLD])
            raise CannotReplay(told, again=True)
        return NewRecord(crm_webhooks.TOPIC, crm_webhooks.key(record.workspace, record.source), encode(record))


class RecordWay:
    """A record of `crm-events`: the same bytes, or edited ones of a higher revision, said again by `consume`."""

    def __init__(self) -> None:
        self._checked = TopicWay(crm_events.TOPIC, crm_events.adapter, lambda record: event_record(record).key)

    def owns(self, origin: str, where: str) -> bool:
        return self._checked.owns(origin, where)

    def first_revision(self, failed: EventFailed, *, edited: bool) -> int:
        return self._checked.first_revision(failed, edited=edited)

    def again(self, failed: EventFailed, raw: bytes, *, revision: int) -> NewRecord:
        event = crm_events.adapter.validate_json(self._checked.again(failed, raw, revision=revision).value)
        return _inbox_record(failed, event.source, encode(event), dialect=RECORD, revision=revision)


class QuestionWay:
    """A question to a CRM's API that was given up: asked once more, as it was."""

    def owns(self, origin: str, where: str) -> bool:
        return origin == ORIGIN and where.startswith(ASKED)

    def first_revision(self, failed: EventFailed, *, edited: bool) -> int:
        return 0

    def again(self, failed: EventFailed, raw: bytes, *, revision: int) -> NewRecord:
        if raw != kept(failed).raw:
            raise CannotReplay("a question to a CRM's API is asked as it was, not edited")
        return _inbox_record(failed, failed.source, raw, dialect=QUESTION, revision=revision)


def _inbox_record(failed: EventFailed, source: str, body: bytes, *, dialect: str, revision: int) -> NewRecord:
    record = WebhookReceived(
        workspace=failed.workspace,
        source=source,
        event_id=f"replay:{failed.event_id}",
        revision=revision,
        occurred_at=failed.received_at,
        received_at=failed.received_at,
        dialect=dialect,
        verified_by=VERIFIED_BY,
        personal=Personal(key=failed.personal.key, v={"body": base64.b64encode(body).decode()}),
    )
    return NewRecord(crm_webhooks.TOPIC, crm_webhooks.key(record.workspace, record.source), encode(record))
