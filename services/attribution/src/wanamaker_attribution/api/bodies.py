"""Bodies of uploads, parsed without losing a digit."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from fastapi import Request

from wanamaker_shared.service.problems import Problem

from ..schemas.rows import SentRow
from .answers import bad_request

MOST_ROWS = 100_000
_DELIMITERS = ",;\t"


def decoded(content: bytes) -> str:
    """A body as text, UTF-8 with or without a byte order mark. Raises a 400."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise bad_request("The body is not UTF-8.") from error


def media_type(request: Request) -> str:
    return request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()


def parse_json(text: str) -> Any:
    """Numbers as Decimal. Raises a 400 on anything that is not JSON."""
    try:
        return json.loads(
            text, parse_float=Decimal, parse_int=Decimal, parse_constant=_refuse, object_pairs_hook=_without_repetition
        )
    except (ValueError, InvalidOperation, RecursionError) as error:
        raise bad_request("The body is not JSON that can be read.") from error


def json_rows(text: str) -> list[SentRow]:
    rows = parse_json(text)
    if not isinstance(rows, list):
        raise bad_request("The body must be a JSON list of rows.")
    return _counted([SentRow(index, fields) for index, fields in enumerate(rows)])


def csv_rows(text: str) -> list[SentRow]:
    """Rows of a CSV file with a header line; comma, semicolon or tab, whichever the header uses most."""
    header, _, _ = text.lstrip().partition("\n")
    delimiter = max(_DELIMITERS, key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        names = next((row for row in reader if any(cell.strip() for cell in row)), None)
        if names is None:
            raise bad_request("The CSV file is empty; its first line names the columns.")
        names = [name.strip().lower() for name in names]
        if len(set(names)) < len(names):
            raise bad_request("The first line of the CSV file names a column twice.")
        filled = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise bad_request(f"Line {reader.line_num} of the CSV file cannot be read.") from error
    return _counted([SentRow(index, _cells(names, row), line) for index, (line, row) in enumerate(filled)])


def _cells(names: list[str], row: list[str]) -> Mapping[str, str]:
    """Empty cells are absent. Cells past the header are given a name that no schema knows, so that the row is refused."""
    cells = {name: cell.strip() for name, cell in zip(names, row, strict=False) if cell.strip()}
    if len(row) > len(names):
        cells["a cell past the last column"] = "…"
    return cells


def _counted(rows: list[SentRow]) -> list[SentRow]:
    if len(rows) > MOST_ROWS:
        raise Problem(413, "Content Too Large", f"A request may have at most {MOST_ROWS} rows.")
    return rows


def _refuse(_: str) -> Any:
    raise ValueError("NaN and Infinity are not JSON")


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise ValueError("a name is repeated")
    return fields
