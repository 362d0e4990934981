"""`wanamaker rebuild` while events arrive: reports are answered all the time, and in the end the tables are what the log says."""

from __future__ import annotations

import asyncio
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.house import settle_soon
from tests.standalone.running_demo import wanamaker
from tests.standalone.running_up import running_up
from wanamaker_shared.service.keys import WorkspaceKeys, read_keyring
from wanamaker_standalone.simulation.mix import mix

from .traffic import END, size, traffic_to

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

PER_SECOND = 200
SECONDS = 20
STEPS_BEFORE = 500
"""Requests, of several thousand events, that are in the tables when the traffic begins."""
POLL_SECONDS = 0.1


async def test_reports_answer_while_it_is_rebuilt_under_traffic(tmp_path: Path) -> None:
    with running_up(tmp_path / "data") as up:
        addresses = await asyncio.to_thread(up.addresses)
        keys = read_keyring(up.data / "keys.json").workspaces["default"]
        steps = mix(1_000_000, 3, END, batch=20)
        over = asyncio.Event()
        async with traffic_to(addresses, keys) as traffic:
            await traffic.send(list(islice(steps, STEPS_BEFORE)), per_second=None, until=over)
            before = sum(map(size, traffic.acknowledged))
            await settle_soon(up.data)
            async with asyncio.TaskGroup() as group:
                sending = group.create_task(traffic.send(steps, per_second=PER_SECOND, until=over))
                polling = group.create_task(poll(addresses["attribution"], keys, over))
                least = group.create_task(asyncio.sleep(SECONDS))
                rebuilt = await asyncio.to_thread(wanamaker, "rebuild", data=up.data)
                await least
                over.set()
        await settle_soon(up.data)
        printed = up.end()

    assert (rebuilt.returncode, rebuilt.stdout) == (
        0,
        "identity: generation 2 is live\nattribution: generation 2 is live\n",
    ), rebuilt.stderr
    assert before > 2000
    print(
        f"{sending.result():.0f} events/s while it was rebuilt; paced to {PER_SECOND}"
    )  # a free machine keeps the pace
    answers = polling.result()
    assert {answer.status_code for answer in answers} == {200}
    assert sum(map(size, traffic.acknowledged)) - before >= SECONDS * PER_SECOND / 2
    sessions = [answer.json()["totals"]["sessions"] for answer in answers]
    assert min(sessions) > 0.8 * sessions[0]  # never an empty table, nor a half of one
    assert sessions[-1] > sessions[0]
    assert "was killed" not in printed
    assert "ended with" not in printed
    proved = wanamaker("verify", data=up.data)
    assert proved.returncode == 0, proved.stdout


async def poll(address: str, keys: WorkspaceKeys, until: asyncio.Event) -> list[httpx.Response]:
    """Ask for the ROI table again and again; no answer at all raises."""
    question: dict[str, Any] = {"group_by": "channel"}
    headers = {"authorization": f"Bearer {keys.analyst_key}"}
    answers = []
    async with httpx.AsyncClient(timeout=10, trust_env=False) as client:
        while not until.is_set():
            answers.append(await client.get(f"{address}/v1/roi", params=question, headers=headers))
            await asyncio.sleep(POLL_SECONDS)
    return answers
