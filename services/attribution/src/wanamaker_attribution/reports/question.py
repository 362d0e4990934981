"""What somebody asks of the ROI tables: models, date basis, days, groups and filters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from .dimensions import ACCOUNT, FINE, PERIODS, Dimensions, value_of

Basis = Literal["touch", "conversion"]
"""Whose day a credit is counted on."""


@dataclass(frozen=True, slots=True)
class Question:
    """`start` and `end` are inclusive days of the workspace's zone, None = unbounded; `only` are values to keep."""

    models: tuple[str, ...]
    basis: Basis = "conversion"
    group_by: tuple[str, ...] = ("channel",)
    start: str | None = None
    end: str | None = None
    only: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """All dimensions that matter, those of groups and those of filters, `model` aside."""
        return tuple(dict.fromkeys(name for name in (*self.group_by, *self.only) if name != "model"))

    @property
    def fine(self) -> bool:
        """Whether the ROI tables do not keep all it asks for, so that credits and sessions answer."""
        return any(name in (*FINE, ACCOUNT) for name in self.names)

    @property
    def by_time(self) -> bool:
        return any(name in PERIODS for name in self.names)

    def first_day(self) -> str | None:
        """The earliest day that can match, by `start` and the period filters."""
        return max(filter(None, (self.start, *(first for first, _ in self._periods()))), default=None)

    def last_day(self) -> str | None:
        return min(filter(None, (self.end, *(last for _, last in self._periods()))), default=None)

    def keeps(self, dimensions: Dimensions) -> bool:
        """Whether a fact falls into it, day included."""
        day = dimensions["day"]
        if (self.start and day < self.start) or (self.end and day > self.end):
            return False
        return all(value_of(name, dimensions) == wanted for name, wanted in self.only.items())

    def _periods(self) -> list[tuple[str, str]]:
        """First and last day of each period filter."""
        found = []
        for name, wanted in self.only.items():
            if name == "day":
                found.append((wanted, wanted))
            elif name == "week":
                found.append((wanted, (date.fromisoformat(wanted) + timedelta(days=6)).isoformat()))
            elif name == "month":
                found.append((f"{wanted}-01", f"{wanted}-31"))
        return found
