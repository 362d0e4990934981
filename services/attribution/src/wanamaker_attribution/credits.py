"""Credits: a whole number split by weights so that the parts sum to it exactly.

Largest remainder (Hamilton's method), ties to the earlier touchpoint; a negative number as the mirror of its positive, so
that a full refund leaves nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

MICRO = 1_000_000
"""What one conversion counts, in micro-conversions."""


def split_credit(total: int, weights: Sequence[int]) -> list[int]:
    """The parts of `total`, one per weight; weights are not negative and not all zero."""
    if total < 0:
        return [-part for part in split_credit(-total, weights)]
    if total == 0:
        return [0] * len(weights)
    whole = sum(weights)
    shares = {weight: divmod(total * weight, whole) for weight in set(weights)}  # most models know few weights
    parts = [shares[weight][0] for weight in weights]
    missing = total - sum(parts)
    if missing:
        remainders = [shares[weight][1] for weight in weights]
        by_remainder = sorted(range(len(parts)), key=remainders.__getitem__, reverse=True)  # stable: ties stay in order
        for index in by_remainder[:missing]:
            parts[index] += 1
    return parts
