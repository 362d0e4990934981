"""XLSX files for tests: written by openpyxl, and then as broken as a test wants them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

import openpyxl

HEAD = ("Deal ID", "Deal Name", "Amount", "Close Date", "Contact Email")
GOOD = ("D1", "Relaunch", 10.5, "2026-01-31", "ann@shop.example")
SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"


def workbook(*rows: Sequence[Any], change: Callable[[Any], None] = lambda book: None) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def part(body: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return archive.read(name)


def with_named(body: bytes, parts: dict[str, bytes], *, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as before, zipfile.ZipFile(out, "w", compression) as after:
        for name in before.namelist():
            after.writestr(name, parts.get(name, before.read(name)))
        for name, content in parts.items():
            if name not in before.namelist():
                after.writestr(name, content)
    return out.getvalue()


def changed(body: bytes, name: str, before: bytes, after: bytes) -> bytes:
    content = part(body, name)
    assert before in content, content[:2000]
    return with_named(body, {name: content.replace(before, after, 1)})
