"""GET /v1/journeys and GET /v1/deals: people, their touchpoints, what came of them."""

from __future__ import annotations

import itertools
from pathlib import Path

from tests.oracle.histories.test_worked_example import told
from tests.oracle.story import Story
from wanamaker_attribution.channels import RULES_VERSION

from .company import story
from .serving import Api, serving

STORY = story()
ANN = STORY.profile(STORY.email("ann@example.com"))
PARTS = {
    "first_touch": [10_001, 0, 0],
    "last_touch": [0, 0, 10_001],
    "last_non_direct": [0, 10_001, 0],
    "linear": [3_334, 3_334, 3_333],
    "position_based": [4_001, 2_000, 4_000],
    "time_decay": [2_229, 3_313, 4_459],
    "w_shaped": [3_000, 1_000, 6_001],
    "full_path": [2_250, 1_000, 6_751],
}


async def test_a_person(api: Api) -> None:
    answer = await api.get(f"/v1/journeys/{ANN}")
    assert answer["profile"] == {
        "id": ANN,
        "identifiers": [
            {
                "kind": "email",
                "id": STORY.email("ann@example.com").removeprefix("email:"),
                "since": "2026-01-08T10:05:00Z",
                "via": "form",
            },
            {"kind": "contact", "id": "generic/C1", "since": "2026-01-10T09:00:00Z", "via": "contact.revised"},
        ],
    }
    first, *_ = touchpoints = answer["touchpoints"]
    assert [touchpoint["channel"] for touchpoint in touchpoints] == ["Paid Search", "Email", "Direct"]
    assert first | {"id": "", "owned_by_link": ""} == {
        "id": "",
        "at": "2026-01-01T10:00:00Z",
        "day": "2026-01-01",
        "channel": "Paid Search",
        "source": "google",
        "medium": "cpc",
        "campaign": "brand",
        "term": "(not set)",
        "content": "(not set)",
        "landing_page": "shop.test/offer",
        "original_source": "Paid search",
        "rules": RULES_VERSION,
        "cookie": "c1",
        "owner": STORY.email("ann@example.com"),
        "owned_by_link": "",
    }
    assert len({touchpoint["owned_by_link"] for touchpoint in touchpoints}) == 1
    assert [conversion["kind"] for conversion in answer["conversions"]] == [
        "lead",
        "opportunity",
        "mql",
        "customer",
        "deal",
    ]


async def test_a_conversion_has_its_credits_by_model(api: Api) -> None:
    answer = await api.get(f"/v1/journeys/{ANN}")
    deal = next(conversion for conversion in answer["conversions"] if conversion["kind"] == "deal")
    assert (deal["deal"], deal["at"], deal["revenue_minor"], deal["currency"]) == (
        "D1",
        "2026-01-20T12:00:00Z",
        10_001,
        "EUR",
    )
    assert {model: [part["revenue_minor"] for part in parts] for model, parts in deal["credits"].items()} == PARTS
    ids = [touchpoint["id"] for touchpoint in answer["touchpoints"]]
    for parts in deal["credits"].values():
        assert [part["touchpoint"] for part in parts] == ids
        assert sum(part["micro"] for part in parts) == 1_000_000
    lead = answer["conversions"][0]
    assert "revenue_minor" not in lead
    assert "deal" not in lead


async def test_any_members_id_finds_the_person(api: Api) -> None:
    """The contact's own id, and that of the browser."""
    person = await api.get(f"/v1/journeys/{ANN}")
    for identifier in ("contact:generic/C1", "cookie:c1"):
        assert await api.get(f"/v1/journeys/{STORY.profile(identifier)}") == person


async def test_a_browser_that_belongs_to_nobody_is_its_own_profile(tmp_path: Path) -> None:
    visit = Story()
    visit.page("c9", "2026-01-01 10:00", "google/cpc")
    visit.page("c9", "2026-01-02 10:00")
    async with serving(tmp_path, visit.entries) as api:
        profile = visit.profile("cookie:c9")
        answer = await api.get(f"/v1/journeys/{profile}")
    assert answer["profile"] == {
        "id": profile,
        "identifiers": [{"kind": "cookie", "id": "c9", "since": "2026-01-01T10:00:00Z", "via": "page"}],
    }
    assert [touchpoint["owner"] for touchpoint in answer["touchpoints"]] == [None, None]
    assert answer["conversions"] == []


