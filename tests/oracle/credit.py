"""Credit: a conversion's count and money split among its touchpoints, to the last unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from wanamaker_shared.contracts.settings import WorkspaceSettings

from .arrivals import NOT_SET
from .channels import channel_named
from .conversions import Conversion
from .models import MODELS, Weight
from .sessions import Touchpoint

MICRO = 1_000_000
UNATTRIBUTED = "(unattributed)"


@dataclass(frozen=True, slots=True)
class Credited:
    """Where a credit stands: a touchpoint's dimensions, or those of a conversion without one."""

    day: str
    channel: str
    source: str
    medium: str
    campaign: str


@dataclass(frozen=True, slots=True)
class Credit:
    """The lists run along the places: the journey's touchpoints, or one place for a conversion without any."""

    conversion: Conversion
    model: str
    places: list[Credited]
    started_at: int | None
    """When the journey began."""
    micro: list[int]
    revenue: list[int]
    adjustments: dict[str, list[int]]


def credits_of(conversion: Conversion, journey: list[Touchpoint], settings: WorkspaceSettings) -> list[Credit]:
    """The conversion's credit by each model."""
    places = [Credited(t.day, t.channel, t.source, t.medium, t.campaign) for t in journey]
    found = []
    for name, model in MODELS.items():
        weights = model(journey, conversion) if journey else [1]
        found.append(
            Credit(
                conversion,
                name,
                places or [unattributed(conversion, settings)],
                journey[0].at if journey else None,
                split(MICRO, weights),
                split(conversion.amount.revenue_minor or 0, weights),
                {each.id: split(each.amount.revenue_minor or 0, weights) for each in conversion.adjustments},
            )
        )
    return found


def unattributed(conversion: Conversion, settings: WorkspaceSettings) -> Credited:
    """Nobody was seen to come: the CRM's own original source if it names a channel, else `(unattributed)`."""
    original_source = conversion.deal.original_source if conversion.deal else None
    channel = channel_named(original_source, settings.channel_rules)
    if channel is None:
        return Credited(conversion.day, UNATTRIBUTED, UNATTRIBUTED, UNATTRIBUTED, UNATTRIBUTED)
    return Credited(conversion.day, channel, "(crm)", NOT_SET, NOT_SET)


def split(total: int, weights: Sequence[Weight]) -> list[int]:
    """Parts that sum to `total`, by largest remainder, ties to the earlier; a negative is the mirror of its positive."""
    if total < 0:
        return [-part for part in split(-total, weights)]
    whole = sum(weights, Fraction(0))
    exact = [total * weight / whole for weight in weights]
    parts = [floor(each) for each in exact]
    by_remainder = sorted(range(len(parts)), key=lambda place: (parts[place] - exact[place], place))
    for place in by_remainder[: total - sum(parts)]:
        parts[place] += 1
    return parts
