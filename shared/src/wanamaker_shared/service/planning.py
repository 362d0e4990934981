"""What SQLite's planner is told of tables that are still empty: that a workspace is nearly all of a table, a longer key little.

Every key begins with the workspace. Without statistics SQLite takes `workspace = ?` for ten rows, and rather walks through
all of a workspace along the primary key than use an index made for the question: unnoticed in a test, O(history) after it.
Measuring (`ANALYZE`) would make plans depend on what was there that day; these figures are the same for every database.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, MetaData, Table, text

_ROWS = 1_000_000
_SELECTED = (_ROWS, 100, 10, 4, 3)
"""How many rows one value of the first column, the first two, … selects; beyond that, two."""


def create_tables(connection: Connection, metadata: MetaData) -> None:
    """Create the tables that are not there yet, and on SQLite say how they will be filled."""
    metadata.create_all(connection)
    if connection.dialect.name == "sqlite":
        _expect_growth(connection, metadata)


def _expect_growth(connection: Connection, metadata: MetaData) -> None:
    wanted = {(table, index): figures for table, index, figures in _figures(connection, metadata)}
    if not wanted:
        return
    if connection.scalar(text("SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_stat1'")) == 0:
        connection.exec_driver_sql("PRAGMA analysis_limit = 1")
        connection.exec_driver_sql(f'ANALYZE "{next(iter(wanted))[0]}"')  # nothing else creates sqlite_stat1
    known = {
        (row.tbl, row.idx): row.stat for row in connection.execute(text("SELECT tbl, idx, stat FROM sqlite_stat1"))
    }
    fresh = [(*names, figures) for names, figures in wanted.items() if known.get(names) != figures]
    if fresh:
        connection.exec_driver_sql("DELETE FROM sqlite_stat1 WHERE tbl = ? AND idx IS ?", [each[:2] for each in fresh])
        connection.exec_driver_sql("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)", fresh)
        connection.exec_driver_sql(
            "ANALYZE sqlite_schema"
        )  # reads the figures; connections to come do so by themselves


def _figures(connection: Connection, metadata: MetaData) -> Iterator[tuple[str, str, str]]:
    """(table, index, figures) of each index that begins with the workspace."""
    for table in metadata.sorted_tables:
        for index in connection.execute(text(f'PRAGMA index_list("{table.name}")')).all():
            columns = [row.name for row in connection.execute(text(f'PRAGMA index_info("{index.name}")'))]
            if columns[:1] == ["workspace"]:
                name = table.name if index.origin == "pk" and _is_its_key(table) else index.name
                yield (
                    table.name,
                    name,
                    _statistics(len(columns), unique=bool(index.unique), partial=bool(index.partial)),
                )


def _statistics(columns: int, *, unique: bool, partial: bool) -> str:
    """A partial index is there to be used where it can answer: it holds a tenth."""
    selected = [_SELECTED[place] if place < len(_SELECTED) else 2 for place in range(columns)]
    if unique:
        selected[-1] = 1
    if partial:
        selected = [max(1, number // 10) for number in selected]
    return " ".join(map(str, [_ROWS // 10 if partial else _ROWS, *selected]))


def _is_its_key(table: Table) -> bool:
    """A table without rowid is its primary key: SQLite calls the index by the table's name."""
    options: Any = table.dialect_options["sqlite"]
    return not options["with_rowid"]
