"""From a closed-won webhook to the changed answer of `/v1/roi`, on a real `wanamaker up` with traffic.

20 deals are won each second while 500 web events a second come in. An analyst in another process reloads the ROI table; a deal
counts as shown when its revenue stands under the channel of its buyer's first visit. Deals shown by one answer are told apart by
their amounts, which are powers of two.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import orjson
from standardwebhooks import Webhook as Signer

from wanamaker_shared.service.keys import WorkspaceKeys, read_keyring

from .installation import cpu_seconds
from .lines import Lines

SECONDS = 20
DEALS_A_SECOND = 20
EVENTS_A_SECOND = 500
_EVENTS_AT_ONCE = 5
_CHANNEL = "Paid Search"
_AMOUNTS = 40
"""So many deals can be told apart at a time: two seconds of them."""
_LAST_SECONDS = 2.0
_WANTED = {50: 100.0, 99: 300.0}


@dataclass(frozen=True, slots=True)
class Up:
    """A running installation: service → address; the supervisor's process id."""

    addresses: dict[str, str]
    keys: WorkspaceKeys
    pid: int

    def cpu(self) -> dict[str, float]:
        """CPU seconds of each of its processes."""
        (server,) = _children(self.pid)
        return {_name(pid): cpu_seconds(pid) for pid in _children(server)}


