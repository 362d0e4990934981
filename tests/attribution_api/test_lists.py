"""GET /v1/conversions, /v1/restatements, /v1/models, /v1/status; and who may ask."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.oracle.dedup import Entry
from tests.oracle.histories.test_worked_example import told
from tests.oracle.story import Story, at
from wanamaker_attribution.models import MODELS
from wanamaker_shared.contracts import crm_events, web_events
from wanamaker_shared.contracts.record import encode
from wanamaker_shared.service.generations import SqliteGenerations

from .serving import Api, Records, append, bearer, catch_up, problem_of, records_of, serving, take_in

READS = (
    "/v1/roi",
    "/v1/explain",
    "/v1/conversions",
    "/v1/journeys/x",
    "/v1/deals/x",
    "/v1/deals/x/y",
    "/v1/restatements",
    "/v1/bots",
    "/v1/models",
    "/v1/status",
    "/v1/settings",
)


async def test_conversions_in_the_order_of_their_days(api: Api) -> None:
    listed = (await api.get("/v1/conversions"))["conversions"]
    assert len(listed) == 15
    assert [row["day"] for row in listed] == sorted(row["day"] for row in listed)
    won = next(row for row in listed if row["key"] == "generic/D1" and row["kind"] == "deal")
    assert won | {"people": []} == {
        "kind": "deal",
        "key": "generic/D1",
        "at": "2026-01-20T12:00:00Z",
        "day": "2026-01-20",
        "deal": "D1",
        "connection": "generic",
        "revenue_minor": 10_001,
        "currency": "EUR",
        "adjustments": [],
        "people": [],
        "touchpoints": 3,
    }


async def test_conversions_of_a_kind_and_of_some_days(api: Api) -> None:
    deals = (await api.get("/v1/conversions", kind="deal", from_="2026-02-02", to="2026-02-03"))["conversions"]
    assert [row["deal"] for row in deals] == ["D2", "D3"]
    leads = (await api.get("/v1/conversions", kind="lead"))["conversions"]
    assert [row["day"] for row in leads] == ["2026-01-08", "2026-01-25"]


@pytest.mark.parametrize("limit", [1, 3, 15])
async def test_pages_of_conversions_are_the_whole_list(api: Api, limit: int) -> None:
    pages = await api.pages("/v1/conversions", "conversions", limit)
    assert [row for page in pages for row in page] == (await api.get("/v1/conversions"))["conversions"]
    assert all(len(page) == limit for page in pages[:-1])


@pytest.mark.parametrize(
    "parameters", [{"kind": "visit"}, {"from_": "soon"}, {"cursor": "x"}, {"cursor": "WzEsMiwzXQ"}]
)
async def test_what_cannot_be_listed_is_refused(api: Api, parameters: dict[str, str]) -> None:
    await api.refused(400, "/v1/conversions", **parameters)


async def test_restatements_name_the_difference_and_its_cause(tmp_path: Path) -> None:
    """Long after the deal was shown as Direct, an earlier visit of Ann's arrives."""
    late = _earlier_visit(received="2026-01-21 00:00")
    async with serving(tmp_path, told().entries) as api:
        before = (await api.get("/v1/restatements", limit=1000))["restatements"]
        await append(tmp_path, late)
        await catch_up(tmp_path)
        found = (await api.get("/v1/restatements", limit=1000))["restatements"]
        fresh = [row for row in found if row["id"] not in {known["id"] for known in before}]
        first = next(row for row in fresh if row["kind"] == "deal" and row["model"] == "first_touch")
        assert first["cause"] == ["w1", "web", "c1", "visit"]
        assert {
            (part["channel"], part["day"], part["micro"], part["revenue_minor"]) for part in first["differences"]
        } == {
            ("Affiliates", "2026-01-20", 1_000_000, 10_001),
            ("Paid Search", "2026-01-20", -1_000_000, -10_001),
        }
        pages = await api.pages("/v1/restatements", "restatements", 7)
        assert [row for page in pages for row in page] == found
        assert (await api.get("/v1/restatements", from_="2100-01-01"))["restatements"] == []
        written = fresh[0]["at"]
        assert len((await api.get("/v1/restatements", from_=written, limit=1000))["restatements"]) >= len(fresh)
        for wrong in ("soon", "2026-01-01T10:00:00", "99999-01-01"):
            await api.refused(400, "/v1/restatements", from_=wrong)
        assert (await api.get("/v1/restatements", workspace="w2"))["restatements"] == []


