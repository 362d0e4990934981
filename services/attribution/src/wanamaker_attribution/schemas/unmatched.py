"""Costs without visits and paid visits without costs, for the OpenAPI page."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from .answers import Listed


class CampaignSpend(BaseModel):
    provider: str
    source: str
    medium: str
    campaign: str
    spend_minor: int = Field(description="Of the period, in minor units of the reporting currency.")


class CampaignSessions(BaseModel):
    source: str
    medium: str
    campaign: str
    sessions: int


class OfCurrency(BaseModel):
    currency: str
    spend_minor: int = Field(description="In its own minor units.")


class UnmatchedSpend(CampaignSpend):
    unconverted: list[OfCurrency] = Field(description="What has no known rate and is not in `spend_minor`.")
    first: str = Field(description="The first of its days in the period.")
    last: str
    nearest: list[CampaignSessions] = Field(description="Up to three campaigns of visits that are called alike.")


class UnmatchedSessions(CampaignSessions):
    nearest: list[CampaignSpend] = Field(description="Up to three campaigns with costs that are called alike.")


class UnmatchedAnswer(Listed):
    model_config = ConfigDict(populate_by_name=True)

    of: str = Field(description="`spend`: costs that no visit came by; `sessions`: paid visits that cost nothing.")
    from_: str | None = Field(alias="from")
    to: str | None
    currency: str = Field(description="The reporting currency.")
    rows: list[UnmatchedSpend] | list[UnmatchedSessions] = Field(description="The dearest, or the most visited, first.")
