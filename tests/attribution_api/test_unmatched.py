"""GET /v1/spend/unmatched: the names of costs and visits that do not meet, both ways, a page at a time."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, event, insert

from tests.oracle.story import Story
from wanamaker_attribution.campaign_names import NamesAlike
from wanamaker_attribution.channels import is_paid
from wanamaker_attribution.repository.unmatched import Period, read_visits
from wanamaker_attribution.tables import metadata, roi_traffic

from .serving import Api, catch_up, serving


def story() -> Story:
    told = Story()
    for cookie, when, utm in (
        ("c1", "2026-03-01 10:00", "google/cpc/brand"),
        ("c2", "2026-03-01 11:00", "google/cpc/brand"),
        ("c1", "2026-03-02 10:00", "google/cpc/Spring_Sale-2026"),
        ("c1", "2026-03-03 10:00", "facebook/paid-social/retargeting"),
        ("c2", "2026-03-03 10:00", "newsletter/email/spring-sale"),
        ("c1", "2026-04-01 10:00", "google/cpc/april"),
    ):
        told.page(cookie, when, utm)
    told.page("c3", "2026-03-05 10:00", click_id="gclid=x")
    told.spend("2026-03-01", "google/cpc/brand", "10.00")
    told.spend("2026-03-02", "google/cpc/Spring Sale 2026", "30.00", provider="google_ads")
    told.spend("2026-03-04", "google/cpc/Spring Sale 2026", "5.00", provider="google_ads")
    told.spend("2026-03-04", "google/cpc/Spring Sale 2026", "7.00", provider="google_ads", currency="PLN", key="z")
    told.spend("2026-03-02", "google/cpc/april", "2.00", provider="google_ads")
    told.spend("2026-03-02", "google/cpc/paused", "0", provider="google_ads")
    told.spend("2026-03-01", "google/cpc/Spring Sale 2026", "0.00", provider="google_ads")
    told.spend("2026-03-01", "google/cpc/paused abroad", "-0.00", provider="google_ads", currency="PLN")
    told.spend("2026-03-02", "google/cpc/a thousandth", "0.001", provider="google_ads")
    told.spend("2026-03-01", "agency", "60.00", until="2026-03-06", key="fee", post="close")
    return told


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Api]:
    async with serving(tmp_path, story().entries) as api:
        yield api


MARCH = {"from_": "2026-03-01", "to": "2026-03-31"}


async def test_costs_that_no_visit_came_by(shop: Api) -> None:
    answer = await shop.get("/v1/spend/unmatched", **MARCH)
    assert (answer["of"], answer["from"], answer["to"], answer["currency"]) == (
        "spend",
        "2026-03-01",
        "2026-03-31",
        "EUR",
    )
    assert answer["rows"] == [
        {
            "provider": "manual",
            "source": "agency",
            "medium": "(not set)",
            "campaign": "(not set)",
            "spend_minor": 6000,
            "unconverted": [],
            "first": "2026-03-01",
            "last": "2026-03-06",
            "nearest": [],
        },
        {
            "provider": "google_ads",
            "source": "google",
            "medium": "cpc",
            "campaign": "Spring Sale 2026",
            "spend_minor": 3500,
            "unconverted": [{"currency": "PLN", "spend_minor": 700}],
            "first": "2026-03-02",
            "last": "2026-03-04",
            "nearest": [
                {"source": "google", "medium": "cpc", "campaign": "Spring_Sale-2026", "sessions": 1},
                {"source": "newsletter", "medium": "email", "campaign": "spring-sale", "sessions": 1},
            ],
        },
        {
            "provider": "google_ads",
            "source": "google",
            "medium": "cpc",
            "campaign": "april",
            "spend_minor": 200,
            "unconverted": [],
            "first": "2026-03-02",
            "last": "2026-03-02",
            "nearest": [],
        },
    ]
    everything = await shop.get("/v1/spend/unmatched")
    assert [row["campaign"] for row in everything["rows"]] == ["(not set)", "Spring Sale 2026"]
    only = await shop.get("/v1/spend/unmatched", provider="google_ads")
    assert [row["campaign"] for row in only["rows"]] == ["Spring Sale 2026"]


async def test_paid_visits_that_cost_nothing(shop: Api) -> None:
    answer = await shop.get("/v1/spend/unmatched", of="sessions", **MARCH)
    assert [(row["source"], row["medium"], row["campaign"], row["sessions"]) for row in answer["rows"]] == [
        ("facebook", "paid-social", "retargeting", 1),
        ("google", "cpc", "(not set)", 1),
        ("google", "cpc", "Spring_Sale-2026", 1),
    ]
    assert [row["nearest"] for row in answer["rows"]] == [
        [],
        [],
        [
            {
                "provider": "google_ads",
                "source": "google",
                "medium": "cpc",
                "campaign": "Spring Sale 2026",
                "spend_minor": 3500,
            }
        ],
    ]


async def test_a_rule_makes_them_meet(shop: Api) -> None:
    rules = [{"provider": "google_ads", "campaign": "(.+) sale (.+)", "to_campaign": "\\1_Sale-\\2"}]
    assert (await shop.send("PUT", "/v1/settings", json.dumps({"spend_rules": rules}))).status_code == 200
    await catch_up(shop.data)
    left = await shop.get("/v1/spend/unmatched", **MARCH)
    assert [row["campaign"] for row in left["rows"]] == ["(not set)", "april"]
    left = await shop.get("/v1/spend/unmatched", of="sessions", **MARCH)
    assert [row["campaign"] for row in left["rows"]] == ["retargeting", "(not set)"]


@pytest.mark.parametrize("of", ["spend", "sessions"])
async def test_pages_are_the_whole(shop: Api, of: str) -> None:
    whole = (await shop.get("/v1/spend/unmatched", of=of, **MARCH))["rows"]
    pages = await shop.pages("/v1/spend/unmatched", "rows", 1, of=of, **MARCH)
    assert [row for page in pages for row in page] == whole
    assert [len(page) for page in pages] == [1] * len(whole)


async def test_workspaces_do_not_see_one_another(shop: Api) -> None:
    for of in ("spend", "sessions"):
        answer = await shop.get("/v1/spend/unmatched", workspace="w2", of=of)
        assert (answer["rows"], answer["next"]) == ([], None)


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"from_": "2026-03-02", "to": "2026-03-01"}, "from: lies after to"),
        ({"from_": "yesterday"}, "from: must be a day"),
        ({"of": "sessions", "provider": "ads"}, "provider: visits have none"),
        ({"provider": "a\x00"}, "NUL"),
        ({"cursor": "AAAA"}, "cursor"),
    ],
)
async def test_bad_questions_say_why(shop: Api, parameters: dict[str, Any], says: str) -> None:
    problem = await shop.refused(400, "/v1/spend/unmatched", **parameters)
    assert says in problem["detail"]


async def test_a_cursor_of_the_other_direction_is_refused(shop: Api) -> None:
    cursor = (await shop.get("/v1/spend/unmatched", limit=1))["next"]
    await shop.refused(400, "/v1/spend/unmatched", of="sessions", cursor=cursor)


def test_unpaid_names_are_summed_once_however_many_there_are() -> None:
    """Visitors invent them: a sum for each page of them would take minutes."""
    names = [("organic", f"c{number}", 2) for number in range(2_500)] + [("cpc", "paid", 1), ("cpc", "last", 1)]
    said = {"workspace": "w1", "day": "2026-03-01", "channel": "x", "source": "google"}
    costs = dict.fromkeys(("attract_minor", "convert_minor", "close_minor"), 0)
    rows = [said | {"medium": medium, "campaign": name, "sessions": n} | costs for medium, name, n in names]
    asked: list[str] = []
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        metadata.create_all(connection)
        connection.execute(insert(roi_traffic), rows)
        event.listen(engine, "before_cursor_execute", lambda _, __, statement, *___: asked.append(statement))
        found = read_visits(connection, "w1", Period(None, None), limit=10)
    engine.dispose()
    assert ([visits.campaign for visits in found], len(asked)) == (["last", "paid"], 1)


@pytest.mark.parametrize(
    ("name", "known", "nearest"),
    [
        ("Brand - DE", ["brand_de", "brand_fr", "retargeting"], ["brand_de", "brand_fr"]),
        ("PMax | Shoes | DE", ["pmax-shoes-de", "shoes"], ["pmax-shoes-de", "shoes"]),
        ("brand_de", ["abrand_de_xx", "brand_de"], ["brand_de", "abrand_de_xx"]),
        ("x", ["y", ""], []),
        ("", ["brand"], []),
        ("aaaaaa", ["aaa", "aaaa", "aaaaa", "aaaaaaa"], ["aaa", "aaaa", "aaaaa"]),
        ("été", ["ete", "ÉTÉ"], ["ÉTÉ"]),
    ],
)
def test_what_is_called_alike(name: str, known: list[str], nearest: list[str]) -> None:
    assert NamesAlike(known, str, str).nearest(name) == nearest


def test_what_is_paid() -> None:
    paid = [("google", "cpc"), ("facebook", "paid-social"), ("x", "display"), ("somewhere", "ppc")]
    not_paid = [("google", "organic"), ("newsletter", "email"), ("(direct)", "(none)"), ("facebook", "social")]
    assert Counter(is_paid(*names, "c") for names in [*paid, *not_paid]) == {True: 4, False: 4}
    assert is_paid("x", "y", "Cross-Network sale")
