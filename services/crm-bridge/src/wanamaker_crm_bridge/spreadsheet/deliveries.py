"""Rows on their way through the inbox: several hundred good ones in one delivery, each bad one in a delivery of its own.

A delivery holds the reading of its file, so that mapping it is a function of the delivery alone, today and again later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from wanamaker_crm_bridge.json_body import read_json
from wanamaker_crm_bridge.unmappable import Unmappable

from .cells import Cell, read_cell, written
from .reading import Reading, read_reading

IMPORT = "import:"
"""Begins the delivery id of rows; the import's id and the chunk or line follow."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A row's cells by name, and its place. `fault` is what is wrong with the line as a whole."""

    line: int
    cells: Mapping[str, Cell]
    shift: int = 0
    """Microseconds that its time is put behind, so that of two lines at one time the later holds."""
    fault: str | None = None
    raw: tuple[str, ...] = ()
    """Every cell of a line that has a fault."""


@dataclass(frozen=True, slots=True)
class Delivery:
    begun_at: int
    reading: Reading
    rows: tuple[Placed, ...]
    alone: bool
    failed: tuple[tuple[str, str], ...] = field(default=())
    """Rows of it that are not even rows: their names and what is wrong."""


def chunk_id(import_id: str, number: int) -> str:
    return f"{IMPORT}{import_id}/{number}"


def line_id(import_id: str, line: int) -> str:
    return f"{IMPORT}{import_id}/line-{line}"


def is_import(delivery_id: str) -> bool:
    return delivery_id.startswith(IMPORT)


def write_chunk(begun_at: int, reading: Reading, names: Sequence[str], rows: Sequence[Placed]) -> bytes:
    """JSON lines: the head, then each row as [line, shift, cells in the order of `names`]."""
    head = {"begun_at": begun_at, "names": list(names), "reading": reading.written()}
    lines = [[row.line, row.shift, [written(row.cells.get(name, "")) for name in names]] for row in rows]
    return b"\n".join(map(orjson.dumps, [head, *lines]))


def write_line(begun_at: int, reading: Reading, row: Placed) -> bytes:
    """One row as a person can mend it: its cells by the names of what they are."""
    stated = {
        "line": row.line,
        "row": {name: written(cell) for name, cell in row.cells.items()},
        **({} if row.fault is None else {"fault": row.fault, "cells": list(row.raw)}),
        "begun_at": begun_at,
        "shift": row.shift,
        "reading": reading.written(),
    }
    return orjson.dumps(stated, option=orjson.OPT_INDENT_2)


def read_delivery(body: bytes) -> Delivery:
    """Raises Unmappable if it is none as a whole."""
    first, newline, rest = body.partition(b"\n")
    if newline and rest.strip() and first.rstrip().endswith(b"}"):
        return _chunk(first, rest)
    value = read_json(body)
    if not isinstance(value, dict) or not isinstance(value.get("row"), dict):
        raise Unmappable("row", "must be an object of cells")
    begun_at, reading = _head(value)
    line, fault = _whole(value.get("line"), "line"), value.get("fault")
    if fault is not None and not isinstance(fault, str):
        raise Unmappable("fault", "must be text, or null once it is mended")
    cells = {str(name): read_cell(cell, f"row.{name}") for name, cell in value["row"].items()}
    return Delivery(
        begun_at, reading, (Placed(line, cells, _whole(value.get("shift", 0), "shift"), fault),), alone=True
    )


def _chunk(first: bytes, rest: bytes) -> Delivery:
    try:
        head = orjson.loads(first)
    except orjson.JSONDecodeError:
        raise Unmappable("body", "does not begin with the head of its rows") from None
    begun_at, reading = _head(head)
    names = head.get("names")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise Unmappable("names", "must be a list of texts")
    rows, failed = [], []
    for number, line in enumerate(rest.splitlines(), start=1):
        try:
            rows.append(_row(line, names))
        except Unmappable as problem:
            failed.append((f"row {number}", str(problem)))
    return Delivery(begun_at, reading, tuple(rows), alone=False, failed=tuple(failed))


def _row(text: bytes, names: Sequence[str]) -> Placed:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Unmappable("it", "is no JSON") from None
    if not isinstance(value, list) or len(value) != 3 or not isinstance(value[2], list) or len(value[2]) != len(names):
        raise Unmappable("it", "must be [line, shift, cells]")
    cells = {name: read_cell(cell, name) for name, cell in zip(names, value[2], strict=True) if cell != ""}
    return Placed(_whole(value[0], "line"), cells, _whole(value[1], "shift"))


def _head(value: Any) -> tuple[int, Reading]:
    if not isinstance(value, dict):
        raise Unmappable("head", "must be an object")
    try:
        return _whole(value["begun_at"], "begun_at"), read_reading(value["reading"])
    except (KeyError, TypeError, ValueError):
        raise Unmappable("reading", "is not as the import wrote it; leave it as it is") from None


def _whole(value: Any, where: str) -> int:
    """A whole number, also as `json_body` reads one."""
    text = str(getattr(value, "text", value))
    if isinstance(value, bool) or not (text.isascii() and text.isdigit() and len(text) < 18):
        raise Unmappable(where, "must be a whole number")
    return int(text)
