"""What `consume` does with the raw inbox: each delivery is mapped once, and what it says goes to `crm-events`.

A delivery that comes again emits nothing. If the inbox holds two with one identity, the one with precedence counts: should it
come second, it is mapped too, and the readers of `crm-events` keep its records by the same rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import orjson
from sqlalchemy import Connection, MetaData

from wanamaker_shared.contracts import crm_webhooks
from wanamaker_shared.contracts.crm_webhooks import WebhookReceived
from wanamaker_shared.contracts.record import Precedence, precedence
from wanamaker_shared.eventlog.outbox import emit
from wanamaker_shared.eventlog.port import Batch, StoredRecord
from wanamaker_shared.eventlog.projection import Counts
from wanamaker_shared.service.errors import SafeError
from wanamaker_shared.service.keys import Keyring
from wanamaker_shared.service.metrics import CRM_ITEMS

from .dialects import DIALECTS
from .emitting import event_record, failed_record
from .inbox import FETCHED, webhook_of
from .mapping import Dialect, Fetch, Mapped, Webhook
from .repository import Delivery, drop_fetch, load_received, queue_fetch, save_received
from .tables import metadata, outbox


class BridgeProjection:
    """See `wanamaker_shared.eventlog.projection.Projection`. `keyring` has the key that hashes each workspace's e-mails."""

    topics: tuple[str, ...] = (crm_webhooks.TOPIC,)
    rules_version = 1
    metadata: MetaData = metadata

    def __init__(self, keyring: Keyring, dialects: Mapping[str, Dialect] = DIALECTS) -> None:
        self._keyring = keyring
        self._dialects = dialects
        self.outbox = outbox

    def apply(self, connection: Connection, batch: Batch) -> Counts:
        inbox = [(stored, record) for stored in batch.records if (record := _parse(stored.value)) is not None]
        known = load_received(connection, (_delivery(record) for _, record in inbox))
        fresh: dict[Delivery, Precedence] = {}
        asked: dict[Delivery, Question] = {}
        duplicates = skipped = 0
        for stored, record in inbox:
            delivery, rank = _delivery(record), precedence(record, stored.value)
            before = fresh.get(delivery) or known.get(delivery)
            if before is not None:
                duplicates += 1
                if rank >= before:
                    continue
            fresh[delivery] = rank
            mapped = self._take_in(connection, batch, stored, record)
            asked |= {_answer(record, fetch): Question(fetch, record.received_at) for fetch in mapped.fetches}
            if before is None and not mapped.events and not mapped.failures and mapped.skipped:
                skipped += 1
        save_received(connection, fresh)
        _queue(connection, asked)
        skipped += len(batch.records) - len(inbox)
        return Counts(len(batch.records) - duplicates - skipped, duplicates, skipped)

    def _take_in(self, connection: Connection, batch: Batch, stored: StoredRecord, record: WebhookReceived) -> Mapped:
        webhook = webhook_of(record)
        mapped = self._map(webhook, record.dialect)
        where = f"{batch.topic}/{batch.partition}/{stored.offset}"
        emit(connection, outbox, [event_record(event) for event in mapped.events])
        if mapped.failures:
            emit(connection, outbox, [failed_record(webhook, mapped.failures, where, stored.value)])
        if record.event_id.startswith(FETCHED):
            drop_fetch(connection, record.workspace, record.source, record.event_id.removeprefix(FETCHED))
        for outcome, number in _outcomes(mapped):
            CRM_ITEMS.labels(outcome).inc(number)
        return mapped

    def _map(self, webhook: Webhook, dialect: str) -> Mapped:
        """Raises SafeError where the fault is ours, so that the runner sets the record aside, and stops if it goes on."""
        if webhook.workspace not in self._keyring.workspaces:
            raise SafeError("the workspace of this webhook is not in keys.json; restart `consume` after adding one")
        if dialect not in self._dialects:
            raise SafeError(f"no mapping of this version reads the dialect {dialect}")
        return self._dialects[dialect](webhook, self._keyring.hmac_key(webhook.workspace))


class Question(NamedTuple):
    fetch: Fetch
    due_at: int


def _queue(connection: Connection, asked: Mapping[Delivery, Question]) -> None:
    """Queue what the batch's mappings ask, unless the inbox had the answer before, which is then among the received."""
    answered = load_received(connection, asked)
    for answer, (fetch, due_at) in asked.items():
        if answer not in answered:
            queue_fetch(connection, answer.workspace, answer.connection, fetch, due_at=due_at)


def _parse(value: bytes) -> WebhookReceived | None:
    """None for a record of a type that this version does not know."""
    document = orjson.loads(value)
    if document["type"] not in crm_webhooks.TYPES:
        return None
    return crm_webhooks.adapter.validate_python(document)


def _delivery(record: WebhookReceived) -> Delivery:
    return Delivery(record.workspace, record.source, record.event_id)


def _answer(record: WebhookReceived, fetch: Fetch) -> Delivery:
    return Delivery(record.workspace, record.source, FETCHED + fetch.id)


def _outcomes(mapped: Mapped) -> list[tuple[str, int]]:
    return [("mapped", len(mapped.events)), ("failed", len(mapped.failures)), ("skipped", mapped.skipped)]
