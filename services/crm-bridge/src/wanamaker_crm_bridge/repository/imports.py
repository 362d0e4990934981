"""All SQL of imports: how far each is, and its rows that are not good. Works on the connection it is given, never commits."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, select, tuple_, update

from wanamaker_shared.service.sql import insert_ignore, insert_rows

from ..tables import import_rows, imports

RUNNING = ("reading", "importing")


@dataclass(frozen=True, slots=True)
class Import:
    """A row of `imports`; times in microseconds."""

    workspace: str
    import_id: str
    of_file: str
    again: int
    connection: str
    state: str
    """`reading`, `checked` (a dry run that ended), `importing`, `done`, `failed`."""
    told_at: int
    reason: str | None = None
    begun_at: int | None = None
    reading: dict[str, Any] | None = None
    rows_read: int = 0
    good: int = 0
    warned: int = 0
    bad: int = 0
    deals: int = 0
    deliveries: int = 0
    appended: int = 0
    rows_mapped: int = 0


@dataclass(frozen=True, slots=True)
class RowVerdict:
    line: int
    verdict: str
    reasons: list[str] = field(default_factory=list)


def load_import(connection: Connection, workspace: str, import_id: str) -> Import | None:
    row = connection.execute(select(imports).where(*_one(workspace, import_id))).first()
    return None if row is None else _import(row)


def load_latest(connection: Connection, workspace: str, of_file: str) -> Import | None:
    """The import of this file and reading that was stated anew most often."""
    row = connection.execute(
        select(imports)
        .where(imports.c.workspace == workspace, imports.c.of_file == of_file)
        .order_by(imports.c.again.desc())
        .limit(1)
    ).first()
    return None if row is None else _import(row)


def list_imports(connection: Connection, workspace: str, limit: int) -> list[Import]:
    """The newest first."""
    rows = connection.execute(
        select(imports)
        .where(imports.c.workspace == workspace)
        .order_by(imports.c.told_at.desc(), imports.c.import_id)
        .limit(limit)
    )
    return [_import(row) for row in rows]


def claim_import(connection: Connection, known: Import, *, now: int, silent_since: int) -> Import | None:
    """Begin it, or go on with it, unless it is done or somebody has spoken of it after `silent_since` (then None); of two who
    claim it at once one does. The row is made if there is none."""
    values = {column.name: getattr(known, column.name) for column in imports.columns}
    insert_ignore(connection, imports, [{**values, "reading": None}])
    idle = imports.c.state.not_in(RUNNING) | (imports.c.told_at <= silent_since)
    claimed = connection.execute(
        update(imports)
        .where(*_one(known.workspace, known.import_id), imports.c.state != "done", idle)
        .values(state="reading", reason=None, told_at=now)
    )
    return load_import(connection, known.workspace, known.import_id) if claimed.rowcount else None


def save_import(connection: Connection, workspace: str, import_id: str, **values: Any) -> None:
    if "reading" in values:
        values["reading"] = json.dumps(values["reading"], ensure_ascii=False)
    connection.execute(update(imports).where(*_one(workspace, import_id)).values(**values))


def drop_rows(connection: Connection, workspace: str, import_id: str, *, before: int) -> None:
    """Forget the rows of this import, and of all of whom nobody has spoken since `before`."""
    old = select(imports.c.workspace, imports.c.import_id).where(imports.c.told_at < before)
    which = tuple_(import_rows.c.workspace, import_rows.c.import_id)
    mine = (import_rows.c.workspace == workspace) & (import_rows.c.import_id == import_id)
    connection.execute(delete(import_rows).where(mine | which.in_(old)))


def save_rows(connection: Connection, workspace: str, import_id: str, rows: Sequence[RowVerdict]) -> None:
    insert_rows(
        connection,
        import_rows,
        [
            {
                "workspace": workspace,
                "import_id": import_id,
                "line": row.line,
                "verdict": row.verdict,
                "reasons": json.dumps(row.reasons, ensure_ascii=False),
            }
            for row in rows
        ],
    )


def load_rows(
    connection: Connection, workspace: str, import_id: str, *, verdict: str | None, after: int, limit: int
) -> list[RowVerdict]:
    """In the file's order, those behind line `after`."""
    wanted = [import_rows.c.workspace == workspace, import_rows.c.import_id == import_id, import_rows.c.line > after]
    if verdict is not None:
        wanted.append(import_rows.c.verdict == verdict)
    rows = connection.execute(select(import_rows).where(*wanted).order_by(import_rows.c.line).limit(limit))
    return [RowVerdict(row.line, row.verdict, json.loads(row.reasons)) for row in rows]


def _one(workspace: str, import_id: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return imports.c.workspace == workspace, imports.c.import_id == import_id


def _import(row: Any) -> Import:
    values = dict(row._mapping)
    values["reading"] = None if values["reading"] is None else json.loads(values["reading"])
    return Import(**values)
