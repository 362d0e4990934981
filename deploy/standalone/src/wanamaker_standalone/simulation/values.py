"""What a simulation yields: requests to send in order, and the truth they were made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class WebBatch:
    """What the tracker would have sent to the collector's `POST /v1/batch`; with the secret key, since its times lie far back."""

    at: datetime
    events: tuple[Mapping[str, Any], ...]

    def body(self, key: str) -> dict[str, Any]:
        """Without `sentAt`: the times are history's, and no clock of a browser's has to be corrected."""
        return {"writeKey": key, "batch": list(self.events)}


@dataclass(frozen=True, slots=True)
class Webhook:
    """A body for the crm-bridge's `POST /webhooks/{connection}`. Whoever sends it signs it, at the time of sending."""

    at: datetime
    event_id: str
    body: Any
    connection: str = "generic"


@dataclass(frozen=True, slots=True)
class SpendRows:
    """A body for attribution's `POST /v1/spend`: what one day cost."""

    at: datetime
    rows: tuple[Mapping[str, str], ...]


@dataclass(frozen=True, slots=True)
class Spreadsheet:
    """A CSV file for the crm-bridge's `POST /v1/imports/deals`."""

    at: datetime
    content: bytes


Step = WebBatch | Webhook | SpendRows | Spreadsheet


@dataclass(frozen=True, slots=True)
class Truth:
    """What the reports must say, known because the simulation made it so. Money in euro cents."""

    sessions: Mapping[str, int]
    """Channel → visits that begin there, without crawlers'."""
    leads: int
    """People who left an e-mail address."""
    opportunities: int
    """Deals that exist at the end: neither deleted nor merged away."""
    deals_won: int
    revenue_minor: int
    """Of won deals, refunds taken off."""
    refunds_minor: int
    first_touch_minor: Mapping[str, int]
    """Channel → revenue of the deals whose people came first through it."""
    last_touch_minor: Mapping[str, int]
    spend_minor: Mapping[str, Mapping[str, int]]
    """Channel → post → cost."""
    example_deals: tuple[str, ...]
    """Won deals with the most varied journeys."""
    wasteful: str
    """The channel that takes a good part of the money and sells almost nothing."""


@dataclass(frozen=True, slots=True)
class Simulation:
    steps: tuple[Step, ...]
    truth: Truth
    personal: frozenset[str]
    """Every name, e-mail address and street address in it: what must never be seen outside `personal`."""
