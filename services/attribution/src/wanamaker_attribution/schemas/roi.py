"""The ROI table, its explanation and its restatements, for the OpenAPI page."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from .answers import Answer, Listed
from .journeys import AdjustmentDocument, ConversionDocument, TouchpointDocument


class RoiMeasures(BaseModel):
    """Counts with at most 6 decimals; money in minor units of the reporting currency; ratios null where they divide by 0."""

    model_config = ConfigDict(extra="allow")

    sessions: int
    leads: float
    mqls: float
    sqls: float
    opportunities: float
    deals: float
    customers: float
    revenue_minor: int
    spend_minor: int
    spend_attract_minor: int
    spend_convert_minor: int
    spend_close_minor: int
    roi: float | None
    roas: float | None
    cost_per_session_minor: int | None
    cost_per_lead_minor: int | None
    cac_minor: int | None
    session_to_lead: float | None
    lead_to_customer: float | None
    average_deal_minor: int | None
    days_to_close: float | None


class Unconverted(BaseModel):
    """Money in a currency without a known rate, in its own minor units."""

    currency: str
    deals: int
    revenue_minor: int
    spend_minor: int


class RoiAnswer(Answer):
    model_config = ConfigDict(populate_by_name=True)

    model: str | list[str]
    basis: str
    group_by: list[str]
    from_: str | None = Field(alias="from")
    to: str | None
    currency: str
    rows: list[RoiMeasures]
    totals: RoiMeasures | list[RoiMeasures]
    unconverted: list[Unconverted]


class OriginDocument(BaseModel):
    topic: str
    source: str
    sender: str
    event_id: str
    at: str


class RecordsDocument(BaseModel):
    """The records of the log behind a credit."""

    touchpoint: OriginDocument | None = Field(description="The page that began the session.")
    link: OriginDocument | None = Field(description="The identify or form that says whose the session is.")
    conversion: list[OriginDocument] = Field(
        description="What its deal's CRM, or its people's contacts and forms, said."
    )


class ExplainedCredit(BaseModel):
    conversion: ConversionDocument
    touchpoint: TouchpointDocument | None
    channel: str
    source: str
    medium: str
    campaign: str
    day: str
    micro: int
    revenue_minor: int
    adjustments: list[AdjustmentDocument]
    records: RecordsDocument


class ExplainAnswer(Listed):
    model_config = ConfigDict(populate_by_name=True)

    model: str
    basis: str
    from_: str | None = Field(alias="from")
    to: str | None
    only: dict[str, str]
    currency: str
    totals: RoiMeasures = Field(description="The ROI row that is explained.")
    credits: list[ExplainedCredit]


class Difference(BaseModel):
    touchpoint: str | None
    day: str
    channel: str
    micro: int
    revenue_minor: int


class RestatementDocument(BaseModel):
    id: str
    at: str
    kind: str
    conversion: str
    model: str
    cause: list[str] | str
    differences: list[Difference]


class RestatementsAnswer(Listed):
    restatements: list[RestatementDocument]
