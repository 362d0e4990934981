"""The queue of questions to CRMs."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, delete, select, update

from wanamaker_shared.service.sql import in_texts, insert_ignore

from ..mapping import Fetch
from ..tables import fetch_queue


@dataclass(frozen=True, slots=True)
class QueuedFetch:
    workspace: str
    connection: str
    fetch: Fetch
    attempts: int


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


def postpone_fetch(connection: Connection, queued: QueuedFetch, *, due_at: int, counted: bool = True) -> None:
    """`counted`: whether it was an attempt."""
    attempts = queued.attempts if counted else queued.attempts - 1
    connection.execute(
        update(fetch_queue)
        .where(*_fetch(queued.workspace, queued.connection, queued.fetch.id))
        .values(due_at=due_at, attempts=attempts)
    )


def _fetch(workspace: str, source: str, fetch_id: str) -> tuple[ColumnElement[bool], ...]:
    return (
        fetch_queue.c.workspace == workspace,
        fetch_queue.c.connection == source,
        fetch_queue.c.fetch_id == fetch_id,
    )
