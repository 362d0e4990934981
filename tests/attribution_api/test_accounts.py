"""Reports by account, and the accounts' own pages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.oracle.story import Story

from .serving import Api, lay_out, opened


def story() -> Story:
    """Example Ltd (A1): Ann, whom the CRM knows, and her colleague Bob, whom it does not. Cid is of a company without a CRM
    entry, Dan of none. Eve never said who she is."""
    told = Story()
    told.page("c1", "2026-01-01 10:00", "google/cpc/brand")
    told.form("c1", "2026-01-01 10:05", email="ann@example.com")
    told.page("c2", "2026-01-02 10:00", "newsletter/email")
    told.form("c2", "2026-01-02 10:05", email="bob@mail.example.com")
    told.page("c3", "2026-01-03 10:00", "google/cpc/brand")
    told.form("c3", "2026-01-03 10:05", email="cid@other.test")
    told.page("c4", "2026-01-04 10:00", "google/cpc/brand")
    told.form("c4", "2026-01-04 10:05", email="dan@gmail.com")
    told.page("c5", "2026-01-05 10:00", "google/cpc/brand")
    told.company("A1", "2026-01-05 12:00", name="Example Ltd", domain="example.com")
    told.contact("C1", "2026-01-06 10:00", emails=["ann@example.com"], company_id="A1")
    told.deal("D1", "2026-01-07 10:00", ["C1"], status="won", amount="100.00", company_id="A1")
    told.spend("2026-01-01", "google/cpc/brand", "10.00")
    return told


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    await lay_out(tmp_path, story().entries)
    async with opened(tmp_path) as client:
        yield client


async def test_the_roi_table_by_account(api: Api) -> None:
    found = await api.get("/v1/roi", group_by="account")
    rows = {row["account"]: row for row in found["rows"]}
    shown = {
        name: (row["account_name"], row["sessions"], row["leads"], row["revenue_minor"]) for name, row in rows.items()
    }
    assert shown == {
        "company:generic/A1": ("Example Ltd", 2, 2, 10000),
        "domain:other.test": (None, 1, 1, 0),
        "(not set)": (None, 2, 1, 0),
    }
    assert rows["(not set)"]["spend_minor"] == 1000


async def test_the_list_of_accounts(api: Api) -> None:
    answer = await api.get("/v1/accounts")
    assert answer["next"] is None
    assert answer["currency"] == "EUR"
    assert answer["accounts"] == [
        {
            "account": "company:generic/A1",
            "name": "Example Ltd",
            "domain": "example.com",
            "people": 2,
            "sessions": 2,
            "leads": 2,
            "deals": 1,
            "revenue_minor": 10_000,
            "last_at": "2026-01-07T10:00:00Z",
        },
        {
            "account": "domain:other.test",
            "name": None,
            "domain": "other.test",
            "people": 1,
            "sessions": 1,
            "leads": 1,
            "deals": 0,
            "revenue_minor": 0,
            "last_at": "2026-01-03T10:05:00Z",
        },
    ]


async def test_the_numbers_are_those_of_the_days(api: Api) -> None:
    answer = await api.get("/v1/accounts", from_="2026-01-02", to="2026-01-03")
    names = ("people", "sessions", "leads", "deals", "revenue_minor", "last_at")
    assert [[row[name] for name in names] for row in answer["accounts"]] == [
        [2, 1, 1, 0, 0, "2026-01-02T10:05:00Z"],
        [1, 1, 1, 0, 0, "2026-01-03T10:05:00Z"],
    ]
    assert (await api.refused(400, "/v1/accounts", from_="2026-01-03", to="2026-01-02"))[
        "detail"
    ] == "from: lies after to"


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("example l", ["company:generic/A1"]),
        ("EXAMPLE.COM", ["company:generic/A1"]),
        ("generic/a1", ["company:generic/A1"]),
        ("test", ["domain:other.test"]),
        ("o", ["company:generic/A1", "domain:other.test"]),
        ("%", []),
        ("gmail", []),
    ],
)
async def test_accounts_are_searched(api: Api, search: str, found: list[str]) -> None:
    assert [row["account"] for row in (await api.get("/v1/accounts", q=search))["accounts"]] == found


async def test_accounts_come_in_pages(api: Api) -> None:
    pages = await api.pages("/v1/accounts", "accounts", 1)
    assert [[row["account"] for row in page] for page in pages] == [["company:generic/A1"], ["domain:other.test"]]


async def test_an_account_is_the_journey_of_its_people(api: Api) -> None:
    answer = await api.get("/v1/accounts/company:generic/A1")
    told = story()
    ann, bob = (told.profile(told.email(each)) for each in ("ann@example.com", "bob@mail.example.com"))
    assert answer["account"]["name"] == "Example Ltd"
    assert answer["people"] == sorted([ann, bob])
    assert [touchpoint["channel"] for touchpoint in answer["touchpoints"]] == ["Paid Search", "Email"]
    assert [deal["id"] for deal in answer["deals"]] == ["D1"]
    assert answer["deals"][0] == (await api.get("/v1/deals/generic/D1"))["deal"]
    assert [conversion["kind"] for conversion in answer["conversions"]] == [
        "lead",
        "lead",
        "customer",
        "deal",
        "opportunity",
    ]
    known = {
        (each["kind"], each["key"]): each
        for who in (ann, bob)
        for each in (await api.get(f"/v1/journeys/{who}"))["conversions"]
    }
    assert answer["conversions"] == [known[each["kind"], each["key"]] for each in answer["conversions"]]


async def test_an_account_s_lists_are_paged(api: Api) -> None:
    whole = await api.get("/v1/accounts/company:generic/A1")
    for name in ("people", "touchpoints", "deals", "conversions"):
        found: list[object] = []
        after: dict[str, str] = {}
        while True:
            page = await api.get("/v1/accounts/company:generic/A1", limit=1, **after)
            found += page[name]
            if page["next"][name] is None:
                break
            after = {f"{name}_after": page["next"][name]}
        assert found == whole[name]


@pytest.mark.parametrize("name", ["company:generic/A9", "domain:gmail.com", "x", "company:generic/A1%00", "a/b/c"])
async def test_an_account_that_nobody_belongs_to_is_not_found(api: Api, name: str) -> None:
    await api.refused(404, f"/v1/accounts/{name}")


async def test_a_merged_company_is_found_as_the_one_it_became(tmp_path: Path) -> None:
    told = story()
    told.company_merged("A1", "A2", "2026-02-01 10:00")
    told.company("A2", "2026-02-01 11:00", name="Example Group")
    await lay_out(tmp_path, told.entries)
    async with opened(tmp_path) as api:
        answer = await api.get("/v1/accounts/company:generic/A1")
        assert (answer["account"]["account"], answer["account"]["name"]) == ("company:generic/A2", "Example Group")
        assert answer["account"]["people"] == 2
        assert [row["account"] for row in (await api.get("/v1/accounts"))["accounts"]] == [
            "company:generic/A2",
            "domain:other.test",
        ]


async def test_another_workspace_sees_none_of_it(api: Api) -> None:
    assert (await api.get("/v1/accounts", workspace="w2"))["accounts"] == []
    await api.refused(404, "/v1/accounts/company:generic/A1", workspace="w2")
