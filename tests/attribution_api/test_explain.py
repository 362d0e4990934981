"""GET /v1/explain: the credits behind a row add up to it, and each names the records of the log that made it."""

from __future__ import annotations

from typing import Any

import pytest

from .serving import Api

MEASURES = {
    "lead": "leads",
    "mql": "mqls",
    "sql": "sqls",
    "opportunity": "opportunities",
    "deal": "deals",
    "customer": "customers",
}


def added(credits: list[dict[str, Any]]) -> dict[str, float]:
    """What the credits come to, as an ROI row shows it."""
    micro = dict.fromkeys(MEASURES.values(), 0)
    revenue = 0
    for credit in credits:
        micro[MEASURES[credit["conversion"]["kind"]]] += credit["micro"]
        revenue += credit["revenue_minor"] + sum(part["revenue_minor"] for part in credit["adjustments"])
    return {name: number / 1_000_000 for name, number in micro.items()} | {"revenue_minor": revenue}


@pytest.mark.parametrize(
    ("group_by", "model", "basis", "days"),
    [
        ("channel", "linear", "conversion", {}),
        ("channel", "position_based", "touch", {"from_": "2026-01-01", "to": "2026-01-31"}),
        ("day,source,medium", "time_decay", "conversion", {}),
        ("week,channel", "first_touch", "touch", {}),
        ("month,campaign", "full_path", "conversion", {"from_": "2026-02-03"}),
        ("landing_page,content,term", "w_shaped", "conversion", {}),
        ("original_source", "linear", "conversion", {}),
        ("day,original_source", "last_touch", "touch", {"from_": "2026-01-03"}),
    ],
)
async def test_the_credits_of_all_pages_add_up_to_the_row(
    api: Api, group_by: str, model: str, basis: str, days: dict[str, str]
) -> None:
    asked = {"model": model, "basis": basis, **days}
    rows = (await api.get("/v1/roi", group_by=group_by, **asked))["rows"]
    assert rows
    for row in rows:
        values = {name: row[name] for name in group_by.split(",")}
        pages = await api.pages("/v1/explain", "credits", 2, **asked, **values)
        assert all(len(page) == 2 for page in pages[:-1])
        credits = [credit for page in pages for credit in page]
        assert added(credits) == {name: row[name] for name in (*MEASURES.values(), "revenue_minor")}
        explained = await api.get("/v1/explain", **asked, **values)
        assert explained["totals"] == {name: row[name] for name in row if name not in values}


async def test_a_credit_names_what_made_it(api: Api) -> None:
    answer = await api.get("/v1/explain", channel="Paid Search", day="2026-02-02")
    deal, customer = sorted(answer["credits"], key=lambda credit: -credit["revenue_minor"])
    assert customer["conversion"]["kind"] == "customer"
    assert deal["conversion"] == {
        "kind": "deal",
        "key": "generic/D2",
        "at": "2026-02-02T12:00:00Z",
        "day": "2026-02-02",
        "deal": "D2",
        "connection": "generic",
        "revenue_minor": 40_000,
        "currency": "EUR",
        "adjustments": [
            {"id": "R1", "at": "2026-02-10T23:59:59.999999Z", "day": "2026-02-10", "revenue_minor": -8_000}
        ],
    }
    assert (deal["micro"], deal["revenue_minor"], deal["adjustments"]) == (1_000_000, 40_000, [])
    assert (deal["touchpoint"]["cookie"], deal["touchpoint"]["landing_page"]) == ("c2", "shop.test/pricing")
    records = deal["records"]
    assert (records["touchpoint"]["sender"], records["touchpoint"]["at"]) == ("c2", "2026-01-25T10:00:00Z")
    assert (records["link"]["event_id"], records["link"]["at"]) == (
        deal["touchpoint"]["owned_by_link"],
        "2026-01-25T10:10:00Z",
    )
    assert [record["at"] for record in records["conversion"]] == ["2026-02-02T12:00:00Z", "2026-02-10T12:00:00Z"]
    assert {record["topic"] for record in records["conversion"]} == {"crm-events"}


async def test_a_refund_is_explained_on_its_own_day(api: Api) -> None:
    answer = await api.get("/v1/explain", from_="2026-02-10", to="2026-02-10")
    (credit,) = answer["credits"]
    assert (credit["micro"], credit["revenue_minor"]) == (0, 0)
    assert [(part["id"], part["revenue_minor"]) for part in credit["adjustments"]] == [("R1", -8_000)]
    assert answer["totals"]["revenue_minor"] == -8_000


async def test_a_lead_names_the_form_and_the_contact(api: Api) -> None:
    answer = await api.get("/v1/explain", day="2026-01-08", source="google")
    (credit,) = answer["credits"]
    assert credit["conversion"]["kind"] == "lead"
    topics = [record["topic"] for record in credit["records"]["conversion"]]
    assert topics == ["web-events", "crm-events", "crm-events"]


async def test_what_has_no_touchpoint_is_explained_too(api: Api) -> None:
    crm = await api.get("/v1/explain", source="(crm)")
    assert {credit["conversion"]["deal"] for credit in crm["credits"]} == {"D4"}
    assert {(credit["touchpoint"], credit["records"]["touchpoint"]) for credit in crm["credits"]} == {(None, None)}
    assert crm["totals"]["revenue_minor"] == 1_000
    nobody = await api.get("/v1/explain", channel="(unattributed)")
    assert {credit["conversion"]["deal"] for credit in nobody["credits"]} == {"D3"}


async def test_two_workspaces_never_mix(api: Api) -> None:
    answer = await api.get("/v1/explain", workspace="w2")
    assert {credit["touchpoint"]["source"] for credit in answer["credits"]} == {"partner"}


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"week": "2026-01-06"}, "Monday"),
        ({"month": "2026-13"}, "month"),
        ({"day": "today"}, "day"),
        ({"model": "linear,first_touch"}, "model"),
        ({"channel": "a\x00b"}, "NUL"),
        ({"cursor": "nonsense!"}, "cursor"),
        ({"cursor": "WzFd"}, "cursor"),
    ],
)
async def test_what_cannot_be_explained_is_refused(api: Api, parameters: dict[str, str], says: str) -> None:
    assert says in (await api.refused(400, "/v1/explain", **parameters))["detail"]


async def test_limits_of_pages_are_checked(api: Api) -> None:
    for limit in (0, 1001):
        await api.refused(422, "/v1/explain", limit=limit)
