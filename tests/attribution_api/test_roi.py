"""GET /v1/roi over the small company (company.py has its arithmetic)."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from .serving import Api


def by(rows: list[dict[str, Any]], *names: str) -> dict[Any, dict[str, Any]]:
    return {tuple(row[name] for name in names) if len(names) > 1 else row[names[0]]: row for row in rows}


async def test_a_row_has_every_field(api: Api) -> None:
    """January, Paid Search: two visits, a third of Ann and all of Bob's lead; 100 EUR of costs."""
    answer = await api.get("/v1/roi", from_="2026-01-01", to="2026-01-31")
    assert by(answer["rows"], "channel")["Paid Search"] == {
        "channel": "Paid Search",
        "sessions": 2,
        "leads": 1.333334,
        "mqls": 0.333334,
        "sqls": 0,
        "opportunities": 1.333334,
        "deals": 0.333334,
        "customers": 0.333334,
        "revenue_minor": 3334,
        "spend_minor": 10_000,
        "spend_attract_minor": 6_000,
        "spend_convert_minor": 3_000,
        "spend_close_minor": 1_000,
        "roi": -0.6666,
        "roas": 0.3334,
        "cost_per_session_minor": 3_000,
        "cost_per_lead_minor": 6_750,  # 9000 / 1.333334 = 6749.997
        "cac_minor": 30_000,  # 10000 / 0.333334 = 29999.94
        "session_to_lead": 0.6667,
        "lead_to_customer": 0.25,
        "average_deal_minor": 10_002,
        "days_to_close": 19.0833,
    }


async def test_the_answer_says_what_was_asked_and_what_it_reflects(api: Api) -> None:
    answer = await api.get("/v1/roi", from_="2026-01-01", to="2026-01-31")
    assert {name: answer[name] for name in ("model", "basis", "group_by", "from", "to", "currency")} == {
        "model": "linear",
        "basis": "conversion",
        "group_by": ["channel"],
        "from": "2026-01-01",
        "to": "2026-01-31",
        "currency": "EUR",
    }
    as_of = answer["as_of"]
    assert {topic: len(positions) for topic, positions in as_of.items()} == dict.fromkeys(
        ["web-events", "identity-updates", "crm-events", "ad-spend", "settings", "rates"], 2
    )
    assert sum(as_of["web-events"]) == 8
    assert sum(as_of["settings"]) == 0
    assert answer["fresh_to"] == "2026-02-10T12:00:00Z"


async def test_channels_are_sorted_and_one_that_only_costs_stays(api: Api) -> None:
    answer = await api.get("/v1/roi")
    assert [row["channel"] for row in answer["rows"]] == [
        "(unattributed)",
        "Direct",
        "Display",
        "Email",
        "Paid Search",
    ]
    waste = by(answer["rows"], "channel")["Display"]
    assert {name: waste[name] for name in waste if waste[name] not in (0, None)} == {
        "channel": "Display",
        "spend_minor": 5_000,
        "spend_attract_minor": 5_000,
        "roi": -1.0,
    }
    assert (waste["cac_minor"], waste["roas"]) == (None, 0.0)


async def test_totals_are_exact(api: Api) -> None:
    """Three linear thirds of Ann are one Ann; 100.01 + 400 - 80 + 10 EUR."""
    totals = (await api.get("/v1/roi"))["totals"]
    assert (totals["leads"], totals["deals"], totals["customers"], totals["sessions"]) == (2, 4, 4, 4)
    assert totals["revenue_minor"] == 10_001 + 40_000 - 8_000 + 1_000
    assert totals["spend_minor"] == 15_000
    seconds = 1_648_800 + 8 * 86_400 + 2 * 3_600
    assert totals["days_to_close"] == round(seconds / 4 / 86_400, 4)


async def test_money_without_a_rate_is_listed_not_dropped(api: Api) -> None:
    answer = await api.get("/v1/roi")
    assert answer["unconverted"] == [{"currency": "JPY", "deals": 1, "revenue_minor": 9_000, "spend_minor": 5_000}]
    january = await api.get("/v1/roi", to="2026-01-31")
    assert january["unconverted"] == [{"currency": "JPY", "deals": 0, "revenue_minor": 0, "spend_minor": 5_000}]


