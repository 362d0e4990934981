"""HTTP bodies of the routes for failed events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
REASON_MEANS = "A part of the reason, upper and lower case alike."
ORIGIN_MEANS = "The service that refused it: collector, crm-bridge, identity, attribution."
WHERE_MEANS = "How the place begins where it stood: `/v1/track`, `web-events/`."
FROM_MEANS = "First reception, an RFC 3339 time; without an offset it is UTC."
TO_MEANS = "Last reception."
Status = Literal["open", "replayed"]


class ReplayView(BaseModel):
    """What it was sent in as; in that topic the record of the highest revision counts."""

    at: str
    by: str = Field(description="The id of the admin key that asked.")
    topic: str
    event_id: str
    revision: int
    edited: bool


class FailedView(BaseModel):
    failed_id: str
    origin: str = Field(description=ORIGIN_MEANS)
    where: str = Field(description="An endpoint and index, or topic/partition/offset.")
    reason: str
    received_at: str
    status: Status
    replayed_by: str | None = Field(
        description="The service that can send it in again; null: `wanamaker rebuild` does it."
    )


class Reason(BaseModel):
    origin: str
    reason: str
    count: int


class FailedList(BaseModel):
    """The newest first. `total` and `reasons` count all that fit, not only this page."""

    total: int
    reasons: list[Reason] = Field(description="The most frequent first, at most 100.")
    failed: list[FailedView]
    next: str | None


class FailedEvent(FailedView):
    """With its bytes, which may hold personal values."""

    source: str = Field(description="The id of the key or connection it came with.")
    raw: str = Field(description="As text, broken UTF-8 replaced. Of a webhook its body.")
    raw_base64: str = Field(description="The same, byte for byte.")
    bytes: int = Field(description="How many bytes there were; of more than 700,000 the first are kept.")
    edited: str | None = Field(description="The bytes that were last sent in instead, as text.")
    replays: list[ReplayView]


class Replayed(BaseModel):
    failed_id: str
    status: Literal["replayed"]
    replay: ReplayView


class ReplayFilter(BaseModel):
    """Which events to send in again as they are. `{}` = all that are open."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field("", description=REASON_MEANS)
    origin: str = Field("", description=ORIGIN_MEANS)
    where: str = Field("", description=WHERE_MEANS)
    from_: datetime | None = Field(None, alias="from", description=FROM_MEANS)
    to: datetime | None = Field(None, description=TO_MEANS)
    status: Status = "open"
    limit: int = Field(500, ge=1, le=1000, description="Most events of this call.")
    cursor: str | None = Field(None, max_length=200, description="`next` of the call before.")


class NotReplayed(BaseModel):
    failed_id: str
    status: Literal["failed", "skipped"]
    reason: str


class ReplayedMany(BaseModel):
    replayed: int
    failed: int = Field(description="Tried, and fail as before: they stay open.")
    skipped: int = Field(description="Not tried; the reason says who can, or what is missing.")
    results: list[NotReplayed] = Field(description="Of those that failed or were skipped.")
    next: str | None = Field(description="Send it as `cursor` to go on; null: nothing is left.")


def micros(moment: datetime | None) -> int | None:
    if moment is None:
        return None
    return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _EPOCH) // timedelta(microseconds=1)


def rfc3339(at: int) -> str:
    return (_EPOCH + timedelta(microseconds=at)).isoformat().replace("+00:00", "Z")
