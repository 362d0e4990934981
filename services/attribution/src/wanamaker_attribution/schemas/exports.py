"""The answer to an export of an ad platform: what was read, and what was or would be written."""

from __future__ import annotations

from pydantic import BaseModel, Field


class ExportedCost(BaseModel):
    id: str = Field(description="A later row with it, of the same provider, replaces this one.")
    date: str
    source: str
    medium: str
    campaign: str | None = Field(description="As the platform calls it.")
    campaign_id: str | None
    account: str | None
    post: str
    amount: str = Field(description="Decimal text; lines of one campaign and day are added up.")
    currency: str


class BadLine(BaseModel):
    line: int = Field(description="Of the file, from 1.")
    reason: str


class ExportAnswer(BaseModel):
    platform: str = Field(description="google_ads, meta_ads, linkedin_ads or microsoft_ads: the provider of the costs.")
    dry_run: bool
    accepted: int = Field(description="Lines of costs that were taken, and are durable; 0 in a dry run.")
    lines: int = Field(description="Lines of costs in the file, good and bad.")
    skipped: int = Field(description="Lines below the headings that are no costs: totals, a copyright.")
    first: str | None = Field(description="The first day.")
    last: str | None = Field(description="The last day.")
    amounts: dict[str, str] = Field(description="By currency the sum of the costs, to compare with the platform's own.")
    costs: int = Field(description="What is written: one for each campaign and day.")
    withdrawn: int = Field(
        description="With whole=true, how many costs of earlier exports became 0 because this one does not have them."
    )
    errors: list[BadLine] = Field(description="The lines that cannot be taken; with one of them nothing is written.")
    written: list[ExportedCost] = Field(description="In a dry run the first thousand of what would be written, by day.")
