"""A conversion, its credits under every model, and what they add to the ROI tables: pure functions of one another.

As the ROI tables are kept by difference, what a conversion added before is taken away by the function that adds what it adds now.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from .arrivals import NOT_SET
from .credits import MICRO, split_credit
from .journeys import Journey, Touch
from .models import MODELS

UNATTRIBUTED = "(unattributed)"
CRM = "(crm)"
KINDS = ("lead", "mql", "sql", "opportunity", "deal", "customer")
_SECOND = 1_000_000
_REVENUE, _SECONDS = 6, 7  # places in a row of measures, after the counts of the six kinds


class Adjusted(NamedTuple):
    """An adjustment of a won deal: `minor` in the reporting currency, on its own day."""

    id: str
    at: int
    day: str
    minor: int


@dataclass(frozen=True, slots=True)
class Conversion:
    kind: str
    key: str
    at: int
    day: str
    connection: str | None
    deal_id: str | None
    people: tuple[str, ...]
    opened_at: int | None
    lead_at: int | None
    revenue_minor: int
    crm_channel: str | None
    crm_original_source: str
    adjustments: tuple[Adjusted, ...]
    journey: tuple[Touch, ...]


class Credit(NamedTuple):
    """One model's split, a number per touchpoint of the journey (one if unattributed); adjustments in their order."""

    micro: tuple[int, ...]
    revenue: tuple[int, ...]
    adjustments: tuple[tuple[int, ...], ...]


Place = tuple[str, str, str, str, str]
"""(day, channel, source, medium, campaign)"""
Measures = defaultdict[tuple[str, str], defaultdict[Place, list[int]]]
"""(model, basis) → place → a count per kind, revenue_minor, close_seconds."""


def no_measures() -> Measures:
    return defaultdict(lambda: defaultdict(lambda: [0] * (len(KINDS) + 2)))


def credit_conversion(conversion: Conversion) -> dict[str, Credit]:
    """By model the exact split of the conversion, its revenue and each adjustment by that model's weights."""
    if len(conversion.journey) < 2:
        return dict.fromkeys(MODELS, _split(conversion, (1,)))  # one touchpoint takes all
    journey = Journey(conversion.journey, conversion.at, conversion.lead_at, conversion.opened_at)
    return {name: _split(conversion, model.weigh(journey)) for name, model in MODELS.items()}


def _split(conversion: Conversion, weights: Sequence[int]) -> Credit:
    return Credit(
        tuple(split_credit(MICRO, weights)),
        tuple(split_credit(conversion.revenue_minor, weights)),
        tuple(tuple(split_credit(item.minor, weights)) for item in conversion.adjustments),
    )


def add_measures(added: Measures, conversion: Conversion, credits: Mapping[str, Credit], sign: int) -> None:
    """Add what the conversion adds to the ROI rows, under both date bases; with `sign` -1 take it away."""
    places = [touch[2:7] for touch in conversion.journey] or [unattributed_place(conversion)]
    on_touch, on_conversion = _Groups(places), _Groups([place[1:] for place in places])
    days = [conversion.day, *(item.day for item in conversion.adjustments)]
    places_of_share = [[(day, *place) for place in on_conversion.groups] for day in days]
    counted = KINDS.index(conversion.kind)
    seconds = _seconds_to_close(conversion) if conversion.kind == "deal" else 0
    for model, credit in credits.items():
        of_touch, of_conversion = added[model, "touch"], added[model, "conversion"]
        shares = [(credit.micro, credit.revenue), *(((), parts) for parts in credit.adjustments)]
        for own_places, (micros, revenues) in zip(places_of_share, shares, strict=True):
            for rows, keys, groups in (
                (of_touch, on_touch.groups, on_touch),
                (of_conversion, own_places, on_conversion),
            ):
                for place, micro, revenue in zip(keys, groups.sums(micros), groups.sums(revenues), strict=True):
                    if micro or revenue:
                        row = rows[place]
                        row[counted] += sign * micro
                        row[_REVENUE] += sign * revenue
                        row[_SECONDS] += sign * micro * seconds


class _Groups:
    """The different places of touchpoints: a long journey has few of them beside its touchpoints."""

    def __init__(self, of_touches: Sequence[Any]) -> None:
        numbers: dict[Any, int] = {}
        self._group_of = [numbers.setdefault(place, len(numbers)) for place in of_touches]
        self.groups = list(numbers)

    def sums(self, parts: Sequence[int]) -> Sequence[int]:
        """What falls on each group of a number per touchpoint; `()` is nothing for all."""
        if len(parts) == len(self.groups):
            return parts
        sums = [0] * len(self.groups)
        if any(parts):
            for group, part in zip(self._group_of, parts, strict=True):
                sums[group] += part
        return sums


def unattributed_place(conversion: Conversion) -> Place:
    """Where the credit of a conversion without touchpoints stands: on its day, by the CRM's own word if it has one."""
    if conversion.crm_channel:
        return (conversion.day, conversion.crm_channel, CRM, NOT_SET, NOT_SET)
    return (conversion.day, UNATTRIBUTED, UNATTRIBUTED, UNATTRIBUTED, UNATTRIBUTED)


def _seconds_to_close(conversion: Conversion) -> int:
    """Whole seconds from the journey's first touchpoint, else the deal's creation, to won; never below 0."""
    began = conversion.journey[0].at if conversion.journey else conversion.opened_at
    return max(0, (conversion.at - began) // _SECOND) if began is not None else 0
