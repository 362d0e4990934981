"""Topic `ad-spend`: what a campaign cost on a day.

Producer: attribution (`POST /v1/spend`, `POST /v1/spend/exports`). Consumer: attribution. Key: workspace, provider and campaign.
Retention: for ever (source). The latest record of a (provider, spend key) by order replaces the earlier ones.
"""

from __future__ import annotations

from typing import Literal

from pydantic import TypeAdapter

from .record import Record

TOPIC = "ad-spend"

Post = Literal["attract", "convert", "close"]


class SpendRevised(Record):
    type: Literal["spend.revised"] = "spend.revised"
    provider: str = "manual"
    spend_key: str
    """The sender's id, else a canonical text of (date, source, medium, campaign, post)."""
    date: str
    """YYYY-MM-DD, a day of the workspace's zone; the first of several where there is `until`."""
    until: str | None = None
    """The last day of a period over which the amount is spread evenly; None = it is of `date` alone."""
    medium: str | None = None
    utm_source: str | None = None
    campaign: str | None = None
    """As the sender calls it; the workspace's `spend_rules` say what the visits call it."""
    account: str | None = None
    """The account at the provider: its id or name."""
    campaign_id: str | None = None
    """The provider's id of the campaign, which stays when it is renamed."""
    channel: str | None = None
    """Overrides the channel rules."""
    post: Post = "attract"
    amount: str
    """Decimal text, as sent (rows of one request with one key added up)."""
    currency: str | None = None


TYPES = frozenset(["spend.revised"])
adapter: TypeAdapter[SpendRevised] = TypeAdapter(SpendRevised)


def key(workspace: str, provider: str, campaign: str | None) -> str:
    return f"{workspace}/{provider}/{campaign or ''}"
