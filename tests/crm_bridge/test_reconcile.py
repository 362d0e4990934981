"""Reconciling: what webhooks missed is read from the CRM, said with the same ids, and counted."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.crm_bridge.crms.bridge import ADMIN, Bridge, said
from tests.crm_bridge.crms.hubspot import CLIENT_SECRET, TOKEN, Hubspot, iso
from tests.crm_bridge.test_hubspot import EXPECTED, MEANS, T, deliver, won_deal
from wanamaker_crm_bridge.reconciling import start, start_due
from wanamaker_crm_bridge.repository.runs import fail_run, load_run, load_runs
from wanamaker_shared.eventlog.runner import prepare_tables
from wanamaker_shared.service.postgres import PostgresDatabase

AS_ADMIN = {"authorization": f"Bearer {ADMIN}"}


async def test_what_no_webhook_said_is_found_and_told(bridge: Bridge, hubspot: Hubspot) -> None:
    won_deal(hubspot)
    hubspot.outgoing = [item for item in hubspot.outgoing if item.get("propertyName") != "amount"]
    await deliver(bridge, hubspot.delivery())
    await bridge.settle()
    hubspot.change("deals", "9", T + 6000, "amount", "1500.00")
    found = await bridge.reconcile(iso(T))
    assert (found["state"], found["lists_read"], found["missed"]) == ("done", 4, 1)
    assert found["news"] == [{"about": "deal:9", "what": "deal.revised amount", "at": "2026-01-04T10:00:06Z"}]
    assert said(await bridge.facts(), "deal", "9")["amount"] == "1500.00"


async def test_a_second_run_finds_no_news_and_emits_nothing(bridge: Bridge, hubspot: Hubspot) -> None:
    won_deal(hubspot)
    first = await bridge.reconcile(iso(0))
    before = await bridge.facts()
    assert first["missed"] == len(before) > 0
    second = await bridge.reconcile(iso(0))
    assert (second["missed"], second["statements"]) == (0, first["statements"])
    assert await bridge.facts() == before


async def test_the_first_run_reads_the_whole_history_page_by_page(bridge: Bridge, hubspot: Hubspot) -> None:
    won_deal(hubspot)
    for number in range(120):
        hubspot.create("deals", str(1000 + number), T, dealstage="closedwon", amount="10")
    found = await bridge.reconcile()
    assert (found["state"], found["pages"]) == ("done", 6)
    facts = await bridge.facts()
    assert said(facts, "deal", "9") == EXPECTED | {"stage_means": MEANS, "company_id": None}
    assert all(said(facts, "deal", str(1000 + number))["amount"] == "10" for number in range(120))


async def test_a_deletion_that_nobody_told(bridge: Bridge, hubspot: Hubspot) -> None:
    won_deal(hubspot)
    await deliver(bridge, hubspot.delivery())
    await bridge.settle()
    hubspot.archive("9", T + 8000)
    found = await bridge.reconcile(iso(T))
    assert [each["what"] for each in found["news"]] == ["deal.deleted"]
    await deliver(bridge, hubspot.delivery())
    await bridge.settle()
    assert [fact.type for fact in await bridge.facts()].count("deal.deleted") == 1


@pytest.mark.parametrize("fault", [429, 500, 503, httpx.ConnectError("refused")])
async def test_what_passes_by_itself_is_waited_for(bridge: Bridge, hubspot: Hubspot, fault: int | Exception) -> None:
    won_deal(hubspot)
    hubspot.faults.pending = [fault, fault, fault]
    found = await bridge.reconcile()
    assert (found["state"], found["failed"]) == ("done", None)
    assert said(await bridge.facts(), "deal", "9")["amount"] == "1000.00"


async def failed_run(bridge: Bridge, hubspot: Hubspot) -> Any:
    """What a reconciliation came to that got no access for a day."""
    hubspot.faults.pending = [401] * 2000
    started = (await bridge.client.post("/v1/reconcile/hubspot", headers=AS_ADMIN)).json()
    bridge.now = max(bridge.now, int(started["run"]) / 1_000_000)
    await a_day_passes(bridge)
    return (await bridge.client.get(f"/v1/reconcile/hubspot/{started['run']}", headers=AS_ADMIN)).json()


async def a_day_passes(bridge: Bridge) -> None:
    for _ in range(20):
        bridge.now += 3600
        await bridge.settle()


async def open_failures(bridge: Bridge) -> list[Any]:
    answer = await bridge.client.get("/v1/failed", params={"status": "open"}, headers=AS_ADMIN)
    return list(answer.json()["failed"])


async def test_a_run_that_gets_no_access_says_so_in_the_end(bridge: Bridge, hubspot: Hubspot) -> None:
    won_deal(hubspot)
    found = await failed_run(bridge, hubspot)
    assert found["state"] == "failed"
    assert "the access in keys.json is not valid" in found["failed"]
    assert "example.com" not in found["failed"]


async def test_what_was_given_up_is_asked_again_when_somebody_replays_it(bridge: Bridge, hubspot: Hubspot) -> None:
    won_deal(hubspot)
    await failed_run(bridge, hubspot)
    given_up = await open_failures(bridge)
    assert [each["where"] for each in given_up] == ["/api/hubspot-api"] * 4
    path = f"/v1/failed/{given_up[0]['failed_id']}/replay"
    edited = await bridge.client.post(path, content="{}", headers=AS_ADMIN)
    assert (edited.status_code, "not edited" in edited.json()["detail"]) == (409, True)
    await bridge.client.post("/v1/failed/replay", json={}, headers=AS_ADMIN)
    await a_day_passes(bridge)
    again = await open_failures(bridge)
    assert len({each["failed_id"] for each in [*given_up, *again]}) == 8, "given up once more is a failure of its own"
    hubspot.faults.pending = []
    for _ in range(2):
        assert (await bridge.client.post("/v1/failed/replay", json={}, headers=AS_ADMIN)).json()["failed"] == 0
        await bridge.settle()
    assert said(await bridge.facts(), "deal", "9")["amount"] == "1000.00"
    assert await open_failures(bridge) == []


async def test_what_cannot_be_read_is_counted_and_kept(bridge: Bridge, hubspot: Hubspot) -> None:
    won_deal(hubspot)
    hubspot.change("deals", "9", T + 6000, "amount", "plenty")
    found = await bridge.reconcile()
    assert (found["state"], found["unreadable"]) == ("done", 1)
    assert said(await bridge.facts(), "deal", "9")["amount"] == "1000.00"
    (reason,) = await bridge.failures()
    assert "deal 9 amount[0]" in reason


async def test_who_may_and_what_there_is(bridge: Bridge) -> None:
    analyst = {"authorization": f"Bearer {bridge.settings.keyring.workspaces['default'].analyst_key}"}
    assert (await bridge.client.post("/v1/reconcile/hubspot")).status_code == 401
    assert (await bridge.client.post("/v1/reconcile/hubspot", headers=analyst)).status_code == 403
    assert (await bridge.client.get("/v1/reconcile/hubspot", headers=analyst)).json() == {"runs": []}
    unknown = await bridge.client.get("/v1/reconcile/salesdesk", headers=analyst)
    assert unknown.status_code == 404
    assert "crm_access" in unknown.json()["detail"]


async def test_it_runs_by_itself_as_often_as_the_connection_says(tmp_path: Path, hubspot: Hubspot) -> None:
    toml = "[hubspot]\nreconcile_hours = 6\n"
    bridge = await Bridge(tmp_path, "hubspot", CLIENT_SECRET, {"access_token": TOKEN}, hubspot.answer, toml).open()
    keyring, connections = bridge.settings.keyring, bridge.settings.known_connections
    hours = 3_600_000_000
    try:
        won_deal(hubspot)
        first = T * 1000
        started = [
            await start_due(bridge.database, keyring, connections, at=first + after)
            for after in (0, 1, 6 * hours - 1, 6 * hours, 7 * hours)
        ]
        assert started == [1, 0, 0, 1, 0]
        newest, oldest = await bridge.database.read(lambda tx: load_runs(tx, "default", "hubspot", limit=9))
        assert (oldest.since, newest.since) == (0, first - hours), (
            "from where the one before began, and a little before"
        )
    finally:
        await bridge.close()


@pytest.mark.postgres
async def test_a_run_that_nothing_can_be_called_is_none_on_postgresql_too(bridge: Bridge, postgres_url: str) -> None:
    database = PostgresDatabase(postgres_url, "crm_bridge_g1")
    try:
        await prepare_tables(bridge.projection, database)
        assert await database.read(lambda tx: load_run(tx, "default", "hubspot", "\x00")) is None
    finally:
        await database.close()


async def test_without_a_word_it_never_runs_by_itself(bridge: Bridge) -> None:
    keyring, connections = bridge.settings.keyring, bridge.settings.known_connections
    assert await start_due(bridge.database, keyring, connections, at=T * 1000) == 0


async def test_a_run_that_failed_is_not_what_the_next_one_begins_at(bridge: Bridge, hubspot: Hubspot) -> None:
    won_deal(hubspot)
    database = bridge.database
    name = await start(database, "default", "hubspot", "hubspot", since=None, at=T * 1000)
    await database.write(lambda tx: fail_run(tx, "default", "hubspot", name, "no access", at=T * 1000))
    assert (await bridge.reconcile())["since"] == "1970-01-01T00:00:00Z"


async def test_a_run_over_a_while_leaves_no_gap_for_the_next(bridge: Bridge, hubspot: Hubspot) -> None:
    """Somebody reads the last hour only, or a time to come: the next run still begins where reading was whole."""
    database, at, hour = bridge.database, T * 1000, 3_600_000_000
    begun = [None, at + 9 * hour, at + 99 * hour, None]
    for n, since in enumerate(begun):
        await start(database, "default", "hubspot", "hubspot", since=since, at=at + 10 * n * hour)
    runs = await database.read(lambda tx: load_runs(tx, "default", "hubspot", limit=9))
    assert [(each.since - at) // hour for each in runs[:3]] == [-1, 99, 9]


async def test_a_run_that_fails_after_the_next_one_began_is_read_again(bridge: Bridge, hubspot: Hubspot) -> None:
    """A first, long run is given up hours after short ones began behind it: what it was to read is not forgotten."""
    database, at, hour = bridge.database, T * 1000, 3_600_000_000
    first = await start(database, "default", "hubspot", "hubspot", since=None, at=at)
    await start(database, "default", "hubspot", "hubspot", since=None, at=at + 2 * hour)
    await database.write(lambda tx: fail_run(tx, "default", "hubspot", first, "no access", at=at + 3 * hour))
    await start(database, "default", "hubspot", "hubspot", since=None, at=at + 4 * hour)
    await start(database, "default", "hubspot", "hubspot", since=None, at=at + 6 * hour)
    newest, after, second, _ = await database.read(lambda tx: load_runs(tx, "default", "hubspot", limit=9))
    assert (second.since, after.since, newest.since) == (at - hour, 0, at + 3 * hour)


async def test_two_processes_with_one_schedule_begin_one_run(tmp_path: Path, hubspot: Hubspot) -> None:
    toml = "[hubspot]\nreconcile_hours = 6\n"
    bridge = await Bridge(tmp_path, "hubspot", CLIENT_SECRET, {"access_token": TOKEN}, hubspot.answer, toml).open()
    keyring, connections = bridge.settings.keyring, bridge.settings.known_connections
    try:
        await asyncio.gather(*(start_due(bridge.database, keyring, connections, at=T * 1000 + n) for n in range(3)))
        assert len(await bridge.database.read(lambda tx: load_runs(tx, "default", "hubspot", limit=9))) == 1
    finally:
        await bridge.close()