class Senders:
    """A website's and a CRM's side."""

    def __init__(self, up: Up) -> None:
        self.up = up
        self._collector = Lines(up.addresses["collector"])
        self._bridge = Lines(up.addresses["crm-bridge"])
        self._signer = Signer(up.keys.webhooks["generic"][0])

    async def batch(self, key: str, events: Sequence[Any]) -> None:
        authorization = "Basic " + b64encode(f"{key}:".encode()).decode()
        await self._collector.post("/v1/batch", orjson.dumps({"batch": events}), {"Authorization": authorization})

    async def webhook(self, name: str, deal: dict[str, Any]) -> None:
        now = datetime.now(UTC)
        body = orjson.dumps({"type": "deal.updated", "id": name, "occurred_at": now.isoformat(), "deal": deal})
        signature = self._signer.sign(name, now, body.decode())
        headers = {"webhook-id": name, "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signature}
        await self._bridge.post("/webhooks/generic", body, headers)


def run() -> None:
    """Print the latencies, how busy each process was, and whether the load was what it was to be."""
    with tempfile.TemporaryDirectory() as directory, _up(Path(directory) / "data") as up:
        asyncio.run(_measure(up))


async def _measure(up: Up) -> None:
    number = SECONDS * DEALS_A_SECOND
    senders = Senders(up)
    await _prepare(senders, number)
    sent: dict[int, float] = {}
    lateness: list[float] = []
    with _analyst(up) as analyst:
        started, before = time.monotonic() + 0.2, up.cpu()
        visits, wins = partial(_visit, senders), partial(_win, senders, sent)
        await asyncio.gather(
            _on_time(started, SECONDS, EVENTS_A_SECOND // _EVENTS_AT_ONCE, lateness, visits),
            _on_time(started, SECONDS, DEALS_A_SECOND, lateness, wins),
        )
        took, after = time.monotonic() - started, up.cpu()
        await asyncio.sleep(_LAST_SECONDS)
        told, _ = analyst.communicate()
    shown = [line.split() for line in told.decode().splitlines()]
    seen = _seen(sent, [(float(at), int(revenue)) for at, revenue in shown])
    print(
        f"{number} deals and {SECONDS * EVENTS_A_SECOND:,} events in {took:.1f} s; "
        f"sent late by {statistics.median(lateness) * 1000:.0f} ms (median), {max(lateness) * 1000:.0f} ms at most"
    )
    busy = sorted(((after[name] - before[name]) / took, name) for name in after)
    print("CPU: " + ", ".join(f"{name} {share:.0%}" for share, name in reversed(busy)))
    _report(sorted((seen[n] - sent[n]) * 1000 for n in seen))


def _report(latencies: Sequence[float]) -> None:
    for percent, wanted in _WANTED.items():
        reached = latencies[min(len(latencies) - 1, len(latencies) * percent // 100)]
        print(f"webhook → changed /v1/roi, p{percent}: {reached:6.0f} ms  wanted < {wanted:.0f} ms")


async def _prepare(senders: Senders, number: int) -> None:
    """Each buyer clicks an advertisement and leaves an address; each deal is opened. Wait until all of it is in the reports."""
    up, yesterday = senders.up, datetime.now(UTC) - timedelta(days=1)
    visits = [event for n in range(number) for event in _buyer(n, yesterday)]
    for first in range(0, len(visits), 200):
        await senders.batch(up.keys.secret_key, visits[first : first + 200])
    for n in range(number):
        await senders.webhook(f"open-{n}", _deal(n, status="open"))
    deadline = time.monotonic() + 120
    headers = {"authorization": f"Bearer {up.keys.analyst_key}"}
    async with httpx.AsyncClient(base_url=up.addresses["attribution"], headers=headers, timeout=30) as client:
        while time.monotonic() < deadline:
            answer = await client.get("/v1/roi", params={"group_by": "channel", "model": "linear"})
            rows = {row["channel"]: row["opportunities"] for row in answer.raise_for_status().json()["rows"]}
            if rows.get(_CHANNEL) == number:
                return
            await asyncio.sleep(0.2)
    raise RuntimeError("the buyers were not in the reports after two minutes")


async def _on_time(started: float, seconds: int, rate: int, lateness: list[float], send: Any) -> None:
    """Call `send(n)` `rate` times a second, whatever becomes of the earlier ones; note how late each call was."""
    async with asyncio.TaskGroup() as group:
        for n in range(seconds * rate):
            due = started + n / rate
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            lateness.append(time.monotonic() - due)
            group.create_task(send(n))


async def _visit(senders: Senders, number: int) -> None:
    """Some page views of visitors who come back a few times."""
    now = datetime.now(UTC).isoformat()
    events = [
        {
            "type": "page",
            "anonymousId": f"visitor-{(number * _EVENTS_AT_ONCE + k) % 3000}",
            "messageId": f"visit-{number}-{k}",
            "timestamp": now,
            "context": {"page": {"url": f"https://shop.test/p/{number % 97}", "referrer": "https://www.google.com/"}},
        }
        for k in range(_EVENTS_AT_ONCE)
    ]
    await senders.batch(senders.up.keys.write_key, events)


async def _win(senders: Senders, sent: dict[int, float], number: int) -> None:
    deal = _deal(number, status="won", amount=f"{2 ** (number % _AMOUNTS)}.00", currency="EUR")
    sent[number] = time.monotonic()
    await senders.webhook(f"won-{number}", deal)


def _buyer(number: int, at: datetime) -> list[dict[str, Any]]:
    cookie, when = f"buyer-{number}", at + timedelta(seconds=number)
    url = "https://shop.test/?utm_source=google&utm_medium=cpc&utm_campaign=brand"
    form = {"event": "Form Submitted", "properties": {"email": f"buyer{number}@firm{number}.test"}}
    events: list[dict[str, Any]] = [
        {"type": "page", "context": {"page": {"url": url}}, "timestamp": when.isoformat()},
        {"type": "track", **form, "timestamp": (when + timedelta(minutes=2)).isoformat()},
    ]
    return [{**event, "anonymousId": cookie, "messageId": f"{cookie}-{nth}"} for nth, event in enumerate(events)]


def _deal(number: int, **properties: str) -> dict[str, Any]:
    contact = {"id": f"contact-{number}", "email": f"buyer{number}@firm{number}.test"}
    return {"id": f"deal-{number}", "contacts": [contact], **properties}


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _name(pid: int) -> str:
    """`identity-consume`, from the process's title."""
    return Path(f"/proc/{pid}/cmdline").read_text().strip("\0 ").removeprefix("wanamaker ")


def _seen(sent: dict[int, float], shown: Sequence[tuple[float, int]]) -> dict[int, float]:
    """By deal when it was first shown. What a change adds is a sum of different powers of two; RuntimeError if it is not."""
    seen: dict[int, float] = {}
    before = 0
    for at, revenue in shown:
        added, before = (revenue - before) // 100, revenue
        if added < 0:
            raise RuntimeError("revenue went down, although no deal was lost")
        for power in range(_AMOUNTS):
            if added >> power & 1:
                seen[min(n for n in sent if n % _AMOUNTS == power and n not in seen)] = at
    if len(seen) < len(sent):
        raise RuntimeError(
            f"{len(seen)} of {len(sent)} deals were told apart: the others took longer than can be measured"
        )
    return seen


@contextmanager
def _analyst(up: Up) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "tests.benchmarks.analyst", up.addresses["attribution"], up.keys.analyst_key]
    process = subprocess.Popen([*command, _CHANNEL], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        process.stdout.readline()  # it has begun to look
        yield process
    finally:
        process.kill()
        process.wait(30)


@contextmanager
def _up(data: Path) -> Iterator[Up]:
    """`wanamaker up` on free ports, until the block ends."""
    command = [sys.executable, "-m", "wanamaker_standalone", "up", "--data", str(data), "--ports", "0,0,0,0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "WANAMAKER_LOG_LEVEL": "warning"})
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith(b"ready"):
                words = line.decode().split()[1:]
                addresses = dict(zip(words[::2], words[1::2], strict=True))
                break
        else:
            raise RuntimeError(f"`wanamaker up` ended with status {process.wait(30)}")
        yield Up(addresses, read_keyring(data / "keys.json").workspaces["default"], process.pid)
    finally:
        process.terminate()
        process.wait(120)
