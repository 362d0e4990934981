"""The journey of a conversion: which touchpoints share its credit."""

from __future__ import annotations

from collections.abc import Mapping

from wanamaker_shared.contracts.settings import WorkspaceSettings

from .clock import DAY
from .conversions import Conversion
from .sessions import Touchpoint


def journey_of(
    conversion: Conversion, touchpoints_by_profile: Mapping[str, list[Touchpoint]], settings: WorkspaceSettings
) -> list[Touchpoint]:
    """The people's touchpoints up to the conversion and within the look-back, in order; of too many the first and the newest."""
    earliest = conversion.at - settings.look_back_days * DAY if settings.look_back_days else None
    journey = [
        touchpoint
        for profile in conversion.profiles
        for touchpoint in touchpoints_by_profile.get(profile, [])
        if touchpoint.at <= conversion.at and (earliest is None or touchpoint.at >= earliest)
    ]
    journey.sort(key=lambda touchpoint: touchpoint.first)
    cap = settings.journey_cap
    return journey if len(journey) <= cap else [journey[0], *journey[1 - cap :]]
