"""The queue of questions to CRMs."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, delete, select, tuple_, update

from wanamaker_shared.service.sql import in_texts, insert_ignore

from ..mapping import Fetch
from ..tables import fetch_queue


class Lane(NamedTuple):
    """A connection of a workspace: its questions are asked of one API."""

    workspace: str
    connection: str


@dataclass(frozen=True, slots=True)
class QueuedFetch:
    workspace: str
    connection: str
    fetch: Fetch
    attempts: int

    @property
    def lane(self) -> Lane:
        return Lane(self.workspace, self.connection)


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
    connection: Connection, dialects: Collection[str], *, now: int, until: int, most: Callable[[Lane], int]
) -> list[QueuedFetch]:
    """The fetches that are due, of each connection at most so many, the longest due first. Nobody else is given them before
    `until`; each counts an attempt."""
    leased = []
    for lane in _lanes(connection):
        due = connection.execute(
            select(fetch_queue)
            .where(*_of(lane), fetch_queue.c.due_at <= now, in_texts(fetch_queue.c.dialect, dialects))
            .order_by(fetch_queue.c.due_at, fetch_queue.c.fetch_id)
            .limit(most(lane))
        ).all()
        for row in due:
            # on PostgreSQL another process may have read the same row: whose update finds it still due has it
            taken = connection.execute(
                update(fetch_queue)
                .where(*_fetch(*lane, row.fetch_id), fetch_queue.c.due_at == row.due_at)
                .values(due_at=until, attempts=row.attempts + 1)
            )
            if taken.rowcount == 1:
                fetch = Fetch(row.fetch_id, row.dialect, json.loads(row.parameters))
                leased.append(QueuedFetch(*lane, fetch, row.attempts + 1))
    return leased


def _lanes(connection: Connection) -> Iterator[Lane]:
    """Whose questions are queued, one step of the index for each: a connection may have a million."""
    lane = _lane_after(connection, Lane("", ""))
    while lane is not None:
        yield lane
        lane = _lane_after(connection, lane)


def _lane_after(connection: Connection, lane: Lane) -> Lane | None:
    columns = (fetch_queue.c.workspace, fetch_queue.c.connection)
    found = connection.execute(
        select(*columns).where(tuple_(*columns) > tuple_(*lane)).order_by(*columns).limit(1)
    ).one_or_none()
    return None if found is None else Lane(*found)


def postpone_fetch(connection: Connection, queued: QueuedFetch, *, due_at: int, counted: bool = True) -> None:
    """`counted`: whether it was an attempt."""
    attempts = queued.attempts if counted else queued.attempts - 1
    connection.execute(
        update(fetch_queue)
        .where(*_fetch(queued.workspace, queued.connection, queued.fetch.id))
        .values(due_at=due_at, attempts=attempts)
    )


def _of(lane: Lane) -> tuple[ColumnElement[bool], ...]:
    return fetch_queue.c.workspace == lane.workspace, fetch_queue.c.connection == lane.connection


def _fetch(workspace: str, source: str, fetch_id: str) -> tuple[ColumnElement[bool], ...]:
    return *_of(Lane(workspace, source)), fetch_queue.c.fetch_id == fetch_id
