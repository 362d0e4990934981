"""Somebody who reloads the ROI table: `python -m tests.benchmarks.analyst ADDRESS KEY CHANNEL` until its input ends.

Prints a line at each change of the channel's revenue: the time it was read (CLOCK_MONOTONIC seconds) and the revenue.
"""

from __future__ import annotations

import sys
import threading
import time

import httpx

_PAUSE = 0.01


def main() -> None:
    address, key, channel = sys.argv[1:]
    ended = threading.Event()
    threading.Thread(target=_until_input_ends, args=(ended,), daemon=True).start()
    shown: int | None = None
    with httpx.Client(base_url=address, headers={"authorization": f"Bearer {key}"}, timeout=30) as client:
        while not ended.wait(_PAUSE):
            answer = client.get("/v1/roi", params={"group_by": "channel", "model": "linear"})
            answer.raise_for_status()
            read_at = time.monotonic()
            revenue = sum(row["revenue_minor"] for row in answer.json()["rows"] if row["channel"] == channel)
            if revenue != shown:
                shown = revenue
                print(read_at, revenue, flush=True)


def _until_input_ends(ended: threading.Event) -> None:
    sys.stdin.read()
    ended.set()


if __name__ == "__main__":
    main()
