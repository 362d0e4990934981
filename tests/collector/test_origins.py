"""Which websites may send: any, or exactly those that the key lists."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from wanamaker_collector.settings import CollectorSettings
from wanamaker_shared.service.keys import write_keys

from .conftest import Collector, Opened
from .test_endpoints import EVENTS, assert_problem

SHOP = "https://shop.test"
PAGE = EVENTS["page"]
ASKING = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}


@pytest.fixture
async def strict(open_collector: Opened, tmp_path: Path, keys: dict[str, Any]) -> Collector:
    """The keys of both workspaces list websites."""
    keys["origins"] = [SHOP, "https://www.shop.test:8443"]
    keys["workspaces"][0]["origins"] = ["https://other.test"]
    write_keys(tmp_path / "keys.json", keys)
    return await open_collector(CollectorSettings(data=tmp_path))


async def test_scripts_of_any_website_may_send_and_read_the_answer(collector: Collector) -> None:
    preflight = await collector.anonymous.options("/v1/track", headers={"Origin": SHOP, **ASKING})
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-methods"] == "GET, POST"
    wanted = {"authorization", "content-type", "sp-anonymous", "x-retry-count"}
    assert wanted == set(preflight.headers["access-control-allow-headers"].split(", "))
    for answer in (
        preflight,
        await collector.browser.post("/v1/page", json=PAGE, headers={"Origin": SHOP}),
        await collector.browser.post("/v1/page", content=b"{", headers={"Origin": SHOP}),
        await collector.anonymous.post("/v1/page", json=PAGE, headers={"Origin": SHOP}),
    ):
        assert answer.headers["access-control-allow-origin"] == SHOP
        assert answer.headers["access-control-allow-credentials"] == "true"
        assert answer.headers["vary"] == "Origin"


async def test_without_an_origin_nothing_is_said_of_it(collector: Collector) -> None:
    answer = await collector.browser.post("/v1/page", json=PAGE)
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("origin", [SHOP, "https://www.shop.test:8443"])
async def test_a_listed_website_may_send(strict: Collector, origin: str) -> None:
    answer = await strict.browser.post("/v1/page", json=PAGE, headers={"Origin": origin})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, origin)


@pytest.mark.parametrize(
    "origin",
    [
        "http://shop.test",
        "https://shop.test.evil.test",
        "https://www.shop.test",
        "https://SHOP.test",
        "https://other.test",
        "null",
        "",
    ],
)
async def test_another_website_may_not(strict: Collector, origin: str) -> None:
    assert_problem(await strict.browser.post("/v1/page", json=PAGE, headers={"Origin": origin}), 403)
    asked = {"writeKey": strict.keys["write_key"]}
    refused = await strict.anonymous.get("/v1/link-token", params=asked, headers={"Origin": origin})
    assert_problem(refused, 403)
    assert refused.headers["access-control-allow-origin"] == origin, "so that its console can say why"
    assert await strict.events() == []


async def test_the_preflight_lets_through_what_any_key_lists(strict: Collector) -> None:
    statuses = {
        origin: (await strict.anonymous.options("/v1/page", headers={"Origin": origin, **ASKING})).status_code
        for origin in (SHOP, "https://other.test", "https://evil.test")
    }
    assert statuses == {SHOP: 204, "https://other.test": 204, "https://evil.test": 403}


async def test_a_listed_key_still_serves_what_has_no_origin(strict: Collector) -> None:
    assert (await strict.browser.post("/v1/page", json=PAGE)).status_code == 200
    assert (await strict.server.post("/v1/page", json=PAGE, headers={"Origin": "https://evil.test"})).status_code == 200
