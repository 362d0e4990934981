"""A conversion, its credits under every model, and what they add to the ROI tables: pure functions of one another.

As the ROI tables are kept by difference, what a conversion added before and what it adds now are told by the same function.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

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
    adjustments: tuple[Adjusted, ...]
    journey: tuple[Touch, ...]


class Credit(NamedTuple):
    """One model's split, a number per touchpoint of the journey (one if unattributed); adjustments in their order."""

    micro: tuple[int, ...]
    revenue: tuple[int, ...]
    adjustments: tuple[tuple[int, ...], ...]


Measures = dict[tuple[str, ...], list[int]]
"""(model, basis, day, channel, source, medium, campaign) → a count per kind, revenue_minor, close_seconds."""


def credit_conversion(conversion: Conversion) -> dict[str, Credit]:
    """By model the exact split of the conversion, its revenue and each adjustment by that model's weights."""
    journey = Journey(conversion.journey, conversion.at, conversion.lead_at, conversion.opened_at)
    credits = {}
    for name, model in MODELS.items():
        weights = model.weigh(journey) if conversion.journey else (1,)
        credits[name] = Credit(
            tuple(split_credit(MICRO, weights)),
            tuple(split_credit(conversion.revenue_minor, weights)),
            tuple(tuple(split_credit(item.minor, weights)) for item in conversion.adjustments),
        )
    return credits


def measures(conversion: Conversion, credits: Mapping[str, Credit]) -> Measures:
    """What the conversion adds to the ROI rows, under both date bases."""
    added: Measures = defaultdict(lambda: [0] * 8)
    places = [touch[2:7] for touch in conversion.journey] or [unattributed_place(conversion)]
    counted = KINDS.index(conversion.kind)
    seconds = _seconds_to_close(conversion) if conversion.kind == "deal" else 0
    for model, credit in credits.items():
        for index, place in enumerate(places):
            micro, revenue = credit.micro[index], credit.revenue[index]
            touch_row = added[model, "touch", *place] if micro or revenue else None
            if touch_row is not None:
                for row in (touch_row, added[model, "conversion", conversion.day, *place[1:]]):
                    row[counted] += micro
                    row[_REVENUE] += revenue
                    row[_SECONDS] += micro * seconds
            for item, parts in zip(conversion.adjustments, credit.adjustments, strict=True):
                if part := parts[index]:
                    added[model, "touch", *place][_REVENUE] += part
                    added[model, "conversion", item.day, *place[1:]][_REVENUE] += part
    return added


def unattributed_place(conversion: Conversion) -> tuple[str, str, str, str, str]:
    """Where the credit of a conversion without touchpoints stands: on its day, by the CRM's own word if it has one."""
    if conversion.crm_channel:
        return (conversion.day, conversion.crm_channel, CRM, NOT_SET, NOT_SET)
    return (conversion.day, UNATTRIBUTED, UNATTRIBUTED, UNATTRIBUTED, UNATTRIBUTED)


def _seconds_to_close(conversion: Conversion) -> int:
    """Whole seconds from the journey's first touchpoint, else the deal's creation, to won; never below 0."""
    began = conversion.journey[0].at if conversion.journey else conversion.opened_at
    return max(0, (conversion.at - began) // _SECOND) if began is not None else 0