async def test_basis_touch_dates_credits_by_their_touchpoints(api: Api) -> None:
    touch = await api.get("/v1/roi", basis="touch", group_by="day,channel")
    revenue = {key: row["revenue_minor"] for key, row in by(touch["rows"], "day", "channel").items()}
    assert {key: minor for key, minor in revenue.items() if minor} == {
        ("2026-01-01", "Paid Search"): 3_334,
        ("2026-01-05", "Email"): 3_334,
        ("2026-01-08", "Direct"): 3_333,
        ("2026-01-25", "Paid Search"): 32_000,
        ("2026-02-04", "Paid Search"): 1_000,
    }
    sessions = {key: row["sessions"] for key, row in by(touch["rows"], "day", "channel").items() if row["sessions"]}
    assert sessions == {
        ("2026-01-01", "Paid Search"): 1,
        ("2026-01-05", "Email"): 1,
        ("2026-01-08", "Direct"): 1,
        ("2026-01-25", "Paid Search"): 1,
    }


async def test_basis_conversion_dates_a_refund_by_its_own_day(api: Api) -> None:
    rows = by((await api.get("/v1/roi", group_by="day"))["rows"], "day")
    assert {day: row["revenue_minor"] for day, row in rows.items() if row["revenue_minor"]} == {
        "2026-01-20": 10_001,
        "2026-02-02": 40_000,
        "2026-02-04": 1_000,
        "2026-02-10": -8_000,
    }


async def test_days_weeks_and_months(api: Api) -> None:
    weeks = (await api.get("/v1/roi", group_by="week"))["rows"]
    assert [row["week"] for row in weeks] == [
        "2025-12-29",
        "2026-01-05",
        "2026-01-12",
        "2026-01-19",
        "2026-01-26",
        "2026-02-02",
        "2026-02-09",
    ]
    months = by((await api.get("/v1/roi", group_by="month"))["rows"], "month")
    assert {month: row["revenue_minor"] for month, row in months.items()} == {"2026-01": 10_001, "2026-02": 33_000}


async def test_from_and_to_are_included(api: Api) -> None:
    one = await api.get("/v1/roi", from_="2026-01-20", to="2026-01-20", group_by="")
    assert [row["revenue_minor"] for row in one["rows"]] == [10_001]
    none = await api.get("/v1/roi", from_="2026-03-01", to="2026-03-31")
    assert (none["rows"], none["totals"]["revenue_minor"], none["totals"]["roi"]) == ([], 0, None)


@pytest.mark.parametrize(
    ("model", "parts"),
    [
        ("first_touch", (10_001, 0, 0)),
        ("last_touch", (0, 0, 10_001)),
        ("last_non_direct", (0, 10_001, 0)),
        ("linear", (3_334, 3_334, 3_333)),
        ("position_based", (4_001, 2_000, 4_000)),
        ("time_decay", (2_229, 3_313, 4_459)),
        ("w_shaped", (3_000, 1_000, 6_001)),
        ("full_path", (2_250, 1_000, 6_751)),
    ],
)
async def test_the_worked_example(api: Api, model: str, parts: tuple[int, ...]) -> None:
    rows = by((await api.get("/v1/roi", model=model, to="2026-01-31"))["rows"], "channel")
    assert tuple(rows[channel]["revenue_minor"] for channel in ("Paid Search", "Email", "Direct")) == parts


async def test_models_side_by_side(api: Api) -> None:
    answer = await api.get("/v1/roi", group_by="model,channel", model="linear,first_touch", to="2026-01-31")
    assert answer["model"] == ["linear", "first_touch"]
    rows = by(answer["rows"], "model", "channel")
    assert rows["first_touch", "Paid Search"]["revenue_minor"] == 10_001
    assert rows["linear", "Paid Search"]["revenue_minor"] == 3_334
    assert rows["first_touch", "Paid Search"]["spend_minor"] == rows["linear", "Paid Search"]["spend_minor"] == 10_000
    assert [total["model"] for total in answer["totals"]] == ["linear", "first_touch"]
    assert {total["revenue_minor"] for total in answer["totals"]} == {10_001}
    assert {total["sessions"] for total in answer["totals"]} == {4}


async def test_content_term_and_landing_page(api: Api) -> None:
    answer = await api.get("/v1/roi", group_by="landing_page,content,term")
    rows = by(answer["rows"], "landing_page", "content", "term")
    assert {key: (row["sessions"], row["revenue_minor"], row["spend_minor"]) for key, row in rows.items()} == {
        ("shop.test/offer", "(not set)", "(not set)"): (1, 3_334, 0),
        ("shop.test/", "(not set)", "(not set)"): (2, 6_667, 0),
        ("shop.test/pricing", "ad1", "crm"): (1, 32_000, 0),
        ("(not set)", "(not set)", "(not set)"): (0, 1_000, 15_000),  # no touchpoint; spend has no page
    }
    assert answer["totals"] == (await api.get("/v1/roi"))["totals"]


