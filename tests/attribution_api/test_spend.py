"""POST /v1/spend: rows in, records on the topic, all or nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from wanamaker_attribution.tables import spend
from wanamaker_shared.contracts import ad_spend
from wanamaker_shared.eventlog.embedded import EmbeddedLog

from .serving import NOW, PARTITIONS, Api, catch_up, problem_of, rows_of

ROW = {
    "date": "2026-01-02",
    "source": "Google",
    "medium": "CPC",
    "campaign": "Brand",
    "post": "attract",
    "amount": "10.50",
    "currency": "EUR",
}


async def post(api: Api, body: Any, *, key: str = "r-w1") -> Any:
    text = body if isinstance(body, (bytes, str)) else json.dumps(body)
    return await api.send("POST", "/v1/spend", text, key=key)


async def accepted(api: Api, body: Any, **more: str) -> int:
    answer = await post(api, body, **more)
    assert answer.status_code == 200, answer.text
    number: int = answer.json()["accepted"]
    return number


async def reasons(api: Api, body: Any) -> list[dict[str, Any]]:
    """Of a refusal; and nothing reached the log."""
    problem = problem_of(await post(api, body), 400)
    assert await records(api) == []
    errors: list[dict[str, Any]] = problem["errors"]
    return errors


async def records(api: Api) -> list[ad_spend.SpendRevised]:
    """What stands on the topic, read as another process would."""
    log = EmbeddedLog(api.data / "log", process="reader", partitions=PARTITIONS)
    ends = await log.end_positions([ad_spend.TOPIC])
    found = [
        ad_spend.adapter.validate_json(record.value)
        for (topic, partition), end in ends.items()
        async for batch in log.read(topic, partition, 0, end)
        for record in batch.records
    ]
    await log.close()
    return sorted(found, key=lambda record: record.received_at)


async def test_a_row_becomes_a_record(empty: Api) -> None:
    assert await accepted(empty, [ROW]) == 1
    (record,) = await records(empty)
    assert record.model_dump(exclude={"event_id"}) == {
        "type": "spend.revised",
        "workspace": "w1",
        "source": "spend",
        "sender": "",
        "revision": 0,
        "occurred_at": NOW,
        "received_at": NOW,
        "schema_version": 1,
        "provider": "manual",
        "spend_key": '["2026-01-02","google","cpc","Brand","attract"]',
        "date": "2026-01-02",
        "until": None,
        "account": None,
        "campaign_id": None,
        "utm_source": "google",
        "medium": "cpc",
        "campaign": "Brand",
        "channel": None,
        "post": "attract",
        "amount": "10.50",
        "currency": "EUR",
    }


async def test_rows_of_one_key_add_up_and_a_later_request_replaces(empty: Api) -> None:
    assert await accepted(empty, [ROW, ROW | {"source": "google ", "amount": "0.1"}, ROW | {"amount": 0.2}]) == 3
    assert [record.amount for record in await records(empty)] == ["10.80"]
    assert await accepted(empty, [ROW | {"amount": "3"}]) == 1
    await catch_up(empty.data)
    assert [(row["amount"], row["minor"]) for row in await rows_of(empty.data, spend)] == [("3", 300)]
    assert (await empty.get("/v1/roi"))["totals"]["spend_minor"] == 300
    assert sum((await empty.get("/v1/roi"))["as_of"]["ad-spend"]) == 2


async def test_the_providers_id_is_the_key_if_there_is_one(empty: Api) -> None:
    rows = [ROW | {"provider": "ads", "id": "7"}, ROW | {"provider": "other", "id": "7"}, ROW | {"provider": "ads"}]
    assert await accepted(empty, rows) == 3
    assert {(record.provider, record.spend_key[:1]) for record in await records(empty)} == {
        ("ads", "7"),
        ("other", "7"),
        ("ads", "["),
    }
    await accepted(empty, [ROW | {"provider": "ads", "id": "7", "amount": "1", "date": "2026-01-09"}])
    await catch_up(empty.data)
    assert sorted((row["day"], row["amount"]) for row in await rows_of(empty.data, spend)) == [
        ("2026-01-02", "10.50"),
        ("2026-01-02", "10.50"),
        ("2026-01-09", "1"),
    ]


async def test_a_slash_in_a_providers_name_makes_no_two_costs_one(empty: Api) -> None:
    both = [{"provider": "a/b", "id": "c"}, {"provider": "a", "id": "b/c"}, {"provider": "a%2Fb", "id": "c"}]
    await accepted(empty, [ROW | {"currency": "PLN"} | each for each in both])
    await catch_up(empty.data)
    assert len(await rows_of(empty.data, spend)) == 3
    assert (await empty.get("/v1/roi"))["unconverted"][0]["spend_minor"] == 3_150


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("0.10", "0.10"),
        ("12.30", "12.30"),
        ("0.1000000000000000055", None),
        ("1e2", "100"),
        ("1E-3", "0.001"),
        ("-5", "-5"),
        ("12345678901234.123456789012", "12345678901234.123456789012"),
        ("1e400", None),
        ("1e-400", None),
        ("9" * 5000, None),
    ],
)
async def test_json_numbers_keep_their_digits(empty: Api, sent: str, kept: str | None) -> None:
    body = json.dumps([ROW | {"amount": "?"}]).replace('"?"', sent)
    if kept is None:
        assert (await reasons(empty, body))[0]["reason"].startswith("amount must be a decimal number")
    else:
        await accepted(empty, body)
        assert [record.amount for record in await records(empty)] == [kept]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"date": "2026-02-30"}, "date must be a day"),
        ({"date": "20260201"}, "date must be a day"),
        ({"date": None}, "date is missing"),
        ({"amount": "ten"}, "amount must be a decimal"),
        ({"amount": "1,50"}, "amount must be a decimal"),
        ({"amount": True}, "amount must be a decimal"),
        ({"amount": "٣"}, "amount must be a decimal"),
        ({"currency": "EURO"}, "currency must be a currency of ISO 4217"),
        ({"post": "retain"}, "post must be 'attract', 'convert' or 'close'"),
        ({"campaign": 7}, "campaign must be text"),
        ({"campaign": "a\x00b"}, "control characters"),
        ({"campaign": "\ud800"}, "surrogate"),
        ({"campaign": "x" * 256}, "at most 255 bytes"),
        ({"campaign": "é" * 128}, "at most 255 bytes"),
        ({"source": "Ⱥ" * 127}, "at most 255 bytes"),  # in lower case
        ({"campain": "Brand"}, "campain is not a known field"),
    ],
)
async def test_a_bad_row_says_why_and_nothing_is_taken(empty: Api, change: dict[str, Any], says: str) -> None:
    (reason,) = await reasons(empty, [ROW, ROW | change])
    assert reason["index"] == 1
    assert says in reason["reason"]


@pytest.mark.parametrize("sent", [["100000000000000"], ["99999999999999", "-1"], ["-50000000000000"] * 2])
async def test_money_that_cannot_be_counted_is_refused_and_not_set_aside_later(empty: Api, sent: list[str]) -> None:
    """In one key or in several; sums of such amounts would not fit 64 bits."""
    rows = [ROW | {"amount": amount, "currency": "CLF"} for amount in sent]
    for each in (rows, [row | {"id": str(number)} for number, row in enumerate(rows)]):
        (reason,) = await reasons(empty, each)
        assert (reason["index"], reason["reason"]) == (
            len(sent) - 1,
            "with it the amounts of the request come to 10^14 or more, signs aside",
        )


@pytest.mark.parametrize("currency", ["CLF", "EUR"])
async def test_the_largest_amount_is_counted(empty: Api, currency: str) -> None:
    await accepted(empty, [ROW | {"amount": "99999999999999", "currency": currency}])
    rate = [{"day": ROW["date"], "base": "CLF", "currency": "EUR", "rate": "999999999999999"}]
    assert (await empty.send("POST", "/v1/rates", json.dumps(rate))).status_code == 200
    await catch_up(empty.data)
    (row,) = await rows_of(empty.data, spend)
    assert row["minor"] == (None if currency == "CLF" else 9_999_999_999_999_900)
    (listed,) = (await empty.get("/v1/spend/unmatched"))["rows"]
    assert listed["unconverted"] == (
        [{"currency": "CLF", "spend_minor": 999_999_999_999_990_000}] if currency == "CLF" else []
    )


async def test_all_bad_rows_are_listed(empty: Api) -> None:
    found = await reasons(empty, [ROW | {"date": "x", "amount": "x"}, ROW, "row", {}])
    assert [reason["index"] for reason in found] == [0, 2, 3]
    assert found[0]["reason"].count(";") == 1
    assert found[1]["reason"] == "must be an object"
    assert found[2]["reason"] == "date is missing; amount is missing"


@pytest.mark.parametrize(
    ("other", "names"),
    [({"currency": "USD"}, "currency"), ({"channel": "Display"}, "channel"), ({"currency": None}, "currency")],
)
async def test_rows_of_one_key_must_agree(empty: Api, other: dict[str, str], names: str) -> None:
    (reason,) = await reasons(empty, [ROW, ROW | {"campaign": "else"}, ROW | other])
    assert reason == {"index": 2, "reason": f"{names} differs from row 0, which has the same key"}


async def test_absent_parts_and_a_given_channel(empty: Api) -> None:
    rows = [{"date": "2026-01-02", "amount": 5}, ROW | {"channel": "Radio", "source": "(not set)", "medium": ""}]
    assert await accepted(empty, rows) == 2
    await catch_up(empty.data)
    answer = await empty.get("/v1/roi", group_by="channel,source,medium")
    assert [(row["channel"], row["source"], row["medium"]) for row in answer["rows"]] == [
        ("Radio", "(not set)", "(not set)"),
        ("Unassigned", "(not set)", "(not set)"),
    ]


async def test_csv_with_the_names_in_its_first_line(empty: Api) -> None:
    text = (
        "\ufeffDate;Source;Medium;Campaign;Post;Amount;Currency\r\n"
        '2026-01-02;google;cpc;"Brand; spring";attract;10.50;EUR\r\n'
        "\r\n"
        "2026-01-03;google;cpc;;;1.00;\r\n"
    )
    answer = await empty.send("POST", "/v1/spend", text, key="r-w1", kind="text/csv; charset=utf-8")
    assert answer.json() == {"accepted": 2}
    found = {record.date: record for record in await records(empty)}
    assert found["2026-01-02"].campaign == "Brand; spring"
    assert (found["2026-01-03"].campaign, found["2026-01-03"].currency) == (None, None)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
async def test_csv_in_the_encodings_of_spreadsheets(empty: Api, encoding: str) -> None:
    text = "date;campaign;amount\n2026-01-02;Käse;1\n".encode(encoding)
    assert (await empty.send("POST", "/v1/spend", text, kind="text/csv")).json() == {"accepted": 1}
    assert [record.campaign for record in await records(empty)] == ["Käse"]


@pytest.mark.parametrize(
    ("text", "errors"),
    [
        ("date,amount\n2026-01-02,1\n2026-01-03,x\n", [(1, 3, "amount")]),
        ("date,amount\n2026-01-02,1,2\n", [(0, 2, "past the last column")]),
        ("date,amount,clicks\n2026-01-02,1,2\n", [(0, 2, "clicks is not a known field")]),
        (
            "date,amount,campaign\n2026-01-02,=1+1,=A1\n",
            [(0, 2, "amount is a formula"), (0, 2, "campaign is a formula")],
        ),
    ],
)
async def test_csv_errors_name_their_line(empty: Api, text: str, errors: list[tuple[int, int, str]]) -> None:
    problem = problem_of(await empty.send("POST", "/v1/spend", text, kind="text/csv"), 400)
    assert [(error["index"], error["line"]) for error in problem["errors"]] == [error[:2] for error in errors]
    assert all(says in error["reason"] for error, (*_, says) in zip(problem["errors"], errors, strict=True))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("date,amount\n2026-01-02,1\nKäse,2\n".encode("latin-1"), "Line 3 is not UTF-8"),
        (b"date,amount\n2026-01-02,1\x00\n", "Line 2 holds a NUL"),
        (b"date,amount,campaign\n2026-01-02,1," + b"x" * 10_000_000, "Line 2 of the CSV file cannot be read"),
        (b"PK\x03\x04...", "spreadsheet"),
    ],
)
async def test_csv_that_was_broken_on_the_way_is_refused(empty: Api, content: bytes, says: str) -> None:
    problem = problem_of(await empty.send("POST", "/v1/spend", content, kind="text/csv"), 400)
    assert says in problem["detail"]
    assert await records(empty) == []


@pytest.mark.parametrize("text", ["", "date,date\n", 'date,amount\n"2026-01-02,1\n', "date,amount\n2026\x00,1\n"])
async def test_csv_that_cannot_be_read_is_refused(empty: Api, text: str) -> None:
    problem_of(await empty.send("POST", "/v1/spend", text, kind="text/csv"), 400)
    assert await records(empty) == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"null",
        b"[",
        b"[NaN]",
        b'[{"date": "2026-01-02", "date": "2026-01-03", "amount": 1}]',
        b"\xff\xfe",
        b"[" * 100_000,
        b"[1e99999999999999999999]",
        b'"text"',
    ],
)
async def test_a_body_that_is_no_list_is_refused(empty: Api, body: bytes) -> None:
    problem_of(await post(empty, body), 400)
    assert await records(empty) == []


async def test_an_empty_list_is_taken_as_it_is(empty: Api) -> None:
    assert await accepted(empty, []) == 0
    assert await records(empty) == []


async def test_sizes_and_kinds_of_bodies(empty: Api) -> None:
    problem_of(await post(empty, b"[" + b" " * (16 << 20) + b"]"), 413)
    problem_of(await empty.send("POST", "/v1/spend", "<rows/>", kind="application/xml"), 415)


async def test_who_may_upload(empty: Api) -> None:
    assert await accepted(empty, [ROW], key="a-w1") == 1
    problem_of(await post(empty, [ROW], key="w-w1"), 403)
    problem_of(await post(empty, [ROW], key="x"), 401)
    assert {record.workspace for record in await records(empty)} == {"w1"}
    assert await accepted(empty, [ROW], key="r-w2") == 1
    await catch_up(empty.data)
    assert {row["workspace"] for row in await rows_of(empty.data, spend)} == {"w1", "w2"}
