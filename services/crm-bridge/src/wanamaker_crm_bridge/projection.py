"""What `consume` does with the raw inbox: each delivery is mapped once, and what it says goes to `crm-events`.

A delivery that comes again emits nothing. If the inbox holds two with one identity, the one with precedence counts: should it
come second, it is mapped too, and the readers of `crm-events` keep its records by the same rule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import orjson
from sqlalchemy import Connection, MetaData

from wanamaker_shared.contracts import crm_webhooks
from wanamaker_shared.contracts.crm_events import CrmEvent
from wanamaker_shared.contracts.crm_webhooks import WebhookReceived
from wanamaker_shared.contracts.record import Precedence, precedence
from wanamaker_shared.eventlog.outbox import emit
from wanamaker_shared.eventlog.port import Batch, StoredRecord
from wanamaker_shared.eventlog.projection import Counts
from wanamaker_shared.service.errors import SafeError
from wanamaker_shared.service.keys import Keyring
from wanamaker_shared.service.metrics import CRM_ITEMS

from .connections import Connections
from .dialects import DIALECTS, RESTATING
from .emitting import event_record, failed_record, subject, what
from .inbox import FETCHED, webhook_of
from .mapping import Context, Dialect, Fetch, Mapped, Webhook
from .repository.deliveries import Delivery, Statement, load_received, new_among, save_received
from .repository.fetches import drop_fetch, queue_fetch
from .repository.runs import Missed, count_page
from .tables import metadata, outbox


class BridgeProjection:
    """See `wanamaker_shared.eventlog.projection.Projection`. `keyring` has the key that hashes each workspace's e-mails."""

    topics: tuple[str, ...] = (crm_webhooks.TOPIC,)
    rules_version = 1
    metadata: MetaData = metadata

    def __init__(self, keyring: Keyring, connections: Connections, dialects: Mapping[str, Dialect] = DIALECTS) -> None:
        self._keyring = keyring
        self._connections = connections
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
            asked |= {
                _answer(record, fetch): Question(fetch, record.received_at + fetch.delay) for fetch in mapped.fetches
            }
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
        if record.dialect in RESTATING:
            self._state(connection, webhook, mapped)
        else:
            emit(connection, outbox, [event_record(event) for event in mapped.events])
        if mapped.failures:
            emit(connection, outbox, [failed_record(webhook, mapped.failures, where, stored.value)])
        if record.event_id.startswith(FETCHED):
            drop_fetch(connection, record.workspace, record.source, record.event_id.removeprefix(FETCHED))
        for outcome, number in _outcomes(mapped):
            CRM_ITEMS.labels(outcome).inc(number)
        return mapped

    def _state(self, connection: Connection, webhook: Webhook, mapped: Mapped) -> None:
        """Emit what was not emitted before, and count what of it a reconciliation found."""
        known_by = {Statement(event.event_id, event.revision): event for event in mapped.events}
        contents = {Statement(content, 0) for content in mapped.standing.values()}
        new = new_among(connection, webhook.workspace, webhook.connection, known_by.keys() | contents)
        news = [event for statement, event in known_by.items() if statement in new]
        emit(connection, outbox, [event_record(event) for event in news])
        if mapped.run is not None:
            missed = [
                event
                for event in news
                if event.event_id not in mapped.standing or Statement(mapped.standing[event.event_id], 0) in new
            ]
            _count(connection, webhook, mapped, mapped.run, missed)

    def _map(self, webhook: Webhook, dialect: str) -> Mapped:
        """Raises SafeError where the fault is ours, so that the runner sets the record aside, and stops if it goes on."""
        if webhook.workspace not in self._keyring.workspaces:
            raise SafeError("the workspace of this webhook is not in keys.json; restart `consume` after adding one")
        if dialect not in self._dialects:
            raise SafeError(f"no mapping of this version reads the dialect {dialect}")
        keys = self._keyring.workspaces[webhook.workspace]
        readable = webhook.connection in keys.crm_access
        return self._dialects[dialect](
            webhook, Context(keys.hmac_key, self._connections.of(webhook.connection), readable)
        )


class Question(NamedTuple):
    fetch: Fetch
    due_at: int


def _count(connection: Connection, webhook: Webhook, mapped: Mapped, run: str, missed: Sequence[CrmEvent]) -> None:
    """One page of a reconciliation, and what of it no webhook had said."""
    count_page(
        connection,
        webhook.workspace,
        webhook.connection,
        run,
        statements=len(mapped.events),
        news=[Missed(subject(event), what(event), event.occurred_at) for event in missed],
        unreadable=len(mapped.failures),
        last=not mapped.fetches,
        at=webhook.received_at,
    )


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
