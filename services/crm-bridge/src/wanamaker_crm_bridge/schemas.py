"""HTTP bodies of the crm-bridge."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field


class WebhookAccepted(BaseModel):
    """The request is durable in the raw inbox. What its events came to is told by the deals, and by failed-events."""

    success: bool = True
    id: str = Field(
        description="The sender's id of the delivery, as it was signed; delivering it again changes nothing."
    )


class RowCounts(BaseModel):
    """Of all rows below the headings; known once they are judged."""

    rows: int
    good: int
    warned: int = Field(description="Imported, with something to look at.")
    bad: int = Field(description="Not imported; each is in failed-events with its line.")
    deals: int = Field(description="How many deals the rows speak of.")


class Progress(BaseModel):
    rows_read: int
    rows_judged: int
    rows_mapped: int = Field(description="Rows whose facts are in crm-events, or in failed-events.")


class ImportRow(BaseModel):
    line: int = Field(description="Of the file, where the row begins.")
    verdict: str = Field(description="warned or bad")
    reasons: list[str] = Field(description="What it is; never a cell's value.")


class ImportRows(BaseModel):
    rows: list[ImportRow]
    next: int | None = Field(description="Give it as `after` for the following page; null: there is none.")


class ImportState(BaseModel):
    """How far an import is. `reading`: judged row by row; `importing`: on its way into the deals; `checked`: a dry run's end."""

    id: str
    state: str = Field(description="reading, checked, importing, done, failed, interrupted")
    reason: str | None = Field(description="Why it failed, and what to do.")
    connection: str
    again: int = Field(description="How often the same file was stated anew before.")
    begun_at: str | None = Field(description="The time of rows that have none of their own.")
    reading: dict[str, Any] | None = Field(description="Columns and formats: what was found, and how.")
    counts: RowCounts
    progress: Progress
    rows: list[ImportRow] = Field(default=[], description="The first of the rows that are bad or have a warning.")
    sample: list[dict[str, Any]] = Field(
        default=[], description="The first rows as they were understood; kept in memory for a while only."
    )


class ImportList(BaseModel):
    imports: list[ImportState]


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
    unreadable: int = Field(description="What could not be read: it is among the failed events.")
    failed: str | None = Field(description="Why it stopped.")


class RunDetailOut(RunOut):
    news: list[MissedOut] = Field(description="The first 1,000 of what was missed.")


class RunsOut(BaseModel):
    runs: list[RunOut]
