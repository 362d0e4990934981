"""What `serve` takes from the ECB's table, and when."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.oracle.story import Story
from wanamaker_attribution import filling
from wanamaker_attribution.app import create_app
from wanamaker_attribution.filling import RateFilling
from wanamaker_attribution.rate_table import Quote
from wanamaker_attribution.repository.rate_table import read_quotes
from wanamaker_attribution.tables import fact
from wanamaker_shared.eventlog.port import LogUnavailable

from .serving import Api, append, catch_up, lay_out, opened, records_of, rows_of, settings_in


def told() -> Story:
    """D1 won on a Sunday in PLN, D2 the day after in USD, D3 in a currency that the ECB does not quote."""
    story = Story()
    for deal, day, currency in (("D1", "2026-02-01", "PLN"), ("D2", "2026-02-02", "USD"), ("D3", "2026-02-03", "VND")):
        story.deal(deal, f"{day} 12:00", status="won", amount="1000", currency=currency)
    return story


@asynccontextmanager
async def filled(data: Path) -> AsyncIterator[tuple[Api, RateFilling]]:
    app = create_app(settings_in(data))
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://attribution.test") as client,
    ):
        yield Api(client, data), RateFilling(app.state.ports)


async def revenue(api: Api) -> dict[str, int | None]:
    return {name: (await api.get(f"/v1/deals/generic/{name}"))["deal"]["revenue_minor"] for name in ("D1", "D2", "D3")}


async def taken(data: Path) -> list[tuple[str, str, str]]:
    bodies = [json.loads(row["body"]) for row in await rows_of(data, fact) if row["topic"] == "rates"]
    return sorted((body["currency"], body["day"], body["rate"]) for body in bodies)


async def test_money_gets_the_rate_of_its_day(tmp_path: Path) -> None:
    """1000 PLN on Sunday at Friday's 4.2073, 1000 USD on Monday at 1.184."""
    await lay_out(tmp_path, told().entries)
    async with filled(tmp_path) as (api, filling):
        assert await revenue(api) == {"D1": None, "D2": None, "D3": None}
        assert await filling.look() > 0
        await catch_up(tmp_path)
        assert await revenue(api) == {"D1": 23_768, "D2": 84_459, "D3": None}
        deal = (await api.get("/v1/deals/generic/D1"))["deal"]
        friday = {"day": "2026-01-30", "base": "EUR", "currency": "PLN", "rate": "4.2073", "origin": "table"}
        assert (deal["amount"], deal["currency"], deal["rates"]) == ("1000", "PLN", [friday])
        days = [day for currency, day, _ in await taken(tmp_path) if currency == "PLN"]
        assert days[:6] == ["2026-01-26", "2026-01-27", "2026-01-28", "2026-01-29", "2026-01-30", "2026-02-02"]
        unconverted = (await api.get("/v1/roi"))["unconverted"]
        assert [each["currency"] for each in unconverted] == ["VND"]


async def test_what_was_taken_is_not_asked_for_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await lay_out(tmp_path, told().entries)
    asked: list[dict[str, str]] = []

    def read(since: dict[str, str]) -> list[Quote]:
        asked.append(since)
        return read_quotes(since)

    monkeypatch.setattr(filling, "read_quotes", read)
    async with filled(tmp_path) as (_, first):
        assert await first.look() > 0
        assert await first.look() == 0
        await catch_up(tmp_path)
        assert await first.look() == 0
    assert asked == [{"PLN": "2026-01-26", "USD": "2026-01-27", "VND": "2026-01-28"}]
    async with filled(tmp_path) as (_, restarted):
        assert await restarted.look() == 0
    assert len(asked) == 2


async def test_older_money_reaches_further_back(tmp_path: Path) -> None:
    await lay_out(tmp_path, told().entries)
    async with filled(tmp_path) as (api, filling):
        await filling.look()
        await catch_up(tmp_path)
        before = await taken(tmp_path)
        older = Story()
        older.deal("D0", "2025-12-01 12:00", status="won", amount="1000", currency="PLN", connection="other")
        await append(tmp_path, [record for record in records_of(older.entries) if record[0] == "crm-events"])
        await catch_up(tmp_path)
        assert await filling.look() > 0
        await catch_up(tmp_path)
        after = await taken(tmp_path)
        assert set(before) < set(after)
        assert after[0][:2] == ("PLN", "2025-11-25")
        assert (await api.get("/v1/deals/other/D0"))["deal"]["revenue_minor"] == 23_650


async def test_another_reporting_currency_goes_across_the_euro(tmp_path: Path) -> None:
    story = told()
    story.settings("2026-02-10 12:00", currency="PLN")
    await lay_out(tmp_path, story.entries)
    async with filled(tmp_path) as (api, filling):
        await filling.look()
        await catch_up(tmp_path)
        assert await revenue(api) == {"D1": 100_000, "D2": 356_191, "D3": None}
        used = (await api.get("/v1/deals/generic/D2"))["deal"]["rates"]
        assert [(rate["day"], rate["currency"]) for rate in used] == [("2026-02-02", "USD"), ("2026-02-02", "PLN")]


async def test_an_uploaded_rate_stands_before_the_table(tmp_path: Path) -> None:
    story = told()
    story.rate("2026-01-29", "EUR", "PLN", "4.00")
    await lay_out(tmp_path, story.entries)
    async with filled(tmp_path) as (api, filling):
        await filling.look()
        await catch_up(tmp_path)
        assert (await revenue(api))["D1"] == 25_000


async def test_two_processes_append_one_fact(tmp_path: Path) -> None:
    """Neither knows of the other: the second's records are duplicates."""
    await lay_out(tmp_path, told().entries)
    async with filled(tmp_path) as (_, filling):
        other = RateFilling(filling._ports)
        assert await filling.look() == await other.look() > 0
    await catch_up(tmp_path)
    found = await taken(tmp_path)
    assert len(found) == len(set(found))


async def test_an_outage_of_the_log_is_waited_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await lay_out(tmp_path, told().entries)
    async with filled(tmp_path) as (_, filling):
        ports = filling._ports
        append_now = type(ports).append

        async def refuse(*_: Any) -> None:
            raise LogUnavailable("down")

        monkeypatch.setattr(type(ports), "append", refuse)
        with pytest.raises(LogUnavailable):
            await filling.look()
        monkeypatch.setattr(type(ports), "append", append_now)
        assert await filling.look() > 0


async def test_one_workspaces_trouble_is_not_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await lay_out(tmp_path, told().entries)
    looked = asyncio.Event()

    async def fill(self: RateFilling, workspace: str) -> int:
        if workspace == "w1":
            raise LogUnavailable("down")
        looked.set()
        return 0

    monkeypatch.setattr(RateFilling, "fill", fill)
    async with filled(tmp_path) as (_, its):
        running = asyncio.ensure_future(its.run(0))
        await asyncio.wait_for(looked.wait(), 10)
        running.cancel()


async def test_money_in_the_reporting_currency_needs_no_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    story = Story()
    story.deal("D1", "2026-02-01 12:00", status="won", amount="1000", currency="EUR")
    await lay_out(tmp_path, story.entries)
    monkeypatch.setattr(filling, "read_quotes", None)
    async with filled(tmp_path) as (_, its):
        assert await its.look() == 0


async def test_it_may_be_turned_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`WANAMAKER_RATE_TABLE_SECONDS=0`, as the tests of the reports do."""
    monkeypatch.setattr(RateFilling, "run", None)
    await lay_out(tmp_path, told().entries)
    async with opened(tmp_path) as api:
        assert (await revenue(api))["D1"] is None
