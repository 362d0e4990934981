"""A deal's history, for the OpenAPI page."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from .answers import Listed


class ChangeDocument(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    property: str = Field(
        description="A property of the deal; `contacts`, its list; `deleted`; `merged_into`; `adjustment <id>`."
    )
    before: Any = Field(alias="from", description="null where nothing was stated.")
    after: Any = Field(alias="to")


class AfterDocument(BaseModel):
    """What the deal was after that moment, as it is known and mapped now."""

    exists: bool = Field(description="Neither deleted nor merged away, and something was stated of it.")
    status: str | None
    pipeline: str | None
    stage: str | None
    won_at: str | None
    amount: str | None
    currency: str
    amount_minor: int


class EntryDocument(BaseModel):
    at: str
    received_at: str
    type: str
    source: str = Field(description="The connection; with `event_id` the record's identity.")
    event_id: str
    deal: str = Field(description="Whose record it is: another deal's where one was merged.")
    into: str | None = Field(description="Of a merge, the deal that it names.")
    in_force: bool = Field(
        description="False for a merge that a later one replaced, or that would have closed a circle."
    )
    changes: list[ChangeDocument]
    after: AfterDocument


class HistoryAnswer(Listed):
    connection: str
    deal: str
    history: list[EntryDocument]
