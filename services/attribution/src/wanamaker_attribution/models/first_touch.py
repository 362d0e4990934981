"""The first touchpoint takes all."""

from __future__ import annotations

from ..journeys import Journey


def weigh(journey: Journey) -> list[int]:
    return [1] + [0] * (len(journey) - 1)
