"""Channels that end by themselves: opened once, renewed well before their end, and what keeps one from it is said."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import httpx
import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from tests.crm_bridge.crms.bridge import Bridge
from tests.crm_bridge.crms.faults import no_sleep
from tests.crm_bridge.crms.zoho import ACCESS, TOKEN, Zoho
from tests.crm_bridge.signing import NOW, keyring, workspace
from wanamaker_crm_bridge.app import create_app
from wanamaker_crm_bridge.connections import Connections, parse_connections
from wanamaker_crm_bridge.projection import BridgeProjection
from wanamaker_crm_bridge.readers.api import Apis
from wanamaker_crm_bridge.readers.zoho_channel import LONGEST_TOKEN
from wanamaker_crm_bridge.repository.watches import Lease, end_of, lease_watch, postpone_watch, renewed
from wanamaker_crm_bridge.watching import renew_due, run_watching
from wanamaker_shared.eventlog.runner import prepare_tables
from wanamaker_shared.service.database import Database, SqliteDatabase
from wanamaker_shared.service.keys import Keyring, webhook_secret
from wanamaker_shared.service.postgres import PostgresDatabase

URL = "https://crm.example.com/webhooks/zoho"
AT = NOW * 1_000_000
HOUR = 3_600_000_000
WEEK = 7 * 86_400 - 3_600
"""How long a channel is asked for, in seconds: Zoho gives an hour to who asks for more than a week, by its own clock."""


@pytest.fixture
def zoho() -> Zoho:
    return Zoho()


async def opened(tmp_path: Path, zoho: Zoho, *, toml: str = f'[zoho]\nurl = "{URL}"', token: str = TOKEN) -> Bridge:
    return await Bridge(tmp_path, "zoho", token, ACCESS, zoho.answer, toml).open()


@pytest.fixture
async def bridge(tmp_path: Path, zoho: Zoho) -> AsyncIterator[Bridge]:
    bridge = await opened(tmp_path, zoho)
    yield bridge
    await bridge.close()


async def renew(bridge: Bridge, at: int, connections: Connections | None = None) -> int:
    known = connections or bridge.settings.known_connections
    return await renew_due(bridge.database, bridge.apis, bridge.settings.keyring, known, at=at)


def metric(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def test_a_channel_is_opened_at_first_and_renewed_every_day(bridge: Bridge, zoho: Zoho) -> None:
    opened = [await renew(bridge, AT + hours * HOUR) for hours in (0, 1, 23, 24, 25, 48)]
    assert opened == [1, 0, 0, 1, 0, 1]
    first, *_ = zoho.watches
    assert (first["notify_url"], first["token"]) == (URL, TOKEN)
    assert first["events"] == ["Deals.all", "Contacts.all", "Leads.all", "Accounts.all"]
    assert datetime.fromisoformat(first["channel_expiry"]) == datetime.fromtimestamp(NOW + WEEK, UTC)
    assert {watch["channel_id"] for watch in zoho.watches} == {first["channel_id"]}, "the same channel is prolonged"
    assert metric("wanamaker_crm_watch_end_seconds") == NOW + 2 * 86_400 + WEEK


async def test_two_processes_open_one_channel(bridge: Bridge, zoho: Zoho) -> None:
    assert sum(await asyncio.gather(renew(bridge, AT), renew(bridge, AT), renew(bridge, AT))) == 1
    assert len(zoho.watches) == 1


async def lease(database: Database, wanted: str, now: int) -> int | None:
    """For an hour."""
    terms = partial(lease_watch, workspace="w", source="zoho", wanted=wanted, now=now)
    return await database.write(partial(terms, until=now + HOUR, latest=now + 25 * HOUR))


@pytest.mark.postgres
async def test_two_processes_on_postgresql_open_one_channel(postgres_url: str) -> None:
    databases = [PostgresDatabase(postgres_url, "crm_bridge_g1") for _ in range(3)]
    try:
        await prepare_tables(BridgeProjection(keyring(), Connections()), databases[0])
        for wanted, now, attempt in (("a", AT, 1), ("a", AT + HOUR, 2), ("b", AT + HOUR + 1, 3)):
            taken = await asyncio.gather(*(lease(database, wanted, now) for database in databases * 3))
            assert sorted(each is None for each in taken) == [False] + [True] * 8
            assert max(each or 0 for each in taken) == attempt
        held = Lease("w", "zoho", AT + 2 * HOUR + 1)
        await databases[1].write(partial(renewed, lease=held, ends_at=AT + 9 * HOUR, due_at=AT + 5 * HOUR))
        assert await lease(databases[2], "b", AT + 5 * HOUR - 1) is None
        assert await lease(databases[2], "b", AT + 5 * HOUR) == 1
    finally:
        for database in databases:
            await database.close()


async def test_who_lost_the_channel_to_another_wish_does_not_put_it_off(bridge: Bridge) -> None:
    """A process of before a change of the address hears from Zoho after one of after the change has failed."""
    database = bridge.database
    assert [await lease(database, "old", AT), await lease(database, "new", AT + 1)] == [1, 2]
    stale, held = (Lease("w", "zoho", AT + HOUR + later) for later in (0, 1))
    await database.write(partial(postpone_watch, lease=held, due_at=AT + 60_000_000))
    await database.write(partial(renewed, lease=stale, ends_at=AT + 99 * HOUR, due_at=AT + 24 * HOUR))
    await database.write(partial(postpone_watch, lease=stale, due_at=AT + 24 * HOUR))
    assert await database.read(partial(end_of, workspace="w", source="zoho")) is None
    assert await lease(database, "new", AT + 60_000_000) == 3


@pytest.mark.parametrize("ahead", [48, 24 * 365])
async def test_a_clock_that_was_ahead_keeps_no_channel_from_being_renewed(
    bridge: Bridge, zoho: Zoho, ahead: int
) -> None:
    await renew(bridge, AT + ahead * HOUR)
    assert await renew(bridge, AT) == 1
    assert await renew(bridge, AT + HOUR) == 0
    assert await renew(bridge, AT + 24 * HOUR) == 1


async def test_a_channel_that_zoho_gives_for_an_hour_is_renewed_within_it(bridge: Bridge, zoho: Zoho) -> None:
    zoho.gives = timedelta(hours=1)
    zoho.now = NOW
    assert await renew(bridge, AT) == 1
    assert metric("wanamaker_crm_watch_end_seconds") == NOW + 3600
    assert await renew(bridge, AT + HOUR // 2 - 1) == 0
    zoho.now = NOW + 1800
    zoho.gives = timedelta(days=7)
    assert await renew(bridge, AT + HOUR // 2) == 1
    assert metric("wanamaker_crm_watch_end_seconds") == NOW + 1800 + WEEK


async def test_a_clock_that_is_far_ahead_of_zohos_makes_no_request_a_minute(bridge: Bridge, zoho: Zoho) -> None:
    """To it every channel has ended as soon as it is opened."""
    zoho.now = NOW - 30 * 86_400
    minutes = [0, 1, 2, 9, 10, 11]
    assert [await renew(bridge, AT + minute * 60_000_000) for minute in minutes] == [1, 0, 0, 0, 1, 0]


@pytest.mark.parametrize("told", [None, "", "soon", 7])
async def test_an_end_that_zoho_does_not_tell_is_the_one_that_was_asked_for(
    bridge: Bridge, zoho: Zoho, told: object
) -> None:
    zoho.tells = told
    assert await renew(bridge, AT) == 1
    assert metric("wanamaker_crm_watch_end_seconds") == NOW + WEEK


async def test_a_channel_that_was_never_opened_ends_first(tmp_path: Path, zoho: Zoho) -> None:
    """So that whoever watches the end hears of it though another one runs."""
    keys = workspace("w", {"zoho": (TOKEN,), "zoho-eu": (TOKEN,)})
    ring = Keyring([replace(keys, crm_access={"zoho": ACCESS, "zoho-eu": ACCESS})])
    known = parse_connections(f'[zoho]\nurl = "{URL}"')
    database = SqliteDatabase(tmp_path / "g1.db", durable=False)
    await prepare_tables(BridgeProjection(ring, known), database)
    try:
        async with httpx.AsyncClient(transport=httpx.MockTransport(zoho.answer)) as client:
            apis = Apis(client, ring.workspaces, known, no_sleep, lambda: 0.0)
            assert await renew_due(database, apis, ring, known, at=AT) == 1
    finally:
        await database.close()
    assert metric("wanamaker_crm_watch_end_seconds") == 0


async def test_another_address_is_told_at_once_and_is_another_channel(bridge: Bridge, zoho: Zoho) -> None:
    await renew(bridge, AT)
    moved = parse_connections('[zoho]\nurl = "https://new.example.com/webhooks/zoho"')
    assert await renew(bridge, AT + HOUR, moved) == 1
    assert await renew(bridge, AT + 2 * HOUR, moved) == 0
    assert zoho.watches[0]["channel_id"] != zoho.watches[1]["channel_id"]


async def test_a_renewal_that_fails_is_said_and_tried_again_soon(bridge: Bridge, zoho: Zoho) -> None:
    await renew(bridge, AT)
    failed = metric("wanamaker_crm_watches_total", outcome="failed")
    zoho.faults.pending = [500] * 8
    minutes = (24 * 60, 24 * 60 + 0.5, 24 * 60 + 1, 24 * 60 + 2, 24 * 60 + 3)
    with capture_logs() as logs:
        assert [await renew(bridge, AT + int(each * 60_000_000)) for each in minutes] == [0, 0, 0, 0, 1]
    assert metric("wanamaker_crm_watches_total", outcome="failed") == failed + 2
    assert [(log["channel"], log["attempt"]) for log in logs] == [("running", 1), ("running", 2)]
    assert "was answered 500" in logs[0]["why"]


async def test_a_new_address_that_fails_is_not_said_to_run(bridge: Bridge, zoho: Zoho) -> None:
    await renew(bridge, AT)
    zoho.faults.pending = [500] * 4
    moved = parse_connections('[zoho]\nurl = "https://new.example.com/webhooks/zoho"')
    with capture_logs() as logs:
        assert await renew(bridge, AT + HOUR, moved) == 0
    assert logs[0]["channel"] == "none"


async def test_a_channel_that_ended_is_said_to_have_missed_what_changed(bridge: Bridge, zoho: Zoho) -> None:
    await renew(bridge, AT)
    zoho.refused = "invalid_code"
    zoho.token_ends = True
    bridge.now += 8 * 86_400
    with capture_logs() as logs:
        assert await renew(bridge, AT + 8 * 24 * HOUR) == 0
    assert logs[0]["channel"] == "ended; wanamaker reconcile tells what it missed"
    assert "must belong together" in logs[0]["why"]
    assert not any(secret in str(logs) for secret in (ACCESS["client_secret"], ACCESS["refresh_token"], TOKEN))


@pytest.mark.parametrize(
    ("toml", "token", "why"),
    [
        ("", TOKEN, "connections.toml has no url for zoho"),
        (f'[zoho]\nurl = "{URL}"', "x" * 51, "a shorter webhook secret"),
    ],
)
async def test_what_is_missing_here_is_said_and_nobody_is_asked(
    tmp_path: Path, zoho: Zoho, toml: str, token: str, why: str
) -> None:
    bridge = await opened(tmp_path, zoho, toml=toml, token=token)
    try:
        with capture_logs() as logs:
            assert await renew(bridge, AT) == 0
    finally:
        await bridge.close()
    assert why in logs[0]["why"]
    assert zoho.calls == []


async def test_the_loop_opens_the_channel_and_stops(bridge: Bridge, zoho: Zoho) -> None:
    stop = asyncio.Event()
    ring, known = bridge.settings.keyring, bridge.settings.known_connections
    running = asyncio.ensure_future(run_watching(bridge.database, bridge.apis, ring, known, stop, clock=lambda: AT))
    await asyncio.wait_for(zoho.watched.wait(), 5)
    stop.set()
    await asyncio.wait_for(running, 5)
    assert len(zoho.watches) == 1


def test_a_secret_that_the_command_line_makes_is_short_enough() -> None:
    assert len(webhook_secret()) <= LONGEST_TOKEN


async def test_serve_opens_the_channels_of_its_connections(tmp_path: Path, zoho: Zoho) -> None:
    """The wiring of the application: nothing has to be clicked."""
    bridge = await opened(tmp_path, zoho)
    settings = bridge.settings
    await bridge.close()
    app = create_app(settings, http=httpx.AsyncClient(transport=httpx.MockTransport(zoho.answer)))
    async with app.router.lifespan_context(app):
        await asyncio.wait_for(zoho.watched.wait(), 10)
    assert [watch["notify_url"] for watch in zoho.watches] == [URL]
