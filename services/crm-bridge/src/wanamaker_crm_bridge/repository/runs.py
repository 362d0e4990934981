"""Reconciliations: what each has read and what webhooks had missed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, select, update

from wanamaker_shared.service.sql import insert_ignore

from ..tables import missed, run


@dataclass(frozen=True, slots=True)
class Run:
    """Times in microseconds. `statements` is what the CRM said, `missed` what of it was news, `unreadable` what went to
    failed-events; `failed` says why it stopped."""

    connection: str
    run: str
    since: int
    started_at: int
    finished_at: int | None
    lists: int
    lists_read: int
    pages: int
    statements: int
    missed: int
    unreadable: int
    failed: str | None


@dataclass(frozen=True, slots=True)
class Missed:
    """A statement that no webhook had brought: about what, which properties, and since when it is so."""

    about: str
    what: str
    at: int


MOST_TOLD = 1_000
"""How many missed statements of a run are kept by name; the rest are counted."""

_COLUMNS = [run.c[name] for name in Run.__dataclass_fields__]


def start_run(
    connection: Connection, workspace: str, source: str, name: str, *, since: int, at: int, lists: int
) -> None:
    counts = dict.fromkeys(("lists_read", "pages", "statements", "missed", "unreadable"), 0)
    row = {"workspace": workspace, "connection": source, "run": name, "since": since, "started_at": at, "lists": lists}
    insert_ignore(connection, run, [row | counts])


def count_page(
    connection: Connection,
    workspace: str,
    source: str,
    name: str,
    *,
    statements: int,
    news: Sequence[Missed],
    unreadable: int,
    last: bool,
    at: int,
) -> None:
    """One answer was mapped; with the `last` of each list the run is finished."""
    found = connection.execute(select(run).where(*_this(workspace, source, name))).one_or_none()
    if found is None:
        return  # of a generation before this one
    told = [
        {"workspace": workspace, "connection": source, "run": name, "number": found.missed + n, **_row(each)}
        for n, each in enumerate(news)
        if found.missed + n < MOST_TOLD
    ]
    insert_ignore(connection, missed, told)
    read = found.lists_read + last
    connection.execute(
        update(run)
        .where(*_this(workspace, source, name))
        .values(
            pages=found.pages + 1,
            statements=found.statements + statements,
            missed=found.missed + len(news),
            unreadable=found.unreadable + unreadable,
            lists_read=read,
            finished_at=at if read == found.lists and found.failed is None else found.finished_at,
        )
    )


def fail_run(connection: Connection, workspace: str, source: str, name: str, reason: str, *, at: int) -> None:
    connection.execute(update(run).where(*_this(workspace, source, name)).values(failed=reason, finished_at=at))


def load_runs(connection: Connection, workspace: str, source: str, *, limit: int) -> list[Run]:
    """The newest first."""
    rows = connection.execute(
        select(*_COLUMNS)
        .where(run.c.workspace == workspace, run.c.connection == source)
        .order_by(run.c.started_at.desc(), run.c.run.desc())
        .limit(limit)
    )
    return [Run(**row._mapping) for row in rows]


def load_run(connection: Connection, workspace: str, source: str, name: str) -> tuple[Run, list[Missed]] | None:
    if "\x00" in name:  # PostgreSQL refuses it
        return None
    found = connection.execute(select(*_COLUMNS).where(*_this(workspace, source, name))).one_or_none()
    if found is None:
        return None
    rows = connection.execute(
        select(missed.c.about, missed.c.what, missed.c.at)
        .where(missed.c.workspace == workspace, missed.c.connection == source, missed.c.run == name)
        .order_by(missed.c.number)
    )
    return Run(**found._mapping), [Missed(*row) for row in rows]


def last_start(connection: Connection, workspace: str, source: str) -> int | None:
    """When the newest run began that did not fail."""
    return connection.execute(select(func.max(run.c.started_at)).where(*_sound(workspace, source))).scalar()


def read_until(connection: Connection, workspace: str, source: str) -> int:
    """Until when changes are read without a gap, 0 if never: a run that began later than the ones before reached leaves one."""
    until = 0
    rows = connection.execute(
        select(run.c.since, run.c.started_at).where(*_sound(workspace, source)).order_by(run.c.started_at, run.c.since)
    )
    for since, started_at in rows:
        if since <= until:
            until = started_at
    return until


def _sound(workspace: str, source: str) -> tuple[ColumnElement[bool], ...]:
    return run.c.workspace == workspace, run.c.connection == source, run.c.failed.is_(None)


def _row(each: Missed) -> dict[str, str | int]:
    return {"about": each.about, "what": each.what, "at": each.at}


def _this(workspace: str, source: str, name: str) -> tuple[ColumnElement[bool], ...]:
    return run.c.workspace == workspace, run.c.connection == source, run.c.run == name
