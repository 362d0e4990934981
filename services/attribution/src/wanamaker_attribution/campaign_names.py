"""Which names of campaigns look like a name: by the letters in threes that they share. Simple, and the same every time. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any, Generic, TypeVar

from .links.names import folded

T = TypeVar("T")

_LEAST = 333
"""Thousandths of likeness below which two names have nothing to do with one another."""
_MOST = 3


class NamesAlike(Generic[T]):
    """`named` gives what something is called; `order` ranks what is equally like, the smallest first."""

    def __init__(self, known: Sequence[T], named: Callable[[T], str], order: Callable[[T], Any]) -> None:
        self._known = known
        self._order = order
        self._sizes: list[int] = []
        self._with: defaultdict[str, list[int]] = defaultdict(list)
        for place, each in enumerate(known):
            threes = _threes(named(each))
            self._sizes.append(len(threes))
            for three in threes:
                self._with[three].append(place)

    def nearest(self, name: str) -> list[T]:
        """Up to three, the most alike first."""
        threes = _threes(name)
        shared = Counter(chain.from_iterable(self._with.get(three, ()) for three in threes))
        alike = {place: 2000 * number // (len(threes) + self._sizes[place]) for place, number in shared.items()}
        fitting = [place for place, likeness in alike.items() if likeness >= _LEAST]
        fitting.sort(key=lambda place: (-alike[place], self._order(self._known[place])))
        return [self._known[place] for place in fitting[:_MOST]]


def _threes(name: str) -> set[str]:
    """`brand` as `^br`, `bra`, `ran`, `and`, `nd$`, without case, spaces, underscores and dashes."""
    text = f"^{folded(name)}$"
    return {text[start : start + 3] for start in range(len(text) - 2)}
