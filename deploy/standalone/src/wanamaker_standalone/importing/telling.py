"""What the crm-bridge says of a file, as tables for a person. What stood in the file cannot command the terminal."""

from __future__ import annotations

import re
from typing import Any

from rich.table import Table
from rich.text import Text

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_HOW = {"heading": "by its heading", "content": "by what stands in it", "asked": "as you said"}
_MOST_FIELDS = 8


def columns(state: Any) -> list[Table | Text]:
    """Which column is read as what, and what else was found."""
    reading = state.get("reading")
    if not reading:
        return []
    table = Table("column", "is read as", "", box=None, pad_edge=False)
    for column in reading["columns"]:
        table.add_row(_plain(column["heading"]), column["field"], _HOW.get(column["how"], ""))
    others = [Text(f"not read: {', '.join(_plain(name).plain for name in reading['not_read'])}")]
    return [Text(_about(reading)), table, *(others if reading["not_read"] else [])]


def first_rows(state: Any) -> list[Table]:
    """The first rows as they were understood."""
    rows = state.get("sample") or []
    if not rows:
        return []
    names = list(dict.fromkeys(name for row in rows for name in row if name != "line"))[:_MOST_FIELDS]
    table = Table("\nline", *(f"\n{name}" for name in names), box=None, pad_edge=False)
    for row in rows:
        table.add_row(str(row["line"]), *(_shown(row.get(name)) for name in names))
    return [table]


def counts(state: Any) -> Text:
    told = state["counts"]
    parts = [f"{told['rows']:,} rows of {told['deals']:,} deals: {told['good']:,} good"]
    if told["warned"]:
        parts.append(f"{told['warned']:,} with a warning")
    if told["bad"]:
        parts.append(f"{told['bad']:,} bad")
    notes = (state.get("reading") or {}).get("notes") or []
    return Text("\n".join(["", ", ".join(parts), *(f"note: {_plain(note).plain}" for note in notes)]))


def bad_rows(state: Any, most: int) -> list[Text]:
    """The first rows that are not good, and how many more there are."""
    rows = state.get("rows") or []
    lines = [
        Text(f"line {row['line']:,}: {row['verdict']}: {_plain('; '.join(row['reasons'])).plain}")
        for row in rows[:most]
    ]
    more = state["counts"]["bad"] + state["counts"]["warned"] - len(lines)
    return [*lines, *([Text(f"and {more:,} more; --report FILE writes them all")] if more > 0 else [])]


def _about(reading: Any) -> str:
    parts = [reading["kind"].upper()]
    parts += [str(reading[name]) for name in ("encoding", "delimiter") if reading.get(name)]
    if reading.get("sheet"):
        parts.append(f"sheet {_plain(reading['sheet']).plain}")
    parts.append(f"headings in line {reading['heading_line']}")
    if reading["decimal"]:
        parts.append(f"decimal {reading['decimal']}")
    if reading["date_order"]:
        parts.append(reading["date_order"].replace("_", " "))
    return ", ".join(parts)


def _shown(value: Any) -> Text:
    return _plain(", ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value))


def _plain(text: str) -> Text:
    """As text and nothing else: no markup, no control characters."""
    return Text(_CONTROL.sub("\ufffd", text))
