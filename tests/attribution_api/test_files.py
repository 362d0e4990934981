"""The ROI table as CSV and Parquet: the same rows, and the same word about what they reflect."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import httpx
import pyarrow.parquet as pq
import pytest

from tests.oracle.story import Story
from wanamaker_attribution.api.files import chosen_format

from .serving import Api, serving

QUESTION: dict[str, Any] = {"group_by": "day,channel,landing_page", "model": "position_based", "basis": "touch"}


def csv_rows(answer: httpx.Response) -> list[dict[str, Any]]:
    """Numbers read back; empty cells are null."""
    texts = {"day", "channel", "campaign", "landing_page", "model"}
    return [
        {name: cell if name in texts else json.loads(cell) if cell else None for name, cell in row.items()}
        for row in csv.DictReader(io.StringIO(answer.text, newline=""))
    ]


async def test_csv_has_the_rows_of_json(api: Api) -> None:
    answer = await api.ask("/v1/roi", format="csv", **QUESTION)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = (await api.get("/v1/roi", **QUESTION))["rows"]
    assert len(rows) > 3
    assert csv_rows(answer) == rows
    assert answer.text.partition("\r\n")[0].split(",") == list(rows[0])


async def test_parquet_has_the_rows_of_json(api: Api) -> None:
    answer = await api.ask("/v1/roi", headers={"Accept": "application/vnd.apache.parquet"}, **QUESTION)
    table = pq.read_table(io.BytesIO(answer.content))
    document = await api.get("/v1/roi", **QUESTION)
    assert table.to_pylist() == document["rows"]
    said = {key.decode(): json.loads(value) for key, value in table.schema.metadata.items()}
    assert said == {"as-of": document["as_of"], "fresh-to": document["fresh_to"]}


NAMES = ["=1+1", "+brand", "-brand", "@brand", "'brand", '=HYPERLINK("x","a")']


async def test_a_visitors_campaign_is_no_formula_of_a_spreadsheet(tmp_path: Path) -> None:
    """Numbers stay numbers, below 0 too, and JSON and Parquet have the names as they are."""
    story = Story()
    for minute, name in enumerate([*NAMES, "brand-=+@'"]):
        story.page(f"c{minute}", f"2026-01-01 10:{minute:02}", f"google/cpc/{name}")
    story.spend("2026-01-01", "google/cpc/=1+1", "-3.00")
    async with serving(tmp_path, story.entries) as api:
        rows = (await api.get("/v1/roi", group_by="campaign"))["rows"]
        assert {row["campaign"] for row in rows} == {*NAMES, "brand-=+@'"}
        found = csv_rows(await api.ask("/v1/roi", group_by="campaign", format="csv"))
        assert {row["campaign"] for row in found} == {*(f"'{name}" for name in NAMES), "brand-=+@'"}
        assert [row | {"campaign": row["campaign"].removeprefix("'")} for row in found] == rows
        assert [row["spend_minor"] for row in found if row["campaign"] == "'=1+1"] == [-300]
        parquet = (await api.ask("/v1/roi", group_by="campaign", format="parquet")).content
        assert pq.read_table(io.BytesIO(parquet)).to_pylist() == rows


async def test_files_without_rows_still_have_their_columns(empty: Api) -> None:
    text = (await empty.ask("/v1/roi", format="csv")).text
    assert text.startswith("channel,sessions,leads,")
    table = pq.read_table(io.BytesIO((await empty.ask("/v1/roi", format="parquet")).content))
    assert (table.num_rows, table.column_names[:2]) == (0, ["channel", "sessions"])


async def test_headers_say_what_a_file_reflects(api: Api) -> None:
    answer = await api.ask("/v1/roi", format="csv")
    document = await api.get("/v1/roi")
    assert json.loads(answer.headers["wanamaker-as-of"]) == document["as_of"]
    assert answer.headers["wanamaker-fresh-to"] == document["fresh_to"]
    assert answer.headers["content-disposition"] == 'attachment; filename="roi.csv"'


@pytest.mark.parametrize(
    ("parameter", "accept", "form"),
    [
        (None, None, "json"),
        (None, "*/*", "json"),
        (None, "text/html,application/json;q=0.9", "json"),
        (None, "text/csv", "csv"),
        (None, "application/json;q=0.5, text/csv;q=0.6", "csv"),
        (None, "text/csv;q=0", "json"),
        (None, "text/csv;q=high", "json"),
        (None, "application/vnd.apache.parquet", "parquet"),
        ("csv", "application/json", "csv"),
        ("json", "text/csv", "json"),
    ],
)
def test_the_parameter_decides_else_the_header(parameter: str | None, accept: str | None, form: str) -> None:
    assert chosen_format(parameter, accept) == form
