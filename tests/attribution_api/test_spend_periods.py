"""POST /v1/spend with `from` and `to`: salaries, fees and posters, spread over their days and replaced whole."""

from __future__ import annotations

import json
from typing import Any

import pytest

from wanamaker_attribution.tables import spend

from .serving import Api, catch_up, problem_of, rows_of
from .test_spend import accepted, post, reasons, records

FEE = {"from": "2026-01-30", "to": "2026-02-01", "source": "agency", "amount": "100.00", "currency": "EUR", "id": "fee"}


async def days(api: Api) -> list[tuple[str, str, int]]:
    await catch_up(api.data)
    return sorted((row["day"], row["amount"], row["minor"]) for row in await rows_of(api.data, spend))


async def test_a_period_is_one_statement_spread_over_its_days(empty: Api) -> None:
    assert await accepted(empty, [FEE]) == 1
    (record,) = await records(empty)
    assert (record.date, record.until, record.amount, record.spend_key) == ("2026-01-30", "2026-02-01", "100.00", "fee")
    assert await days(empty) == [
        ("2026-01-30", "33.34", 3334),
        ("2026-01-31", "33.33", 3333),
        ("2026-02-01", "33.33", 3333),
    ]
    answer = await empty.get("/v1/roi", group_by="month")
    assert [(row["month"], row["spend_minor"]) for row in answer["rows"]] == [("2026-01", 6667), ("2026-02", 3333)]


async def test_a_revision_with_another_period_replaces_it_whole(empty: Api) -> None:
    await accepted(empty, [FEE])
    await accepted(empty, [FEE | {"from": "2026-02-01", "to": "2026-02-02", "amount": "10"}])
    assert await days(empty) == [("2026-02-01", "5.00", 500), ("2026-02-02", "5.00", 500)]
    await accepted(empty, [{"date": "2026-03-01", "amount": "1.005", "id": "fee"}])
    assert await days(empty) == [("2026-03-01", "1.005", 100)]
    assert (await empty.get("/v1/roi"))["totals"]["spend_minor"] == 100


@pytest.mark.parametrize("of", ["attract", "convert", "close"])
async def test_every_post_takes_a_period(empty: Api, of: str) -> None:
    await accepted(empty, [FEE | {"post": of}])
    await catch_up(empty.data)
    totals = (await empty.get("/v1/roi"))["totals"]
    assert totals[f"spend_{of}_minor"] == totals["spend_minor"] == 10_000


async def test_without_an_id_the_period_is_part_of_the_key(empty: Api) -> None:
    bare = {name: value for name, value in FEE.items() if name != "id"}
    await accepted(empty, [bare, bare, bare | {"to": "2026-01-30"}])
    assert {(record.until, record.amount) for record in await records(empty)} == {
        ("2026-02-01", "200.00"),
        (None, "100.00"),
    }


async def test_periods_come_as_csv_too(empty: Api) -> None:
    text = "from;to;amount;currency;id\n2026-01-01;2026-01-02;3;EUR;rent\n"
    assert (await empty.send("POST", "/v1/spend", text, key="r-w1", kind="text/csv")).status_code == 200
    assert await days(empty) == [("2026-01-01", "1.50", 150), ("2026-01-02", "1.50", 150)]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"date": "2026-01-01"}, "date must not stand beside from and to"),
        ({"to": None}, "a period needs both from and to"),
        ({"from": None}, "a period needs both from and to"),
        ({"from": None, "to": None}, "date is missing"),
        ({"to": "2026-01-29"}, "to lies before from"),
        ({"to": "2027-01-31"}, "a period may have at most 366 days"),
        ({"to": "31.01.2026"}, "to must be a day, YYYY-MM-DD"),
        ({"to": "9999-12-31"}, "to must be a day of the years 1900 to 2200"),
    ],
)
async def test_a_bad_period_says_why(empty: Api, change: dict[str, Any], says: str) -> None:
    (reason,) = await reasons(empty, [FEE | change])
    assert reason["reason"] == says


async def test_rows_of_one_id_must_agree_on_the_period(empty: Api) -> None:
    (reason,) = await reasons(empty, [FEE, FEE | {"to": "2026-02-02"}])
    assert reason["reason"] == "to differs from row 0, which has the same key"


async def test_a_request_has_no_more_days_than_rows(empty: Api) -> None:
    year = FEE | {"to": "2027-01-30"}
    problem_of(await post(empty, [year | {"id": str(number)} for number in range(274)]), 413)
    assert await records(empty) == []


@pytest.mark.parametrize("day", ["1900-01-01", "2200-12-31"])
async def test_the_first_and_the_last_day_can_be_taken_in(empty: Api, day: str) -> None:
    await accepted(empty, [{"date": day, "amount": "1", "currency": "PLN"}])
    rate = [{"day": day, "base": "EUR", "currency": "PLN", "rate": "4"}]
    assert (await empty.send("POST", "/v1/rates", json.dumps(rate))).status_code == 200
    assert await days(empty) == [(day, "1", 25)]
