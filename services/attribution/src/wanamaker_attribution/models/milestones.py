"""Models by milestones share one shape: each milestone that has happened takes the same part of 90 %, the others share 10 %.

A milestone that hasn't happened gives its part to the other milestones; with no other touchpoint they take the 10 % too;
milestones on one touchpoint add up (Marketo Measure's W-shaped and Full path).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ..journeys import Journey


def weigh_milestones(journey: Journey, milestones: Sequence[int | None]) -> list[int]:
    """`milestones` are indexes of touchpoints, None for one that hasn't happened; the first touch always has."""
    parts = Counter(index for index in milestones if index is not None)
    others = len(journey) - len(parts)
    if others == 0:
        return [parts[i] for i in range(len(journey))]
    happened = parts.total()
    return [90 * others * parts[i] if i in parts else 10 * happened for i in range(len(journey))]
