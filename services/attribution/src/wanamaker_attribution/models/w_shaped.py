"""First touch, lead creation and deal creation take 30 % each, the other touchpoints share 10 %."""

from __future__ import annotations

from ..journeys import Journey
from .milestones import weigh_milestones


def weigh(journey: Journey) -> list[int]:
    return weigh_milestones(journey, (0, journey.lead_touch, journey.opening_touch))
