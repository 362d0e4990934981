"""HTTP bodies of the crm-bridge."""

from __future__ import annotations

from pydantic import BaseModel, Field


class WebhookAccepted(BaseModel):
    """The request is durable in the raw inbox. What its events came to is told by the deals, and by failed-events."""

    success: bool = True
    id: str = Field(
        description="The sender's id of the delivery, as it was signed; delivering it again changes nothing."
    )


class MissedOut(BaseModel):
    about: str = Field(description="`deal:<id>`, `contact:<id>` or `company:<id>` of the CRM.")
    what: str = Field(description="What was stated, by name.")
    at: str = Field(description="Since when it is so, RFC 3339.")


class RunOut(BaseModel):
    """A reconciliation: a reading of what changed in the CRM since a time, and what of that no webhook had said."""

    connection: str
    run: str
    state: str = Field(description="`reading`, `done` or `failed`.")
    since: str
    started_at: str
    finished_at: str | None
    lists: int = Field(description="How many lists of objects there are to go through,")
    lists_read: int = Field(description="and how many are read to their end.")
    pages: int
    statements: int = Field(description="What the CRM said.")
    missed: int = Field(description="What of it was news: the drift.")
    failed: str | None = Field(description="Why it stopped.")


class RunDetailOut(RunOut):
    news: list[MissedOut] = Field(description="The first 1,000 of what was missed.")


class RunsOut(BaseModel):
    runs: list[RunOut]