async def test_news_that_came_before_the_day_was_over_restates_nothing(tmp_path: Path) -> None:
    """However late it is read: a backlog that is worked off restates nothing."""
    async with serving(tmp_path, told().entries) as api:
        before = await api.get("/v1/restatements", limit=1000)
        await append(tmp_path, _earlier_visit(received="2026-01-20 23:59"))
        await catch_up(tmp_path)
        deals = await api.get("/v1/roi", group_by="channel", model="first_touch")
        assert any(row["channel"] == "Affiliates" and row["revenue_minor"] == 10_001 for row in deals["rows"])
        found = await api.get("/v1/restatements", limit=1000)
        names = {row["id"] for row in before["restatements"]}
        assert [row for row in found["restatements"] if row["id"] not in names and row["kind"] == "deal"] == []


async def test_what_is_read_together_counts_as_received_with_the_last_of_it(tmp_path: Path) -> None:
    story = Story()
    entries: list[Entry] = []
    for received, amount in (("2026-01-20 23:59", "200.00"), ("2026-01-21 00:00", "300.00")):
        revised = story.deal("D1", received, amount=amount)
        record = revised.model_copy(update={"event_id": received, "received_at": at(received)})
        entries.append((crm_events.TOPIC, record, encode(record)))
    async with serving(tmp_path, told().entries) as api:
        await append(tmp_path, [record for record in records_of(entries) if record[0] == crm_events.TOPIC])
        await catch_up(tmp_path)
        found = (await api.get("/v1/restatements", limit=1000))["restatements"]
        causes = [row["cause"][3] for row in found if row["kind"] == "deal" and row["model"] == "linear"]
        assert [cause for cause in causes if cause.startswith("2026")] == ["2026-01-21 00:00"]


async def test_a_bots_day_found_out_late_is_restated_and_so_is_its_correction(tmp_path: Path) -> None:
    """The visit that won a deal turns out to be a crawler's; a page that a revision moves away gives it back."""
    story = Story()
    story.settings("2026-01-01 00:00", bot_pages_per_day=1)
    story.page("c1", "2026-01-02 10:00", "google/cpc")
    story.page("c1", "2026-01-05 10:00", "newsletter/email")
    story.form("c1", "2026-01-05 10:05", email="ann@example.com")
    story.contact("C1", "2026-01-06 10:00", emails=["ann@example.com"])
    story.deal("D1", "2026-01-07 10:00", contacts=["C1"], status="won", amount="10.00")
    page = story.page("c1", "2026-01-05 09:00")
    told = story.entries[:-1]
    late = page.model_copy(update={"received_at": at("2026-01-09 10:00")})
    moved = late.model_copy(
        update={"occurred_at": at("2026-01-08 10:00"), "received_at": at("2026-01-10 10:00"), "revision": 1}
    )
    async with serving(tmp_path, told) as api:
        seen = {row["id"] for row in (await api.get("/v1/restatements", limit=1000))["restatements"]}
        for record, sign in ((late, -1), (moved, 1)):
            await append(tmp_path, [(web_events.TOPIC, web_events.key("w1", "c1"), encode(record))])
            await catch_up(tmp_path)
            found = (await api.get("/v1/restatements", limit=1000))["restatements"]
            fresh = [row for row in found if row["id"] not in seen]
            (deal,) = [row for row in fresh if row["kind"] == "deal" and row["model"] == "linear"]
            assert deal["cause"] == ["w1", "web", "c1", page.event_id]
            assert {part["channel"]: sign * part["revenue_minor"] for part in deal["differences"]} == {
                "Paid Search": 500,
                "Email": 500,
                "(unattributed)": -1_000,
            }
            seen |= {row["id"] for row in fresh}


