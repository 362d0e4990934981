"""Files that mean harm, or were broken on the way: a 4xx with a clear word, quickly, and nothing of them on the topic."""

from __future__ import annotations

import gzip
import io
import time
import zipfile
from typing import Any

import pytest

from tests.collector.test_poison import VALUES

from .serving import Api, bearer, catch_up, problem_of
from .test_exports import GOOGLE, send
from .test_spend import records

HEAD = "Day,Campaign,Campaign ID,Currency code,Cost\n"
GOOD = "2026-09-01,Brand,11,EUR,1.50\n"


def a_spreadsheet() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return content.getvalue()


HOSTILE: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "The file is empty"),
    "a mark only": (b"\xff\xfe", "The file is empty"),
    "NUL": ((HEAD + GOOD + "2026-09-02,Br\0and,11,EUR,1.50\n").encode(), "Line 3 holds a NUL"),
    "mixed encodings": (
        (HEAD + GOOD).encode() + "2026-09-02,Käse,11,EUR,1.50\n".encode("latin-1"),
        "Line 3 is not UTF-8",
    ),
    "UTF-16 glued to UTF-8": ((HEAD + GOOD).encode() + GOOD.encode("utf-16-le"), "Line 3 holds a NUL"),
    "UTF-8 glued to UTF-16": ((HEAD + GOOD).encode("utf-16") + GOOD.encode() + b"\xd8", "is not UTF-16"),
    "half an emoji": ((HEAD + GOOD).encode("utf-16") + b"\x00\xd8", "is not UTF-16"),
    "UTF-32": ((HEAD + GOOD).encode("utf-32"), "holds a NUL"),
    "a spreadsheet": (a_spreadsheet(), "a spreadsheet, not CSV"),
    "an old spreadsheet": (b"\xd0\xcf\x11\xe0" + b"\0" * 100, "a spreadsheet, not CSV"),
    "packed": (gzip.compress((HEAD + GOOD).encode()), "is not UTF-8"),
    "a cell of 10 MB": (
        (HEAD + f"2026-09-01,{'x' * 10_000_000},11,EUR,1.50\n").encode(),
        "Line 2 of the file has a cell",
    ),
    "a heading of 10 MB": (("x" * 10_000_000 + HEAD + GOOD).encode(), "Line 1 of the file has a cell that is too long"),
    "a long cell": ((HEAD + f"2026-09-01,{'x' * 10_001},11,EUR,1.50\n").encode(), "more than 10000 characters"),
    "a thousand columns": ((HEAD.strip() + ",x" * 1_000 + "\n" + GOOD).encode(), "more than 500 columns"),
    "a thousand cells": ((HEAD + GOOD.strip() + ",x" * 1_000 + "\n").encode(), "more than 500 columns"),
    "an open quote": ((HEAD + GOOD + '2026-09-02,"Brand,11,EUR,1.50\n').encode(), "a quote is open"),
    "an open quote above": (('"' + HEAD + GOOD).encode(), "a quote is open"),
    "a formula for an amount": ((HEAD + "2026-09-01,Brand,11,EUR,=1+1\n").encode(), "1 of the lines"),
    "a formula for a name": ((HEAD + "2026-09-01,=HYPERLINK(1),11,EUR,1\n").encode(), "1 of the lines"),
    "a control character": ((HEAD + "2026-09-01,Br\x07and,11,EUR,1\n").encode(), "1 of the lines"),
    "a line break in a name": ((HEAD + '2026-09-01,"Br\nand",11,EUR,1\n').encode(), "1 of the lines"),
    "a huge amount": ((HEAD + "2026-09-01,Brand,11,EUR,1234567890123456\n").encode(), "1 of the lines"),
    "a day long gone": ((HEAD + "0001-01-01,Brand,11,EUR,1\n").encode(), "1 of the lines"),
    "too many lines": ((HEAD + "x\n" * 100_000).encode(), "more than 100000 lines"),
    "commas only": (b"," * 400 + b"\n", "No line has the headings"),
    "brackets": (("(" * 9_999 + "\n" + HEAD.replace("Cost", "(" * 9_999)).encode(), "No line has the headings"),
    "JSON": (b'[{"date": "2026-01-02", "amount": 1}]', "No line has the headings"),
    "HTML": (b"<!doctype html><title>Sign in</title>", "No line has the headings"),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_file_is_refused_with_a_clear_word(empty: Api, name: str) -> None:
    content, says = HOSTILE[name]
    began = time.process_time()
    problem = problem_of(await send(empty, content), 400)
    assert time.process_time() - began < 5
    assert says in problem["detail"]
    assert len(str(problem)) < 2_000
    assert await records(empty) == []
    assert (await send(empty, HEAD + GOOD)).status_code == 200, "the next file is taken"


