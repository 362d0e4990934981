"""The collector beside a bare ASGI answer and beside a plain FastAPI route, in one interleaved run on loopback.

All of it durable, the servers on one core, the client on another. Where a server is not busy all the time, its rate is that of
the client, or of the disk; the CPU columns do not depend on them.
"""

from __future__ import annotations

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import uvloop

from wanamaker_shared.service.keys import new_workspace, write_keys

from .load import load, request

ROUNDS = 5
SECONDS = 2.0
CONNECTIONS = 128
BATCH = 50
_EVENTS = 4000

_BROWSERS = [
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{n}.0.0.0 Safari/537.36"
    for n in range(110, 130)
]


@dataclass(slots=True)
class Side:
    """One way to send events; `rates` in events a second, `costs` in CPU µs of the server an event."""

    name: str
    port: int
    requests: Sequence[bytes]
    events_each: int
    connections: int = CONNECTIONS
    rates: list[float] = field(default_factory=list)
    costs: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return statistics.median(self.rates)

    @property
    def cost(self) -> float:
        return statistics.median(self.costs)


def run() -> None:
    """Print rates, costs and the ratios."""
    with tempfile.TemporaryDirectory() as directory:
        key = _keys(Path(directory))
        with (
            _server("bare", directory) as bare,
            _server("collector", directory) as ours,
            _server("plain", directory) as plain,
        ):
            sides = _sides(bare, ours, plain, key)
            for round_ in range(ROUNDS + 1):
                for side in sides:
                    _measure(side, warm_up=round_ == 0)
    _report(*sides)


def _sides(bare: int, ours: int, plain: int, key: str) -> tuple[Side, Side, Side, Side]:
    events = [example_event(number) for number in range(_EVENTS)]
    paths = [f"/v1/{event['type']}" for event in events]
    bodies = [orjson.dumps(event) for event in events]
    batches = [
        orjson.dumps({"sentAt": "2026-01-05T10:00:01.500Z", "batch": events[start : start + BATCH]})
        for start in range(0, _EVENTS, BATCH)
    ]

    def singles(port: int) -> list[bytes]:
        return [request(port, path, body, key) for path, body in zip(paths, bodies, strict=True)]

    return (
        Side("bare ASGI answer", bare, singles(bare), 1),
        Side("collector, single events", ours, singles(ours), 1),
        Side(
            f"collector, batches of {BATCH}", ours, [request(ours, "/v1/batch", body, key) for body in batches], BATCH
        ),
        Side("plain FastAPI + SQLAlchemy", plain, singles(plain), 1),
    )


def example_event(number: int) -> dict[str, Any]:
    """Seven page views, two other actions and one form of ten; a third of the pages come from an advertisement."""
    url = f"https://shop.test/products/{number % 211}"
    if number % 3 == 0:
        url += f"?utm_source=google&utm_medium=cpc&utm_campaign=brand-{number % 7}&gclid=Cj0KCQiA{number:012d}"
    event: dict[str, Any] = {
        "type": "page",
        "messageId": f"ajs-{number:08x}-4b0e-9c1d",
        "anonymousId": f"{number // 4:08x}-9c56-4e0a-8f7b-2d1c3a5e7f90",
        "timestamp": f"2026-01-05T10:00:00.{number % 1000:03d}Z",
        "context": {
            "page": {"url": url, "referrer": "https://www.google.com/", "title": "Product"},
            "userAgent": _BROWSERS[number % len(_BROWSERS)],
            "locale": "en-GB",
        },
    }
    if number % 10 in (7, 8):
        event |= {"type": "track", "event": "Product Viewed", "properties": {"sku": f"S{number}", "price": 12.5}}
    elif number % 10 == 9:
        properties = {"form": "demo", "email": f"visitor{number}@example.com", "company": "Example Ltd"}
        event |= {"type": "track", "event": "Form Submitted", "properties": properties}
    return event


def _measure(side: Side, *, warm_up: bool) -> None:
    before = _cpu(side.port)
    answered, seconds = uvloop.run(
        load(side.port, side.requests, connections=side.connections, seconds=0.5 if warm_up else SECONDS)
    )
    events = answered * side.events_each
    if not warm_up:
        side.rates.append(events / seconds)
        side.costs.append((_cpu(side.port) - before) / events * 1e6)


def _report(bare: Side, single: Side, batch: Side, plain: Side) -> None:
    print(f"{'':34}{'events/s':>10}{'CPU µs/event':>14}{'server busy':>13}")
    for side in (bare, single, batch, plain):
        print(f"{side.name:34}{side.rate:10,.0f}{side.cost:14.1f}{side.rate * side.cost / 1e6:13.0%}")
    print(f"{'':34}{'by rate':>10}{'by CPU':>14}{'wanted':>10}")
    for name, ours, theirs, wanted in (
        ("single ÷ bare", single, bare, 0.3),
        (f"batches of {BATCH} ÷ bare", batch, bare, 1.3),
        ("single ÷ plain FastAPI", single, plain, 4.0),
        (f"batches of {BATCH} ÷ plain FastAPI", batch, plain, 4.0),
    ):
        print(f"{name:34}{ours.rate / theirs.rate:9.2f}×{theirs.cost / ours.cost:13.2f}×{wanted:9.1f}×")


@contextmanager
def _server(kind: str, directory: str) -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    command = [sys.executable, "-m", "tests.benchmarks.collector_servers", kind, str(port), _core(0), directory]
    process = subprocess.Popen(command)
    try:
        _wait(port, process)
        if (ours := _core(1)) != "any":
            os.sched_setaffinity(0, {int(ours)})
        yield port
    finally:
        process.terminate()
        process.wait(30)


def _core(number: int) -> str:
    """The core for the servers (0) or the client (1); `any` where there is only one, or the system cannot say."""
    if not hasattr(os, "sched_setaffinity") or (os.cpu_count() or 1) < 2:
        return "any"
    return str(number)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with status {process.returncode}")
        try:
            _cpu(port)
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server does not answer")


def _cpu(port: int) -> float:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/cpu", timeout=30) as answer:
        return float(answer.read())


def _keys(directory: Path) -> str:
    """Write keys.json; the Authorization header of a browser."""
    document = new_workspace("default")
    write_keys(directory / "keys.json", document)
    return "Basic " + b64encode(f"{document['write_key']}:".encode()).decode()
