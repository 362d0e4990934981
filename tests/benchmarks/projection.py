"""How fast all consumers take in the demo's mix of events, standalone, and whether an event's cost grows with history.

The crm-bridge's, identity's and attribution's `consume` run as three processes beside each other, as in `wanamaker up`. To
compare, the same kind of events go into a fresh installation and into the one with the long history, by turns: into the fresh
one so many that it has the short history at the end, into the other a slice of a stream as it grew by.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
from itertools import count, islice
from pathlib import Path

from .installation import Installation, Spent, installation
from .mixed import mixed

SHORT = 10_000
SLICE = 50_000
ROUNDS = 3
_LARGE = int(os.environ.get("WANAMAKER_BENCH_EVENTS", "100000"))
_WARM_UP = 2_000
_RATE_WANTED = 5_000.0
_RATIO_WANTED = 1.2
_SERVICES = ("crm-bridge", "identity", "attribution")


def run() -> None:
    """Print events a second, CPU an event, and the ratio of long and short history."""
    with tempfile.TemporaryDirectory() as directory:
        asyncio.run(_run(Path(directory)))


async def _run(directory: Path) -> None:
    print(f"{'':36}{'events/s':>9}" + "".join(f"{name:>13}" for name in (*_SERVICES, "all")) + "  CPU µs/event")
    async with installation(directory / "large") as large:
        history = await _grow(large, _LARGE)
        _line(f"{_LARGE:,} events", history)
        short: list[Spent] = []
        long: list[Spent] = []
        for round_ in range(ROUNDS):
            async with installation(directory / f"small-{round_}") as small:
                short.append(await _slice(small, round_))
            long.append(await large.take_in(list(mixed(SLICE, 500_000 + 1000 * round_, large.keys))))
            _line(f"{SHORT:,} events", short[-1])
            _line(f"{SLICE:,} after {_LARGE + round_ * SLICE:,}", long[-1])
    first, last = (statistics.median(spent.micros_of_all for spent in slices) for slices in (short, long))
    print(f"{'events/s, all events':36}{history.rate:9,.0f}   wanted ≥ {_RATE_WANTED:,.0f}")
    print(f"{'CPU an event, long ÷ short history':36}{last / first:9.2f}×  wanted ≤ {_RATIO_WANTED}×")


async def _slice(small: Installation, round_: int) -> Spent:
    """The first events of a fresh process compile its statements: they are not counted."""
    await small.take_in(list(mixed(_WARM_UP, 900_000, small.keys)))
    return await small.take_in(list(mixed(SHORT, 600_000 + 1000 * round_, small.keys)))


async def _grow(large: Installation, events: int) -> Spent:
    """Take in so many events. They are made chunk by chunk, while nothing is measured."""
    await large.take_in(list(mixed(_WARM_UP, 900_000, large.keys)))
    source = mixed(events, 0, large.keys)
    spent: Spent | None = None
    for _ in count():
        if not (chunk := list(islice(source, SLICE))):
            break
        taken = await large.take_in(chunk)
        spent = taken if spent is None else spent + taken
    assert spent is not None
    return spent


def _line(name: str, spent: Spent) -> None:
    costs = "".join(f"{spent.micros(service):13.1f}" for service in _SERVICES)
    print(f"{name:36}{spent.rate:9,.0f}{costs}{spent.micros_of_all:13.1f}", flush=True)
