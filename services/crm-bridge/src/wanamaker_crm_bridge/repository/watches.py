"""Channels by which CRMs tell us what changes: until when each runs, and who renews it now."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, case, or_, select, update

from wanamaker_shared.service.sql import insert_ignore

from ..tables import watch


class Lease(NamedTuple):
    """Whose channel somebody renews, and until when (microseconds) nobody else does."""

    workspace: str
    source: str
    until: int


def lease_watch(
    connection: Connection, workspace: str, source: str, *, wanted: str, now: int, until: int, latest: int
) -> int | None:
    """How many attempts there were if the channel is due, or is to be another one; nobody else gets it before `until`.

    No channel is due later than `latest`: a clock that was wrong wrote that.
    """
    row = {"workspace": workspace, "connection": source, "wanted": wanted, "due_at": now, "attempts": 0}
    insert_ignore(connection, watch, [row])
    same = watch.c.wanted == wanted
    taken = connection.execute(
        update(watch)
        .where(*_this(workspace, source), or_(watch.c.due_at <= now, watch.c.due_at > latest, ~same))
        .values(
            wanted=wanted,
            due_at=until,
            attempts=watch.c.attempts + 1,
            ends_at=case((same, watch.c.ends_at), else_=None),  # of another channel, which says nothing of this one
        )
    )
    if taken.rowcount != 1:
        return None
    return int(connection.execute(select(watch.c.attempts).where(*_this(workspace, source))).scalar_one())


def renewed(connection: Connection, lease: Lease, *, ends_at: int, due_at: int) -> None:
    """Nothing if somebody else has it by now, who may want another channel."""
    values = {"ends_at": ends_at, "due_at": due_at, "attempts": 0}
    connection.execute(update(watch).where(*_held(lease)).values(**values))


def postpone_watch(connection: Connection, lease: Lease, *, due_at: int) -> None:
    connection.execute(update(watch).where(*_held(lease)).values(due_at=due_at))


def end_of(connection: Connection, workspace: str, source: str) -> int | None:
    return connection.execute(select(watch.c.ends_at).where(*_this(workspace, source))).scalar()


def _this(workspace: str, source: str) -> tuple[ColumnElement[bool], ...]:
    return watch.c.workspace == workspace, watch.c.connection == source


def _held(lease: Lease) -> tuple[ColumnElement[bool], ...]:
    return *_this(lease.workspace, lease.source), watch.c.due_at == lease.until
