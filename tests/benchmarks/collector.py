"""The collector with everything on, beside a bare ASGI answer and beside naive FastAPI routes, in one interleaved run.

All get the bytes of the tracker in a browser (but that FastAPI wants JSON to be declared as such). The servers are on one core,
the client, and Kafka, on another. Where a server is not busy all the time, its rate is that of the client, of the disk or of
Kafka; the CPU columns do not depend on them.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import uvloop

from .browser import Traffic, visitors_of
from .features import features
from .kafka import kafka_servers
from .load import load
from .serving import CLIENTS, Server, fresh_keys, server, stay_on

ROUNDS = 5
SECONDS = 2.0
CONNECTIONS = 64
BATCH_CONNECTIONS = 8
MANY_CONNECTIONS = 512
"""As many are under way on a busy day; from half of that on, aiokafka falls behind whom it makes await each event."""
BATCH = 50

BARE, NOTHING, SQL, AWAITED = (
    "bare ASGI answer",
    "naive: batches, stored nowhere",
    "naive: SQLAlchemy",
    f"naive: aiokafka, {MANY_CONNECTIONS} connections",
)
SINGLE, BATCHED = "ours: single events", f"ours: batches of {BATCH}"
KAFKA, KAFKA_MANY = "ours: single events, Kafka", f"ours: Kafka, {MANY_CONNECTIONS} connections"


_WANTED = (
    (SINGLE, BARE, 0.3),
    (KAFKA, BARE, 0.3),
    (BATCHED, BARE, 1.3),
    (BATCHED, NOTHING, 1.0),
    (SINGLE, SQL, 4.0),
    (BATCHED, SQL, 4.0),
    (KAFKA_MANY, AWAITED, 6.0),
)


@dataclass(slots=True)
class Side:
    """One way to take events; `rates` in events a second, `costs` in CPU µs of the server an event."""

    server: Server
    supply: Iterator[bytes]
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
    """Print rates, costs, the ratios, and what each feature of a single event costs."""
    stay_on(CLIENTS)
    with ExitStack() as parts:
        directory = Path(parts.enter_context(tempfile.TemporaryDirectory()))
        kafka = parts.enter_context(kafka_servers())
        sides = _sides(parts, directory, kafka)
        for round_ in range(ROUNDS + 1):
            for side in sides.values():
                _measure(side, warm_up=round_ == 0)
    _report(sides)
    _report_features(sides[BARE].cost, sides[SINGLE].cost)


def _sides(parts: ExitStack, directory: Path, kafka: str | None) -> dict[str, Side]:
    keys = fresh_keys(directory)
    visitors = visitors_of(keys)
    singles, batches = Traffic(keys, visitors), Traffic(keys, visitors, events=BATCH)
    json_singles, json_batches = Traffic(keys, visitors, text=False), Traffic(keys, visitors, events=BATCH, text=False)

    def start(kind: str) -> Server:
        return parts.enter_context(server(kind, directory, kafka=kafka or "" if kind.endswith("kafka") else ""))

    bare, ours = start("bare"), start("collector")
    sides = {
        BARE: Side(bare, singles.requests(), 1),
        SINGLE: Side(ours, singles.requests(), 1),
        BATCHED: Side(ours, batches.requests(), BATCH, BATCH_CONNECTIONS),
        NOTHING: Side(start("nothing"), json_batches.requests(), BATCH, BATCH_CONNECTIONS),
        SQL: Side(start("sql"), json_singles.requests(), 1),
    }
    if kafka is not None:
        through_kafka = start("collector-kafka")
        sides[KAFKA] = Side(through_kafka, singles.requests(), 1)
        sides[KAFKA_MANY] = Side(through_kafka, singles.requests(), 1, MANY_CONNECTIONS)
        sides[AWAITED] = Side(start("kafka"), json_singles.requests(), 1, MANY_CONNECTIONS)
    return sides


def _measure(side: Side, *, warm_up: bool) -> None:
    before = side.server.cpu()
    seconds = 0.5 if warm_up else SECONDS
    answered, took = uvloop.run(load(side.server.port, side.supply, connections=side.connections, seconds=seconds))
    events = answered * side.events_each
    if not warm_up:
        side.rates.append(events / took)
        side.costs.append((side.server.cpu() - before) / events * 1e6)


def _report(sides: dict[str, Side]) -> None:
    print(f"{'':40}{'events/s':>10}{'CPU µs/event':>14}{'server busy':>13}")
    for name, side in sides.items():
        print(f"{name:40}{side.rate:10,.0f}{side.cost:14.1f}{side.rate * side.cost / 1e6:13.0%}")
    print(f"{'':78}{'by rate':>10}{'by CPU':>10}{'wanted':>10}")
    for ours, theirs, wanted in _WANTED:
        if ours in sides:
            a, b = sides[ours], sides[theirs]
            print(f"{ours + ' ÷ ' + theirs:78}{a.rate / b.rate:9.2f}×{b.cost / a.cost:9.2f}×{wanted:9.1f}×")


def _report_features(bare: float, single: float) -> None:
    """From the bare answer to the single event, in CPU µs; the features were measured by themselves, in this process."""
    found = features()
    print(f"{'CPU µs of a single event':58}{'µs':>10}")
    rest = single - bare - sum(found.values())
    rows = {BARE: bare, **found, "what else a request takes": rest, SINGLE: single}
    for name, micros in rows.items():
        print(f"{name:58}{micros:10.1f}")
