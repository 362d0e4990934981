"""The first and the last touchpoint take 40 % each, those between share 20 %; of two, each takes half."""

from __future__ import annotations

from ..journeys import Journey


def weigh(journey: Journey) -> list[int]:
    between = len(journey) - 2
    if between <= 0:
        return [1] * len(journey)
    return [40 * between] + [20] * between + [40 * between]
