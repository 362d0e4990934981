"""Channels by which CRMs tell us what changes: until when each runs, and who renews it now."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, or_, select, update

from wanamaker_shared.service.sql import insert_ignore

from ..tables import watch


def lease_watch(
    connection: Connection, workspace: str, source: str, *, wanted: str, now: int, until: int
) -> int | None:
    """How many attempts there were if the channel is due, or is to be another one; nobody else gets it before `until`."""
    row = {"workspace": workspace, "connection": source, "wanted": wanted, "due_at": now, "attempts": 0}
    insert_ignore(connection, watch, [row])
    due = or_(watch.c.due_at <= now, watch.c.wanted != wanted)
    taken = connection.execute(
        update(watch)
        .where(*_this(workspace, source), due)
        .values(wanted=wanted, due_at=until, attempts=watch.c.attempts + 1)
    )
    if taken.rowcount != 1:
        return None
    return int(connection.execute(select(watch.c.attempts).where(*_this(workspace, source))).scalar_one())


def renewed(connection: Connection, workspace: str, source: str, *, ends_at: int, due_at: int) -> None:
    values = {"ends_at": ends_at, "due_at": due_at, "attempts": 0}
    connection.execute(update(watch).where(*_this(workspace, source)).values(**values))


def postpone_watch(connection: Connection, workspace: str, source: str, *, due_at: int) -> None:
    connection.execute(update(watch).where(*_this(workspace, source)).values(due_at=due_at))


def end_of(connection: Connection, workspace: str, source: str) -> int | None:
    return connection.execute(select(watch.c.ends_at).where(*_this(workspace, source))).scalar()


def _this(workspace: str, source: str) -> tuple[ColumnElement[bool], ...]:
    return watch.c.workspace == workspace, watch.c.connection == source
