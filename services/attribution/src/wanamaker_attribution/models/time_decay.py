"""A touchpoint's weight halves with every 7 days between it and the conversion.

Age in whole hours; the table holds ⌊2^60 · 2^(-k/168)⌋ from exact arithmetic, so that no platform's floating point decides.
"""

from __future__ import annotations

from ..journeys import Journey

HALF_LIFE_HOURS = 168
_HOUR = 3_600_000_000


def weigh(journey: Journey) -> list[int]:
    return [weight((journey.at - touch.at) // _HOUR) for touch in journey.touches]


def weight(age_hours: int) -> int:
    return max(1, _TABLE[age_hours % HALF_LIFE_HOURS] >> (age_hours // HALF_LIFE_HOURS))


def _floor_root(value: int, degree: int, guess: int) -> int:
    """The largest r with r ** degree ≤ value, from a guess at or above it (Newton's method on integers)."""
    root = guess
    while root**degree > value:
        root = min(root - 1, ((degree - 1) * root + value // root ** (degree - 1)) // degree)
    while (root + 1) ** degree <= value:
        root += 1
    return root


_TABLE = [
    _floor_root(2 ** (60 * HALF_LIFE_HOURS - k), HALF_LIFE_HOURS, round(2 ** (60 - k / HALF_LIFE_HOURS)) + 4096)
    for k in range(HALF_LIFE_HOURS)
]
