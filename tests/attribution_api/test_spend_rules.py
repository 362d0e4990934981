"""PUT /v1/settings {"spend_rules": …}: what costs count under, past and future."""

from __future__ import annotations

import json
from typing import Any

import pytest

from wanamaker_attribution.tables import spend

from .serving import Api, catch_up, problem_of, rows_of
from .test_exports import GOOGLE, send
from .test_spend import records


async def state(api: Api, rules: list[dict[str, Any]] | None) -> Any:
    return await api.send("PUT", "/v1/settings", json.dumps({"spend_rules": rules}))


async def named(api: Api) -> set[tuple[str, ...]]:
    await catch_up(api.data)
    rows = await rows_of(api.data, spend)
    return {(row["source"], row["medium"], row["campaign"], row["channel"], row["post"]) for row in rows}


async def test_rules_hold_for_the_past_and_the_record_keeps_the_platforms_name(empty: Api) -> None:
    await send(empty, GOOGLE)
    assert await named(empty) == {("google", "cpc", "Brand", "Paid Search", "attract")}
    rules = [
        {"provider": "meta.*", "to_campaign": "never"},
        {"campaign": "(b)(rand)", "to_campaign": " \\2-\\1 ", "to_source": " Bing ", "post": "close"},
    ]
    assert (await state(empty, rules)).json() == {"accepted": 1}
    assert await named(empty) == {("bing", "cpc", "rand-B", "Paid Search", "close")}
    assert {record.campaign for record in await records(empty)} == {"Brand"}
    told = (await empty.get("/v1/settings"))["settings"]["spend_rules"]
    assert [(rule["to_campaign"], rule["to_source"]) for rule in told] == [("never", None), ("\\2-\\1", "bing")]
    await state(empty, None)
    assert await named(empty) == {("google", "cpc", "Brand", "Paid Search", "attract")}


async def test_rules_hold_for_what_comes_later(empty: Api) -> None:
    await state(empty, [{"account": "(?i)shop", "channel": "Shop"}, {"medium": "cpc", "to_medium": "PAID-social"}])
    await send(empty, GOOGLE)
    await send(empty, GOOGLE.replace("11", "12"), account="Shop")
    assert await named(empty) == {
        ("google", "paid-social", "Brand", "Paid Search", "attract"),
        ("google", "cpc", "Brand", "Shop", "attract"),
    }


async def test_a_group_that_found_nothing_and_a_name_that_grows_too_long(empty: Api) -> None:
    await state(empty, [{"campaign": "brand(x)?", "to_campaign": "\\1"}])
    await send(empty, GOOGLE)
    assert {row[2] for row in await named(empty)} == {"(not set)"}
    await state(empty, [{"campaign": "(.*)", "to_campaign": "é" + "\\1" * 100}])
    (name,) = {row[2] for row in await named(empty)}
    assert name == "é" + ("Brand" * 100)[:253]
    await state(empty, [{"campaign": "(.*)", "to_campaign": "x" * 249 + "\\1 y"}])
    assert {row[2] for row in await named(empty)} == {"x" * 249 + "Brand"}


async def test_a_rules_channel_stands_before_the_costs_own(empty: Api) -> None:
    row = {"date": "2026-09-01", "source": "radio", "campaign": "Brand", "channel": "Audio", "amount": "1"}
    await empty.send("POST", "/v1/spend", json.dumps([row]))
    assert {told[3] for told in await named(empty)} == {"Audio"}
    await state(empty, [{"campaign": "brand", "channel": "Events"}])
    assert {told[3] for told in await named(empty)} == {"Events"}


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ({"campaign": "x"}, "0: gives nothing; it needs one of channel, post, to_campaign"),
        ({"to_campaign": "x"}, "0: needs a condition"),
        ({}, "0: gives nothing"),
        ({"campaign": "(x)", "to_campaign": "\\2"}, "names a group that campaign does not have"),
        ({"provider": "(x)", "to_campaign": "\\1"}, "names a group that campaign does not have"),
        ({"campaign": "(", "to_campaign": "x"}, "not a regular expression of RE2"),
        ({"campaign": "x", "post": "retain"}, "0.post"),
        ({"campaign": "x", "to_source": " "}, "0.to_source: must have 1 to 255 bytes"),
        ({"campaign": "x", "to_campaign": "é" * 128}, "0.to_campaign: must have 1 to 255 bytes"),
        ({"campaign": "x", "channel": "a\x00"}, "control characters"),
        ({"campaign": "x", "to_medium": "\ud800"}, "0.to_medium"),
        ({"campaign": "x" * 301, "channel": "X"}, "at most 300 characters"),
        ({"campaign": "x", "colour": "red"}, "colour"),
        ("x", "0"),
    ],
)
async def test_a_rule_that_means_nothing_is_refused(empty: Api, rule: Any, says: str) -> None:
    (error,) = problem_of(await state(empty, [rule]), 400)["errors"]
    assert error["name"] == "spend_rules"
    assert says in error["reason"]


async def test_there_may_be_five_hundred(empty: Api) -> None:
    rule = {"campaign": "x", "channel": "X"}
    assert (await state(empty, [rule] * 500)).status_code == 200
    assert "at most 500" in problem_of(await state(empty, [rule] * 501), 400)["errors"][0]["reason"]
