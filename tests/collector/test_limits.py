"""Rates: a burst, then the steady rate; each key, cookie and public address by itself; in bounded memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wanamaker_collector.limits import Limits
from wanamaker_collector.rates import Rate
from wanamaker_collector.settings import CollectorSettings

from .conftest import Opened
from .test_endpoints import EVENTS, assert_problem


def test_a_burst_and_then_the_rate() -> None:
    rate = Rate(2.0, 3)
    assert [rate.wait("a", 0.0) for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]
    assert rate.wait("b", 0.0) == 0.0
    assert [rate.wait("a", 0.5), rate.wait("a", 0.5)] == [0.0, 0.5]
    assert [rate.wait("a", 100.0) for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]


@given(st.lists(st.floats(0, 2), max_size=60), st.integers(1, 5))
def test_never_more_than_burst_and_rate(gaps: list[float], burst: int) -> None:
    rate, now, taken = Rate(3.0, burst), 0.0, 0
    for gap in gaps:
        now += gap
        taken += rate.wait("a", now) == 0.0
        assert taken <= burst + 3.0 * now + 1e-6


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([0, 0, 0, 1, 9])), max_size=60), st.integers(1, 4))
def test_what_it_forgets_makes_no_difference(asked: list[tuple[str, int]], burst: int) -> None:
    rate, now, full = Rate(0.5, burst), 0, dict.fromkeys("abc", 0.0)
    for who, gap in asked:
        now += gap
        wait = max(0.0, full[who] - now - 2 * (burst - 1))
        assert rate.due(who, now) == wait
        assert rate.wait(who, now) == wait
        if not wait:
            full[who] = max(full[who], now) + 2


def test_it_remembers_only_so_many() -> None:
    rate = Rate(1.0, 1, most=2)
    assert [rate.wait(who, 0.0) for who in "abc"] == [0.0, 0.0, 0.0]
    assert rate.wait("c", 0.0) == 1.0
    assert rate.wait("a", 0.0) == 0.0


def test_private_addresses_are_a_proxys() -> None:
    limits = Limits(key=0, cookie=0, address=0.1, clock=lambda: 0.0)
    assert [limits.wait("k", None, "10.0.0.1") for _ in range(3)] == [0, 0, 0]
    assert [limits.wait("k", None, "") for _ in range(3)] == [0, 0, 0]
    assert [limits.wait("k", None, "8.8.8.8") for _ in range(2)] == [0, 10]
    assert limits.wait("k", None, "8.8.4.4") == 0


def test_each_of_them_limits() -> None:
    for limits in (
        Limits(key=0.1, cookie=0, address=0, clock=lambda: 0.0),
        Limits(key=0, cookie=0.1, address=0, clock=lambda: 0.0),
        Limits(key=0, cookie=0, address=0.1, clock=lambda: 0.0),
    ):
        assert [limits.wait("k", "c", "8.8.8.8") for _ in range(2)] == [0, 10]


@pytest.mark.parametrize(("role", "statuses"), [("write_key", [200, 429]), ("secret_key", [200, 200])])
async def test_too_many_from_one_address(
    open_collector: Opened, tmp_path: Path, keys: Any, role: str, statuses: Any
) -> None:
    collector = await open_collector(CollectorSettings(data=tmp_path, rate_address=0.1))
    transport = httpx.ASGITransport(collector.door, client=("8.8.8.8", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://t.test", auth=(keys[role], "")) as client:
        answers = [await client.post("/v1/page", json=EVENTS["page"]) for _ in range(2)]
    assert [answer.status_code for answer in answers] == statuses
    if 429 in statuses:
        assert_problem(answers[1], 429)
        assert 0 < int(answers[1].headers["retry-after"]) <= 10
    assert len(await collector.events()) == statuses.count(200)


async def test_who_tries_keys_is_not_listened_to(open_collector: Opened, tmp_path: Path, keys: Any) -> None:
    collector = await open_collector(CollectorSettings(data=tmp_path, rate_address=0.1))
    transport = httpx.ASGITransport(collector.door, client=("8.8.8.8", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://t.test") as client:
        guesses = [{**EVENTS["page"], "writeKey": guess} for guess in ("a", "b", keys["write_key"])]
        statuses = [(await client.post("/v1/page", json=guess)).status_code for guess in guesses]
        server = await client.post("/v1/page", json=EVENTS["page"], auth=(keys["secret_key"], ""))
    assert statuses == [401, 429, 429]
    assert server.status_code == 200


@pytest.mark.parametrize(
    "path", ["/t.js", "/l/spring", "/v1/link-token?writeKey=x", "/v1/projects/x/settings", "/nowhere"]
)
async def test_whatever_else_an_address_asks_for_counts_too(open_collector: Opened, tmp_path: Path, path: str) -> None:
    collector = await open_collector(CollectorSettings(data=tmp_path, rate_address=0.1))
    for address, limited in (("8.8.8.8", True), ("10.0.0.1", False)):
        transport = httpx.ASGITransport(collector.door, client=(address, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://t.test") as client:
            first, second = [await client.get(path, headers={"Origin": "https://shop.test"}) for _ in range(2)]
        assert first.status_code != 429
        assert (second.status_code == 429) is limited
        if limited:
            assert_problem(second, 429)
            assert second.headers["access-control-allow-origin"] == "https://shop.test"
