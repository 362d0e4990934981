"""All SQL of the crm-bridge. Every function works on the connection it is given and never commits."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, delete, select, update

from wanamaker_shared.contracts.record import Precedence
from wanamaker_shared.service.sql import in_texts, insert_ignore, upsert

from .mapping import Fetch
from .tables import fetch_queue, received


class Delivery(NamedTuple):
    """Which delivery a record of the inbox is."""

    workspace: str
    connection: str
    delivery_id: str


@dataclass(frozen=True, slots=True)
class QueuedFetch:
    workspace: str
    connection: str
    fetch: Fetch
    attempts: int


def load_received(connection: Connection, deliveries: Iterable[Delivery]) -> dict[Delivery, Precedence]:
    """The precedence with which each of the deliveries was mapped; those never mapped are not in the answer."""
    ids: dict[tuple[str, str], set[str]] = defaultdict(set)
    for delivery in deliveries:
        ids[delivery.workspace, delivery.connection].add(delivery.delivery_id)
    known: dict[Delivery, Precedence] = {}
    for (workspace, source), delivery_ids in ids.items():
        rows = connection.execute(
            select(received).where(
                received.c.workspace == workspace,
                received.c.connection == source,
                in_texts(received.c.delivery_id, delivery_ids),
            )
        )
        for row in rows:
            precedence = Precedence(row.negative_revision, row.received_at, row.digest)
            known[Delivery(workspace, source, row.delivery_id)] = precedence
    return known


def save_received(connection: Connection, mapped: Mapping[Delivery, Precedence]) -> None:
    upsert(connection, received, [delivery._asdict() | precedence._asdict() for delivery, precedence in mapped.items()])


def queue_fetch(connection: Connection, workspace: str, source: str, fetch: Fetch, *, due_at: int) -> None:
    """Queue a question once; nothing changes if it is queued already."""
    row = {
        "workspace": workspace,
        "connection": source,
        "fetch_id": fetch.id,
        "dialect": fetch.dialect,
        "parameters": json.dumps(dict(fetch.parameters), sort_keys=True),
        "attempts": 0,
        "due_at": due_at,
    }
    insert_ignore(connection, fetch_queue, [row])


def drop_fetch(connection: Connection, workspace: str, source: str, fetch_id: str) -> None:
    connection.execute(delete(fetch_queue).where(*_fetch(workspace, source, fetch_id)))


def lease_fetches(
    connection: Connection, dialects: Collection[str], *, now: int, until: int, limit: int
) -> list[QueuedFetch]:
    """The fetches that are due, the longest due first. Nobody else is given them before `until`; each counts an attempt."""
    due = connection.execute(
        select(fetch_queue)
        .where(fetch_queue.c.due_at <= now, in_texts(fetch_queue.c.dialect, dialects))
        .order_by(fetch_queue.c.due_at, fetch_queue.c.workspace, fetch_queue.c.connection, fetch_queue.c.fetch_id)
        .limit(limit)
    ).all()
    leased = []
    for row in due:
        # on PostgreSQL another process may have read the same row: whose update finds it still due has it
        taken = connection.execute(
            update(fetch_queue)
            .where(*_fetch(row.workspace, row.connection, row.fetch_id), fetch_queue.c.due_at == row.due_at)
            .values(due_at=until, attempts=row.attempts + 1)
        )
        if taken.rowcount == 1:
            fetch = Fetch(row.fetch_id, row.dialect, json.loads(row.parameters))
            leased.append(QueuedFetch(row.workspace, row.connection, fetch, row.attempts + 1))
    return leased


def postpone_fetch(connection: Connection, queued: QueuedFetch, *, due_at: int) -> None:
    connection.execute(
        update(fetch_queue).where(*_fetch(queued.workspace, queued.connection, queued.fetch.id)).values(due_at=due_at)
    )


def _fetch(workspace: str, source: str, fetch_id: str) -> tuple[ColumnElement[bool], ...]:
    return (
        fetch_queue.c.workspace == workspace,
        fetch_queue.c.connection == source,
        fetch_queue.c.fetch_id == fetch_id,
    )
