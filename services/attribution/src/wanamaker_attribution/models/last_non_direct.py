"""The last touchpoint that isn't Direct takes all; if every one is Direct, the last."""

from __future__ import annotations

from ..journeys import Journey


def weigh(journey: Journey) -> list[int]:
    last = len(journey) - 1
    chosen = next((i for i in range(last, -1, -1) if journey.touches[i].channel != "Direct"), last)
    return [int(i == chosen) for i in range(len(journey))]