@pytest.mark.parametrize("name", VALUES)
async def test_poison_in_any_cell(empty: Api, name: str) -> None:
    value = VALUES[name]
    quoted = b'"' + value.replace(b'"', b'""') + b'"'
    for cells in range(5):
        line = [b"2026-09-01", b"Brand", b"11", b"EUR", b"1.50"]
        line[cells] = quoted
        answer = await send(empty, HEAD.encode() + b",".join(line) + b"\n")
        assert answer.status_code in (200, 400), answer.text
        assert answer.status_code == 200 or len(answer.content) < 2_000
    await catch_up(empty.data)
    await empty.get("/v1/roi")
    await empty.get("/v1/spend/unmatched")


async def test_many_bad_lines_are_told_up_to_a_thousand(empty: Api) -> None:
    problem = problem_of(await send(empty, HEAD + "x,x,x,x,x\n" * 5_000), 400)
    assert problem["detail"] == "5000 of the lines cannot be taken, so none was."
    assert len(problem["errors"]) == 1_000


async def test_a_big_file_is_taken_in_time(empty: Api) -> None:
    """A hundred campaigns on each day of most of a year; in seconds of this process, whatever else the machine does."""
    days = [f"2026-{month:02}-{day:02}" for month in range(1, 13) for day in range(1, 28)]
    text = HEAD + "".join(f"{day},Brand {n},{n},EUR,1.50\n" for day in days for n in range(100))
    began = time.process_time()
    answer = await send(empty, text)
    assert answer.json()["accepted"] == 32_400
    assert time.process_time() - began < 20


async def test_a_form_is_told_to_send_the_file(empty: Api) -> None:
    files = {"file": ("google.csv", GOOGLE.encode(), "text/csv")}
    answer = await empty.client.post("/v1/spend/exports", files=files, headers=bearer("r-w1"))
    assert "not a form" in problem_of(answer, 415)["detail"]


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "application/octet-stream", "text/plain", ""])
async def test_however_a_client_calls_it_the_body_is_the_file(empty: Api, kind: str) -> None:
    headers = bearer("r-w1") | ({"Content-Type": kind} if kind else {})
    answer = await empty.client.post("/v1/spend/exports", content=GOOGLE.encode(), headers=headers)
    assert answer.json()["accepted"] == 3


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"platform": "tiktok_ads"}, "platform: must be one of google_ads"),
        ({"currency": "EURO"}, "currency: must be a currency"),
    ],
)
async def test_bad_parameters_say_what_they_take(empty: Api, parameters: dict[str, Any], says: str) -> None:
    assert says in problem_of(await send(empty, GOOGLE, **parameters), 400)["detail"]


@pytest.mark.parametrize("parameters", [{"date_order": "ymd"}, {"decimal": ";"}, {"post": "retain"}, {"dry_run": "x"}])
async def test_parameters_of_a_few_words(empty: Api, parameters: dict[str, str]) -> None:
    assert (await send(empty, GOOGLE, **parameters)).status_code in (400, 422)
    assert await records(empty) == []


async def test_who_may_send_exports(empty: Api) -> None:
    problem_of(await send(empty, GOOGLE, key="w-w1"), 403)
    problem_of(await send(empty, GOOGLE, key="x"), 401)
    assert (await send(empty, GOOGLE, key="a-w2")).status_code == 200
    assert {record.workspace for record in await records(empty)} == {"w2"}
