"""Five hundred heads and five hundred bodies that drip a byte a second, beside honest traffic: what that does to the honest."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable
from concurrent.futures import Future
from pathlib import Path

from .offering import Offering
from .open_loop import Outcome, Stretch
from .overload import percentile
from .serving import CLIENTS, fresh_keys, server, stay_on

EACH = 500
RATE = 500.0
"""Honest requests a second."""
SECONDS = 15.0
_SETTLED = 2.0
"""Seconds from the start in which connections are made."""

_HEAD = b"POST /v1/batch HTTP/1.1\r\nHost: x\r\nX-Slow: "
_BODY = b'POST /v1/batch HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n{"batch":['


def run() -> None:
    """Print both sides' p99 and how soon the last of the slow was cut off."""
    stay_on(CLIENTS)
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        with Offering(fresh_keys(directory)) as offering, server("collector", directory) as ours:
            plan = [Stretch(RATE, SECONDS)]
            alone = _p99(offering.now(ours.port, plan))
            borne, beside = asyncio.run(_attacked(ours.port, offering.begin(ours.port, plan)))
    print(f"honest traffic alone, {RATE:g} requests a second: p99 {alone * 1000:.1f} ms")
    print(f"beside {2 * EACH} slow senders: p99 {beside * 1000:.1f} ms = {beside / alone:.2f}×   wanted less than 2×")
    print(f"the last of them was cut off after {borne:.1f} s   wanted within 15 s")


async def _attacked(port: int, honest: Future[Outcome]) -> tuple[float, float]:
    """How many seconds the longest lived of the slow ones, and the p99 of the honest."""
    dripping: list[Awaitable[float]] = [_drip(port, begin) for begin in (_HEAD, _BODY) for _ in range(EACH)]
    borne = max(await asyncio.gather(*dripping))
    return borne, _p99(await asyncio.wrap_future(honest))


async def _drip(port: int, begin: bytes) -> float:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    started = time.monotonic()
    writer.write(begin)
    while True:
        try:
            async with asyncio.timeout(1.0):
                if not await reader.read(4096):
                    break
        except TimeoutError:
            writer.write(b"x")
        except ConnectionError:
            break
    writer.close()
    return time.monotonic() - started


def _p99(outcome: Outcome) -> float:
    settled = [nth for nth, due in enumerate(outcome.due) if due > _SETTLED]
    refused = sum(outcome.status[nth] != 200 for nth in settled)
    if refused:
        print(f"{refused} of {len(settled)} honest requests were refused")
    return percentile((outcome.latency[nth] for nth in settled), 99)
