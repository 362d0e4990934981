"""kill -9 under load: whatever was answered with 2xx is in the log, and the tables are what the log says."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import orjson
import pytest

from tests.e2e.house import settle_soon
from tests.eventlog.following import everything
from tests.standalone.running_demo import wanamaker
from tests.standalone.running_up import Up, running_up, wait_for
from wanamaker_attribution.schemas.uploads import SpendRow
from wanamaker_attribution.uploads.spend import spend_key
from wanamaker_crm_bridge.mapping import event_id
from wanamaker_shared.contracts import ad_spend, crm_events, crm_webhooks, web_events
from wanamaker_shared.service.keys import read_keyring
from wanamaker_shared.service.opening import open_log
from wanamaker_shared.service.settings import ServiceSettings
from wanamaker_standalone.simulation.values import SpendRows, Step, WebBatch, Webhook

from .traffic import companies, traffic_to

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

PROCESSES = (
    *("collector-serve", "identity-serve", "crm-bridge-serve", "attribution-serve"),
    *("crm-bridge-consume", "identity-consume", "attribution-consume"),
)
KILLS = 20
SEED = 20
PER_SECOND = 250


def victims(seed: int) -> list[str]:
    """Each process twice, and as many more as make it `KILLS`, in any order."""
    dice = random.Random(seed)
    chosen = [*PROCESSES * 2, *dice.choices(PROCESSES, k=KILLS - 2 * len(PROCESSES))]
    dice.shuffle(chosen)
    return chosen


async def test_twenty_kills_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    with running_up(tmp_path / "data") as up:
        addresses = await asyncio.to_thread(up.addresses)
        keys = read_keyring(up.data / "keys.json").workspaces["default"]
        async with traffic_to(addresses, keys) as traffic:
            done = asyncio.Event()
            async with asyncio.TaskGroup() as group:
                group.create_task(traffic.send(companies(SEED, batch=20), per_second=PER_SECOND, until=done))
                await kill_all(up, victims(SEED))
                done.set()
        await settle_soon(up.data)
        printed = up.end()

    assert set(map(type, traffic.acknowledged)) == {WebBatch, Webhook, SpendRows}
    assert printed.count("was killed by SIGKILL; starting it again in") == KILLS
    assert "ended with exit code" not in printed
    assert await missing_in_log(up.data, traffic.acknowledged) == {}
    proved = wanamaker("verify", data=up.data)
    assert proved.returncode == 0, proved.stdout
    audited = wanamaker("audit", data=up.data)
    assert audited.returncode == 0, audited.stdout


async def kill_all(up: Up, names: Iterable[str]) -> None:
    """Each at a moment of chance after it was started anew: in its start, idle, or in the middle of something."""
    dice = random.Random(SEED)
    killed: set[int] = set()
    for name in names:
        await asyncio.sleep(dice.uniform(0.1, 2.0))
        pid = await asyncio.to_thread(wait_for, partial(started_anew, up, name, killed))
        os.kill(pid, signal.SIGKILL)
        killed.add(pid)


def started_anew(up: Up, name: str, killed: set[int]) -> int | None:
    pid = up.children().get(name)
    return None if pid in killed else pid


async def missing_in_log(data: Path, acknowledged: Iterable[Step]) -> dict[str, set[str]]:
    """Topic → what it should hold and does not: ids of events and deliveries, and what the deliveries said; keys of spend."""
    promised: dict[str, set[str]] = {
        topic: set() for topic in (web_events.TOPIC, crm_webhooks.TOPIC, crm_events.TOPIC, ad_spend.TOPIC)
    }
    for step in acknowledged:
        match step:
            case WebBatch():
                promised[web_events.TOPIC] |= {event["messageId"] for event in step.events}
            case Webhook():
                promised[crm_webhooks.TOPIC].add(step.event_id)
                promised[crm_events.TOPIC].add(event_id("generic", step.event_id, 0))
            case SpendRows():
                promised[ad_spend.TOPIC] |= {spend_key(SpendRow.model_validate(row))[1] for row in step.rows}
    log = open_log(ServiceSettings(data=data, kafka=None), "test")
    missing = {}
    try:
        for topic, ids in promised.items():
            assert ids, f"nothing was sent that goes to {topic}"
            held = [orjson.loads(record.value) for part in (await everything(log, topic)).values() for record in part]
            names = {record["spend_key" if topic == ad_spend.TOPIC else "event_id"] for record in held}
            if ids - names:
                missing[topic] = ids - names
    finally:
        await log.close()
    return missing
