"""The shapes of the collect endpoints, for OpenAPI: what stands here documents, `mapping` decides."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from .reading import BATCH_EVENTS


class SegmentEvent(BaseModel):
    """One event, as Segment's libraries send it. Further members are kept, as personal values."""

    model_config = ConfigDict(extra="allow")

    messageId: str | None = Field(
        None,
        max_length=512,
        description="The event's own id: a repetition with it counts once. Without it, the SHA-256 of the event.",
    )
    anonymousId: str | None = Field(
        None, max_length=512, description="The cookie's id. Needed, unless there is a userId."
    )
    userId: str | None = Field(None, max_length=512, description="Your own id of the person.")
    timestamp: str | None = Field(None, description="When it happened (RFC 3339); absent = sentAt.")
    sentAt: str | None = Field(
        None, description="The sender's clock when it sent the event; absent = the time of reception."
    )
    writeKey: str | None = Field(None, description="The key, where no Authorization header can be sent.")
    context: dict[str, Any] | None = Field(
        None,
        description="page.url, page.referrer, userAgent, campaign, traits, …",
        examples=[{"page": {"url": "https://shop.test/"}}],
    )
    properties: dict[str, Any] | None = Field(None, description="page, screen, track: what is known of the event.")
    traits: dict[str, Any] | None = Field(None, description="identify, group: what is known of the person or company.")
    event: str | None = Field(None, description="track: the name of what happened.")
    name: str | None = Field(None, description="page, screen: its name.")
    previousId: str | None = Field(None, description="alias: the user id that means the same person.")


class BatchedEvent(SegmentEvent):
    type: Literal["page", "screen", "track", "identify", "group", "alias"]


class Batch(BaseModel):
    """Several events in one request."""

    batch: list[BatchedEvent] = Field(max_length=BATCH_EVENTS)
    sentAt: str | None = Field(None, description="For the events that have none of their own.")
    writeKey: str | None = None


class Verdict(BaseModel):
    """Why one event of the request was not taken. Its bytes are kept under `failed_id`."""

    index: int = Field(description="Its place in the batch, from 0.")
    messageId: str | None = None
    status: Literal["failed"]
    reason: str
    failed_id: str


class Taken(BaseModel):
    """Every event is durable: `accepted` as they are, `failed` among the failed events, with a verdict each."""

    success: Literal[True]
    accepted: int
    failed: int
    declined: int = Field(0, description="Not stored, as their visitor wishes; not there if there are none.")
    results: list[Verdict]


class SnowplowPayload(BaseModel):
    """Snowplow's `payload_data`: each event is an object of the parameters that `GET /i` takes, all texts."""

    model_config = ConfigDict(extra="allow")

    data: list[dict[str, Any]] = Field(
        max_length=BATCH_EVENTS, examples=[[{"e": "pv", "aid": "…", "duid": "c1", "url": "https://shop.test/"}]]
    )


class ProblemDocument(BaseModel):
    """RFC 9457."""

    type: str
    status: int
    title: str
    detail: str