async def test_touchpoints_and_conversions_are_paged(api: Api) -> None:
    whole = await api.get(f"/v1/journeys/{ANN}")
    path, touchpoints, conversions = f"/v1/journeys/{ANN}", [], []
    after: dict[str, str] = {}
    for _ in itertools.count():
        page = await api.get(path, limit=2, **after)
        touchpoints += page["touchpoints"]
        if page["next"]["touchpoints"] is None:
            break
        after = {"touchpoints_after": page["next"]["touchpoints"]}
    assert touchpoints == whole["touchpoints"]
    after = {}
    for _ in itertools.count():
        page = await api.get(path, limit=2, **after)
        conversions += page["conversions"]
        if page["next"]["conversions"] is None:
            break
        after = {"conversions_after": page["next"]["conversions"]}
    assert conversions == whole["conversions"]


async def test_another_workspaces_person_is_not_found(api: Api) -> None:
    problem = await api.refused(404, f"/v1/journeys/{ANN}", workspace="w2")
    assert problem["title"] == "Not Found"
    assert (await api.get(f"/v1/journeys/{Story('w2').profile('cookie:c1')}", workspace="w2"))["conversions"]


async def test_a_deal(api: Api) -> None:
    answer = await api.get("/v1/deals/generic/D2")
    assert answer["deal"] | {"people": []} == {
        "id": "D2",
        "connection": "generic",
        "status": "won",
        "pipeline": None,
        "stage": None,
        "amount": "500.00",
        "currency": "USD",
        "amount_minor": 50_000,
        "revenue_minor": 40_000,
        "reporting_currency": "EUR",
        "rates": [
            {"day": "2026-02-01", "base": "EUR", "currency": "USD", "rate": "1.25", "origin": "uploaded"},
        ],
        "created_at": "2026-01-26T09:00:00Z",
        "won_at": "2026-02-02T12:00:00Z",
        "account": f"person:{STORY.profile(STORY.email('bob@example.com'))}",
        "original_source": None,
        "contacts": ["C2"],
        "people": [],
        "adjustments": [
            {
                "id": "R1",
                "at": "2026-02-10T23:59:59.999999Z",
                "amount_minor": -10_000,
                "currency": "USD",
                "revenue_minor": -8_000,
            }
        ],
    }
    assert [touchpoint["source"] for touchpoint in answer["touchpoints"]] == ["bing"]
    assert [conversion["kind"] for conversion in answer["conversions"]] == ["opportunity", "customer", "deal"]
    (part,) = answer["conversions"][-1]["credits"]["linear"]
    assert (part["micro"], part["revenue_minor"], part["adjusted_minor"]) == (1_000_000, 40_000, -8_000)
    assert await api.get("/v1/deals/D2") == answer


async def test_a_deal_without_people_stands_unattributed(api: Api) -> None:
    answer = await api.get("/v1/deals/D3")
    assert (answer["deal"]["revenue_minor"], answer["deal"]["amount_minor"], answer["touchpoints"]) == (None, 9_000, [])
    deal = answer["conversions"][-1]
    assert deal["credits"]["linear"] == [
        {"touchpoint": None, "micro": 1_000_000, "revenue_minor": 0, "adjusted_minor": 0}
    ]


async def test_an_id_of_several_connections_is_a_conflict(tmp_path: Path) -> None:
    twice = told()
    twice.deal("D1", "2026-01-11 09:00", [], connection="other", status="open")
    twice.deal("a/b", "2026-01-11 09:00", [], status="open")
    async with serving(tmp_path, twice.entries) as api:
        problem = await api.refused(409, "/v1/deals/D1")
        assert problem["connections"] == ["generic", "other"]
        assert (await api.get("/v1/deals/other/D1"))["deal"]["status"] == "open"
        assert (await api.get("/v1/deals/generic/D1"))["deal"]["status"] == "won"
        assert (await api.get("/v1/deals/generic/a/b"))["deal"]["id"] == "a/b"


async def test_a_deleted_deal_is_not_found(tmp_path: Path) -> None:
    gone = told()
    gone.deal_deleted("D1", "2026-01-21 09:00")
    async with serving(tmp_path, gone.entries) as api:
        await api.refused(404, "/v1/deals/D1")
        await api.refused(404, "/v1/deals/generic/D1")


async def test_two_workspaces_have_their_own_deals(api: Api) -> None:
    assert (await api.get("/v1/deals/D1", workspace="w2"))["deal"]["amount"] == "7.77"
    await api.refused(404, "/v1/deals/D2", workspace="w2")