async def test_original_sources_have_their_costs(api: Api) -> None:
    """D3 and D4 have no visit: of D4 the CRM says PAID_SEARCH, of D3 nothing. Costs are grouped by their utm."""
    answer = await api.get("/v1/roi", group_by="original_source")
    rows = by(answer["rows"], "original_source")
    assert {
        key: (row["sessions"], row["deals"], row["revenue_minor"], row["spend_minor"]) for key, row in rows.items()
    } == {
        "Paid search": (2, 2.333334, 3_334 + 32_000 + 1_000, 10_000),
        "Email marketing": (1, 0.333333, 3_334, 0),
        "Direct traffic": (1, 0.333333, 3_333, 0),
        "Offline sources": (0, 1, 0, 0),
        "Other campaigns": (0, 0, 0, 5_000),
    }
    assert answer["totals"] == (await api.get("/v1/roi"))["totals"]
    beside = by(
        (await api.get("/v1/roi", group_by="original_source,channel,landing_page"))["rows"],
        "original_source",
        "channel",
    )
    assert beside["Other campaigns", "Display"]["spend_minor"] == 5_000


@pytest.mark.parametrize("basis", ["touch", "conversion"])
@pytest.mark.parametrize("period", ["day", "week", "month"])
async def test_credits_and_sums_answer_alike(api: Api, basis: str, period: str) -> None:
    """The same question with a dimension that only credits know, added up again."""
    coarse = await api.get("/v1/roi", basis=basis, group_by=f"{period},channel,medium")
    fine = await api.get("/v1/roi", basis=basis, group_by=f"{period},channel,medium,landing_page")
    assert fine["totals"] == coarse["totals"]
    added: dict[Any, int] = {}
    for row in fine["rows"]:
        key = (row[period], row["channel"], row["medium"])
        added[key] = added.get(key, 0) + row["revenue_minor"]
    assert added == {key: row["revenue_minor"] for key, row in by(coarse["rows"], period, "channel", "medium").items()}


async def test_a_refund_alone_in_its_days_has_its_landing_page(api: Api) -> None:
    """Its conversion lies on an earlier day than those asked for."""
    answer = await api.get("/v1/roi", group_by="landing_page", from_="2026-02-05")
    assert [(row["landing_page"], row["revenue_minor"]) for row in answer["rows"]] == [("shop.test/pricing", -8_000)]


async def test_every_pair_of_groups_adds_up_to_the_totals(api: Api) -> None:
    names = (
        *("day", "week", "month", "channel", "source", "medium", "campaign", "content", "term", "landing_page"),
        "original_source",
    )
    for pair in itertools.permutations(names, 2):
        answer = await api.get("/v1/roi", group_by=",".join(pair))
        keys = [tuple(row[name] for name in pair) for row in answer["rows"]]
        assert keys == sorted(set(keys)), pair
        for measure in ("sessions", "revenue_minor", "spend_minor"):
            assert sum(row[measure] for row in answer["rows"]) == answer["totals"][measure], (pair, measure)


async def test_two_workspaces_never_mix(api: Api) -> None:
    other = await api.get("/v1/roi", workspace="w2", group_by="source")
    assert [(row["source"], row["revenue_minor"], row["spend_minor"]) for row in other["rows"]] == [
        ("partner", 777, 111)
    ]
    fine = await api.get("/v1/roi", workspace="w2", group_by="landing_page")
    assert (fine["totals"]["revenue_minor"], fine["totals"]["sessions"]) == (777, 1)
    assert other["unconverted"] == []


async def test_an_empty_workspace_answers(empty: Api) -> None:
    answer = await empty.get("/v1/roi", group_by="model,landing_page", model="linear,time_decay")
    assert (answer["rows"], len(answer["totals"]), answer["unconverted"], answer["fresh_to"]) == ([], 2, [], None)
    assert answer["as_of"]["web-events"] == [0, 0]


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"model": "magic"}, "model"),
        ({"model": "linear,first_touch"}, "group_by"),
        ({"basis": "click"}, "basis"),
        ({"group_by": "colour"}, "channel"),
        ({"group_by": "channel,channel"}, "twice"),
        ({"from_": "01.02.2026"}, "from"),
        ({"from_": "2026-02-30"}, "from"),
        ({"to": "20260201"}, "to"),
        ({"from_": "2026-02-01", "to": "2026-01-01"}, "after"),
        ({"currency": "USD"}, "EUR"),
        ({"format": "xlsx"}, "parquet"),
    ],
)
async def test_what_cannot_be_answered_is_refused_with_the_reason(
    api: Api, parameters: dict[str, str], says: str
) -> None:
    assert says in (await api.refused(400, "/v1/roi", **parameters))["detail"]


async def test_the_reporting_currency_may_be_named(api: Api) -> None:
    assert (await api.get("/v1/roi", currency="eur"))["currency"] == "EUR"
