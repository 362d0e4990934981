"""A conversion's journey: the touchpoints of its people before it, in order, and the milestones among them.

Rules and examples: docs/meanings.md, "Journey" and "Models".
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple


class Touch(NamedTuple):
    """A touchpoint as a conversion's `journey` stores it."""

    id: str
    at: int
    day: str
    channel: str
    source: str
    medium: str
    campaign: str
    term: str
    content: str
    landing_page: str
    original_source: str


@dataclass(frozen=True)
class Journey:
    """At least one touchpoint, in order, none after `at`.

    `lead_at` is the earliest lead of its people, `opened_at` the deal's creation; None where there is none.
    """

    touches: tuple[Touch, ...]
    at: int
    lead_at: int | None = None
    opened_at: int | None = None

    def __len__(self) -> int:
        return len(self.touches)

    @cached_property
    def lead_touch(self) -> int | None:
        """Index of the last touchpoint at or before the earliest lead; None if the lead has not happened by the conversion."""
        return self._last_until(self.lead_at)

    @cached_property
    def opening_touch(self) -> int | None:
        """Index of the last touchpoint at or before the deal's creation, likewise."""
        return self._last_until(self.opened_at)

    def _last_until(self, at: int | None) -> int | None:
        if at is None or at > self.at:
            return None
        index = len(self.touches) - 1
        while index >= 0 and self.touches[index].at > at:
            index -= 1
        return index if index >= 0 else None
