"""POST /v1/spend/exports: an ad platform's file in, a cost for each campaign and day on the topic, all or nothing."""

from __future__ import annotations

from typing import Any

import httpx

from wanamaker_attribution.tables import spend

from .serving import Api, bearer, catch_up, problem_of, rows_of
from .test_spend import records

GOOGLE = """Campaign report
"September 1, 2026 - September 2, 2026"
Day,Campaign,Campaign ID,Ad group,Currency code,Cost
2026-09-01,Brand,11,a,PLN,10.50
2026-09-01,Brand,11,b,PLN,"1,000.25"
2026-09-02,Brand,11,a,PLN, --
Total: Campaigns,--,--,--,PLN,"1,010.75"
"""


async def send(api: Api, content: bytes | str, *, key: str = "r-w1", **parameters: Any) -> httpx.Response:
    body = content.encode() if isinstance(content, str) else content
    headers = bearer(key) | {"Content-Type": "text/csv"}
    return await api.client.post("/v1/spend/exports", content=body, params=parameters, headers=headers)


async def test_an_export_becomes_a_cost_for_each_campaign_and_day(empty: Api) -> None:
    answer = (await send(empty, GOOGLE)).json()
    assert (answer["platform"], answer["accepted"], answer["costs"], answer["skipped"]) == ("google_ads", 3, 2, 1)
    assert (answer["first"], answer["last"], answer["amounts"]) == ("2026-09-01", "2026-09-02", {"PLN": "1010.75"})
    found = {record.date: record for record in await records(empty)}
    first = found["2026-09-01"]
    assert (first.provider, first.utm_source, first.medium, first.campaign) == ("google_ads", "google", "cpc", "Brand")
    assert (first.campaign_id, first.amount, first.currency, first.post) == ("11", "1010.75", "PLN", "attract")
    assert found["2026-09-02"].amount == "0"


async def test_a_later_export_replaces_and_never_adds(empty: Api) -> None:
    await send(empty, GOOGLE)
    await send(empty, GOOGLE)
    by_campaign = GOOGLE.replace(",a,", ",,").replace('2026-09-01,Brand,11,b,PLN,"1,000.25"\n', "")
    assert (await send(empty, by_campaign.replace("Brand", "Brand 2"))).status_code == 200
    await catch_up(empty.data)
    rows = await rows_of(empty.data, spend)
    assert sorted((row["day"], row["campaign"], row["amount"]) for row in rows) == [
        ("2026-09-01", "Brand 2", "10.50"),
        ("2026-09-02", "Brand 2", "0"),
    ]


async def test_long_names_are_cut_and_still_told_apart(empty: Api) -> None:
    head, long = "Day,Campaign,Campaign ID,Currency code,Cost\n", "é" * 200
    lines = [f"2026-09-01,{long}{end},{its},EUR,1\n" for end, its in (("a", ""), ("b", ""), ("c", "1" * 250))]
    assert (await send(empty, head + "".join(lines))).json()["costs"] == 3
    assert {record.campaign for record in await records(empty)} == {"é" * 127}


async def test_a_dry_run_writes_nothing_and_judges_every_line(empty: Api) -> None:
    answer = (await send(empty, GOOGLE.replace("10.50", "ten"), dry_run=True)).json()
    assert answer["errors"] == [{"line": 4, "reason": "Cost is not an amount of money"}]
    assert [(cost["date"], cost["amount"]) for cost in answer["written"]] == [
        ("2026-09-01", "1000.25"),
        ("2026-09-02", "0"),
    ]
    assert await records(empty) == []


async def test_one_bad_line_refuses_all(empty: Api) -> None:
    problem = problem_of(await send(empty, GOOGLE.replace("2026-09-02,", "2026-09-31,")), 400)
    assert problem["errors"] == [{"line": 6, "reason": "Day is not a day"}]
    assert await records(empty) == []
