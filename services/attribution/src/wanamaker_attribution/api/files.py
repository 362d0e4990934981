"""Rows as a file: CSV or Parquet by `format=` or the Accept header, the same values as in JSON.

Whoever visits a website names its campaigns. In CSV, a text that a spreadsheet would take for a formula has a `'` before it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from fastapi import Response

from ..repository.reading import AsOf
from .answers import bad_request

Format = Literal["json", "csv", "parquet"]
_MEDIA: dict[str, Format] = {
    "application/json": "json",
    "text/csv": "csv",
    "application/vnd.apache.parquet": "parquet",
    "application/x-parquet": "parquet",
}
_NAMES = {"parquet": "application/vnd.apache.parquet", "csv": "text/csv; charset=utf-8"}
Columns = Mapping[str, type]
"""Column names in order, each `str`, `int` or `float`; every value may be None."""


def chosen_format(parameter: str | None, accept: str | None) -> Format:
    """`format=` decides, else the Accept header, else JSON. Raises a 400."""
    if parameter:
        for known in _MEDIA.values():
            if parameter == known:
                return known
        raise bad_request("format: must be json, csv or parquet")
    wanted = sorted((_range(part) for part in (accept or "").split(",")), key=lambda pair: -pair[1])
    return next((_MEDIA[name] for name, quality in wanted if name in _MEDIA and quality > 0), "json")


def file_answer(
    rows: Sequence[Mapping[str, Any]], columns: Columns, *, form: Format, name: str, as_of: AsOf
) -> Response:
    """The rows as a download. What a JSON answer says of itself stands in headers, and in Parquet in the file too."""
    said = {key.replace("_", "-"): orjson.dumps(value).decode() for key, value in as_of.document().items()}
    body = _csv(rows, columns) if form == "csv" else _parquet(rows, columns, said)
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.{form}"',
        **{f"Wanamaker-{key.title()}": value.strip('"') for key, value in said.items()},
    }
    return Response(body, media_type=_NAMES[form], headers=headers)


_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "'")
"""How a cell begins that a spreadsheet would compute, or whose `'` it would hide: who reads a file takes one `'` off."""


def _csv(rows: Sequence[Mapping[str, Any]], columns: Columns) -> bytes:
    """RFC 4180; None is an empty cell."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_harmless(row[name]) for name in columns] for row in rows)
    return text.getvalue().encode()


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULAS) else value


def _parquet(rows: Sequence[Mapping[str, Any]], columns: Columns, said: Mapping[str, str]) -> bytes:
    kinds = {str: pa.string(), int: pa.int64(), float: pa.float64()}
    schema = pa.schema([(name, kinds[kind]) for name, kind in columns.items()]).with_metadata(dict(said))
    table = pa.table(
        {name: pa.array([row[name] for row in rows], type=schema.field(name).type) for name in columns}, schema=schema
    )
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


def _range(part: str) -> tuple[str, float]:
    """A media range of an Accept header and its quality."""
    name, *parameters = part.split(";")
    quality = 1.0
    for parameter in parameters:
        key, _, value = parameter.strip().partition("=")
        if key == "q":
            try:
                quality = float(value)
            except ValueError:
                quality = 0.0
    return name.strip().lower(), quality
