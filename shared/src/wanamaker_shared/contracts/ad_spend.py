"""Topic `ad-spend`: what a campaign cost on a day.

Producer: attribution (`POST /v1/spend`). Consumer: attribution. Key: workspace, provider and campaign. Retention: for ever
(source). The latest record of a (provider, spend key) by order replaces the earlier ones.
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
    """YYYY-MM-DD, a day of the workspace's zone."""
    medium: str | None = None
    utm_source: str | None = None
    campaign: str | None = None
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
