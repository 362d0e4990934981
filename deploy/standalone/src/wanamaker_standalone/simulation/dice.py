"""Seeded chance that gives the same numbers for ever.

Built on `random.Random.random()` alone: it is the one method whose sequence Python promises to keep between versions.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)  # noqa: S311 - a simulation wants numbers that can be had again

    def chance(self, probability: float) -> bool:
        return self._random.random() < probability

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * self._random.random()

    def whole(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + int(self._random.random() * (high - low + 1))

    def pick(self, items: Sequence[T]) -> T:
        return items[int(self._random.random() * len(items))]

    def weighted(self, weights: Mapping[T, float]) -> T:
        """One of the keys, as often as its weight says."""
        left = self._random.random() * sum(weights.values())
        for item, weight in weights.items():
            left -= weight
            if left < 0:
                return item
        return item

    def hexadecimal(self, digits: int) -> str:
        return "".join("0123456789abcdef"[int(self._random.random() * 16)] for _ in range(digits))
