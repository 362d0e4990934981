"""Every touchpoint takes the same."""

from __future__ import annotations

from ..journeys import Journey


def weigh(journey: Journey) -> list[int]:
    return [1] * len(journey)
