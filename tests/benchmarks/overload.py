"""The collector under more than it can take: what it accepts and refuses, how late, how soon it is itself again, and whether
what it acknowledged is there after a kill. About a minute; the server on one core, a client that never waits on another.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import orjson

from wanamaker_shared.contracts import web_events
from wanamaker_shared.eventlog.embedded import EmbeddedLog

from .browser import serial_of
from .offering import Offering
from .open_loop import Outcome, Stretch
from .serving import CLIENTS, fresh_keys, server, stay_on

EASY = 0.8
OVER = 2.0
"""Of the sustainable rate."""
OVER_SECONDS = 10.0

_PROBE_SECONDS = 1.5
_FIRST_RATE = 1000.0
_FINER = 4
_IN_TIME = 0.05
"""Where the median stays below it to the end, in seconds, no backlog builds up."""
_HICCUP = 0.02
"""The share that may be refused after a moment in which others had the machine."""

_BEFORE, _AFTER = 2.0, 8.0
_WINDOW, _STEP = 0.5, 0.1
_NORMAL = 1.5
"""Times the p99 of the easy rate."""
_KILLED_AFTER = 2.0

REFUSALS = (429, 503)


def run() -> None:
    """Print what is wanted beside what was measured."""
    stay_on(CLIENTS)
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        with Offering(fresh_keys(directory)) as offering:
            with server("collector", directory) as ours:
                rate = _sustainable(offering, ours.port)
                print(f"sustainable: {rate:,.0f} single events a second")
                normal = _easy(offering.now(ours.port, [Stretch(EASY * rate, 5.0)]))
                plan = [Stretch(EASY * rate, _BEFORE), Stretch(OVER * rate, OVER_SECONDS), Stretch(EASY * rate, _AFTER)]
                _over(offering.now(ours.port, plan), normal, rate)
                _row("tracebacks the server printed", f"{ours.tracebacks():,}", "0")
                print(f"most memory of the server: {ours.most_memory() >> 20} MiB")
                offered = offering.begin(ours.port, [Stretch(OVER * rate, 2 * _KILLED_AFTER)])
                time.sleep(_KILLED_AFTER)
                ours.kill()
                offered.result()
            started = time.monotonic()
            with server("collector", directory):
                print(f"killed in the middle of it; serves again {time.monotonic() - started:.1f} s after its start")
        _nothing_lost(offering.outcomes, directory)


def _sustainable(offering: Offering, port: int) -> float:
    """The highest rate at which no backlog builds up and next to nothing is refused."""
    low, high = 0.0, _FIRST_RATE
    while _sustained(offering, port, high):
        low, high = high, high * 2
    for _ in range(_FINER):
        middle = (low + high) / 2
        low, high = (middle, high) if _sustained(offering, port, middle) else (low, middle)
    return low


def _sustained(offering: Offering, port: int, rate: float) -> bool:
    """A second try is given: others may have had the machine."""
    for _ in range(2):
        outcome = offering.now(port, [Stretch(rate, _PROBE_SECONDS)])
        refused = sum(status != 200 for status in outcome.status)
        late = (outcome.latency[nth] for nth, due in enumerate(outcome.due) if due > _PROBE_SECONDS * 2 / 3)
        if refused <= _HICCUP * len(outcome.due) and percentile(late, 50) < _IN_TIME:
            return True
    return False


def _easy(outcome: Outcome) -> float:
    """The p99 of the accepted at the easy rate, once it has run for a second."""
    warm = [nth for nth, due in enumerate(outcome.due) if due > 1.0]
    accepted = [outcome.latency[nth] for nth in warm if outcome.status[nth] == 200]
    normal = percentile(accepted, 99)
    print(
        f"at {EASY:.0%} of it: p50 {percentile(accepted, 50) * 1000:.1f} ms, p99 {normal * 1000:.1f} ms, "
        f"{1 - len(accepted) / len(warm):.1%} refused"
    )
    return normal


def _over(outcome: Outcome, normal: float, rate: float) -> None:
    """Of a run that goes from the easy rate over the sustainable one and back."""
    ends = _BEFORE + OVER_SECONDS
    during = [nth for nth, due in enumerate(outcome.due) if _BEFORE <= due < ends]
    accepted = [nth for nth in during if outcome.status[nth] == 200]
    refused = [nth for nth in during if outcome.status[nth] in REFUSALS]
    print(
        f"{OVER_SECONDS:g} s at {OVER:g}×: {len(during):,} offered (written late by "
        f"{percentile((outcome.late[nth] for nth in during), 99) * 1000:.0f} ms, p99), {len(accepted) / len(during):.0%} "
        f"accepted, {len(refused) / len(during):.0%} refused"
    )
    answered = sum(
        status == 200 and _BEFORE <= due + latency < ends
        for due, latency, status in zip(outcome.due, outcome.latency, outcome.status, strict=True)
    )
    _row("accepted a second, of the sustainable rate", f"{answered / OVER_SECONDS / rate:.2f}×", "about 1×")
    others = len(during) - len(accepted) - len(refused)
    _row("neither accepted nor refused", f"{others:,}", "0")
    late = percentile((outcome.latency[nth] for nth in accepted), 99)
    _row("p99 of the accepted", f"{late * 1000:,.0f} ms = {late / normal:,.1f}×", "≤ 3×")
    again = normal_again(outcome, ends, normal)
    _row("normal again after", f"{again:.1f} s" if again is not None else f"more than {_AFTER:g} s", "≤ 2 s")


def normal_again(outcome: Outcome, ends: float, normal: float) -> float | None:
    """Seconds after the overload from which on half a second's requests are all accepted, their p99 near the normal one."""
    for step in range(round((_AFTER - _WINDOW) / _STEP) + 1):
        start = ends + step * _STEP
        window = [nth for nth, due in enumerate(outcome.due) if start <= due < start + _WINDOW]
        in_time = percentile((outcome.latency[nth] for nth in window), 99) <= _NORMAL * normal
        if in_time and all(outcome.status[nth] == 200 for nth in window):
            return round(start - ends, 3)
    return None


def _nothing_lost(outcomes: Sequence[Outcome], directory: Path) -> None:
    acknowledged = {
        outcome.first + nth for outcome in outcomes for nth, status in enumerate(outcome.status) if status == 200
    }
    missing = acknowledged - asyncio.run(_stored(directory))
    _row(f"of {len(acknowledged):,} acknowledged events, lost", f"{len(missing):,}", "0")


async def _stored(directory: Path) -> set[int]:
    """The numbers of the requests whose events are in the log."""
    found: set[int] = set()
    log = EmbeddedLog(directory / "log", "benchmark", partitions=2)
    for (topic, partition), end in (await log.end_positions([web_events.TOPIC])).items():
        async for batch in log.read(topic, partition, 0, end):
            found.update(serial_of(orjson.loads(record.value)["event_id"]) for record in batch.records)
    await log.close()
    return found


def percentile(values: Iterable[float], percent: int) -> float:
    """Infinite if there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] if ordered else float("inf")


def _row(what: str, measured: str, wanted: str) -> None:
    print(f"{what:44}{measured:>24}   wanted {wanted}")
