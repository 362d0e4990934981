"""HTTP bodies of the crm-bridge."""

from __future__ import annotations

from pydantic import BaseModel, Field


class WebhookAccepted(BaseModel):
    """The request is durable in the raw inbox. What its events came to is told by the deals, and by failed-events."""

    success: bool = True
    id: str = Field(
        description="The sender's id of the delivery, as it was signed; delivering it again changes nothing."
    )
