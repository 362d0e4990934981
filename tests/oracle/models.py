"""The eight attribution models: each gives the touchpoints of a journey their weights, exact integers or fractions."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cache

from .clock import HOUR
from .conversions import Conversion
from .sessions import Touchpoint

Weight = int | Fraction
Journey = list[Touchpoint]
HALF_LIFE = 7 * 24
"""Hours."""


def first_touch(journey: Journey, conversion: Conversion) -> list[Weight]:
    return _all_to(0, journey)


def last_touch(journey: Journey, conversion: Conversion) -> list[Weight]:
    return _all_to(len(journey) - 1, journey)


def last_non_direct(journey: Journey, conversion: Conversion) -> list[Weight]:
    places = [place for place, touchpoint in enumerate(journey) if touchpoint.channel != "Direct"]
    return _all_to(places[-1] if places else len(journey) - 1, journey)


def linear(journey: Journey, conversion: Conversion) -> list[Weight]:
    return [1] * len(journey)


def position_based(journey: Journey, conversion: Conversion) -> list[Weight]:
    if len(journey) <= 2:
        return [1] * len(journey)
    between = len(journey) - 2
    return [40, *[Fraction(20, between)] * between, 40]


def time_decay(journey: Journey, conversion: Conversion) -> list[Weight]:
    def weight(touchpoint: Touchpoint) -> int:
        hours = (conversion.at - touchpoint.at) // HOUR
        return max(1, decayed(hours % HALF_LIFE) >> (hours // HALF_LIFE))

    return [weight(touchpoint) for touchpoint in journey]


def w_shaped(journey: Journey, conversion: Conversion) -> list[Weight]:
    return _milestones(journey, _until_created(journey, conversion))


def full_path(journey: Journey, conversion: Conversion) -> list[Weight]:
    return _milestones(journey, [*_until_created(journey, conversion), len(journey) - 1])


MODELS: dict[str, Callable[[Journey, Conversion], list[Weight]]] = {
    model.__name__: model
    for model in (
        first_touch,
        last_touch,
        last_non_direct,
        linear,
        position_based,
        time_decay,
        w_shaped,
        full_path,
    )
}


@cache
def decayed(k: int) -> int:
    """⌊2^60 · 2^(−k/168)⌋: the largest w with w^168 ≤ 2^(60·168 − k), found bit by bit."""
    power = 1 << (60 * HALF_LIFE - k)
    w = 0
    for bit in range(60, -1, -1):
        if (w | 1 << bit) ** HALF_LIFE <= power:
            w |= 1 << bit
    return w


def _all_to(place: int, journey: Journey) -> list[Weight]:
    return [int(each == place) for each in range(len(journey))]


def _until_created(journey: Journey, conversion: Conversion) -> list[int]:
    """The places of F, L and O, those that there are: the first, the last up to the lead, the last up to the deal's creation."""
    created_at = conversion.deal.created_at if conversion.deal else None
    places = [0]
    for milestone in (conversion.lead_at, created_at):
        if milestone is not None and milestone <= conversion.at and journey[0].at <= milestone:
            places.append(max(place for place, touchpoint in enumerate(journey) if touchpoint.at <= milestone))
    return places


def _milestones(journey: Journey, places: list[int]) -> list[Weight]:
    """90 shared by the milestones, 10 by the others; 100 by the milestones where there are no others."""
    others = len(journey) - len(set(places))
    part = Fraction(90 if others else 100, len(places))
    return [places.count(place) * part or Fraction(10, others) for place in range(len(journey))]