def _earlier_visit(received: str) -> Records:
    """Ann's first visit, by a partner's link, weeks before her deal of 20 January."""
    story = Story()
    visit = story.page("c1", "2025-12-20 10:00", "partner/affiliate")
    record = visit.model_copy(update={"event_id": "visit", "received_at": at(received)})
    return records_of([(web_events.TOPIC, record, encode(record))])[:1]


async def test_bots_with_the_days_on_which_they_were(tmp_path: Path) -> None:
    story = Story()
    story.settings("2026-01-01 00:00", bot_pages_per_day=1)
    for cookie, days in (("c1", ("02", "05")), ("c2", ("03",)), ("ć3", ("02",))):
        for day in days:
            story.page(cookie, f"2026-01-{day} 10:00")
            story.page(cookie, f"2026-01-{day} 11:00")
    story.page("c4", "2026-01-02 10:00")
    story.form("c1", "2026-01-02 12:00", email="ann@example.com")
    story.form("c1", "2026-01-03 12:00", email="ann@example.com")
    async with serving(tmp_path, story.entries) as api:
        answer = await api.get("/v1/bots")
        assert answer["bots"] == [
            {"cookie": "c1", "days": ["2026-01-02", "2026-01-05"], "links": 1},
            {"cookie": "c2", "days": ["2026-01-03"], "links": 0},
            {"cookie": "ć3", "days": ["2026-01-02"], "links": 0},
        ]
        assert answer["next"] is None
        pages = await api.pages("/v1/bots", "bots", 1)
        assert [row for page in pages for row in page] == answer["bots"]
        assert (await api.get("/v1/bots", workspace="w2"))["bots"] == []
        await api.refused(400, "/v1/bots", cursor="WzFd")


async def test_all_models_are_told(empty: Api) -> None:
    answer = await empty.get("/v1/models")
    assert [model["name"] for model in answer["models"]] == list(MODELS)
    assert all(model["sentence"].endswith(".") for model in answer["models"])
    decay = next(model for model in answer["models"] if model["name"] == "time_decay")
    assert decay["parameters"] == {"half_life_days": 7}
    assert list(answer["as_of"])


async def test_status_follows_a_swap_of_generations(tmp_path: Path) -> None:
    async with serving(tmp_path, told().entries) as api:
        before = await api.get("/v1/status")
        assert before["generation"] == 1
        generations = SqliteGenerations(tmp_path / "attribution")
        number, database = await generations.create_next()
        story = Story()
        story.page("c1", "2026-03-01 10:00", "partner/affiliate")
        await take_in(database, records_of(story.entries))
        await database.close()
        await generations.swap(number)
        after = await api.get("/v1/status")
        assert after["generation"] == number
        assert after["as_of"]["web-events"] != before["as_of"]["web-events"]
        assert [row["channel"] for row in (await api.get("/v1/roi"))["rows"]] == ["Affiliates"]


@pytest.mark.parametrize("path", READS)
async def test_reading_needs_the_analyst_key(api: Api, path: str) -> None:
    for key, status in (("", 401), ("nobody", 401), ("w-w1", 403), ("s-w1", 403)):
        answer = await api.client.get(path, headers=bearer(key) if key else {})
        problem_of(answer, status)
    assert (await api.client.get(path, headers=bearer("a-w1"))).status_code in (200, 404)


async def test_health_and_what_does_not_exist(empty: Api) -> None:
    for path in ("/livez", "/readyz", "/metrics", "/docs", "/openapi.json"):
        assert (await empty.client.get(path)).status_code == 200
    problem_of(await empty.client.get("/v1/nothing"), 404)
    problem_of(await empty.client.delete("/v1/roi"), 405)


async def test_a_corrupt_request_is_never_a_crash(api: Api) -> None:
    for path in ("/v1/journeys/%00", "/v1/deals/%00", "/v1/deals/a/%ff", "/v1/journeys/%ed%a0%80"):
        answer = await api.client.get(path, headers=bearer("r-w1"))
        assert answer.status_code in (400, 404), path
