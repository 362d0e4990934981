"""First touch, lead creation, deal creation and the last touch take 22.5 % each, the other touchpoints share 10 %."""

from __future__ import annotations

from ..journeys import Journey
from .milestones import weigh_milestones


def weigh(journey: Journey) -> list[int]:
    return weigh_milestones(journey, (0, journey.lead_touch, journey.opening_touch, len(journey) - 1))
