"""Touchpoints, conversions, people and deals, for the OpenAPI page."""

from __future__ import annotations

from pydantic import BaseModel, Field

from .answers import Answer, Listed


class CreditDocument(BaseModel):
    touchpoint: str | None = Field(description="null: no touchpoint was found; the conversion stands unattributed.")
    micro: int = Field(description="1,000,000 is the whole conversion.")
    revenue_minor: int
    adjusted_minor: int = Field(description="Its part of the deal's adjustments.")


class AdjustmentDocument(BaseModel):
    id: str
    at: str
    day: str
    revenue_minor: int


class ConversionDocument(BaseModel):
    """Money in the reporting currency; `deal` and `connection` where it is a deal's, `revenue_minor` where it carries any."""

    kind: str
    key: str
    at: str
    day: str
    deal: str | None = None
    connection: str | None = None
    revenue_minor: int | None = None
    currency: str | None = None
    adjustments: list[AdjustmentDocument] | None = None


class CreditedConversion(ConversionDocument):
    credits: dict[str, list[CreditDocument]]


class ListedConversion(ConversionDocument):
    people: list[str]
    touchpoints: int


class ConversionsAnswer(Listed):
    conversions: list[ListedConversion]


class TouchpointDocument(BaseModel):
    id: str
    at: str
    day: str
    channel: str
    source: str
    medium: str
    campaign: str
    term: str
    content: str
    landing_page: str
    original_source: str = Field(description="Of the second grouping, HubSpot's.")
    rules: int = Field(description="The version of the rules that gave it its channel and original source.")
    cookie: str
    owner: str | None
    owned_by_link: str | None = Field(description="The event id of the identify or form that says whose it is.")


class IdentifierDocument(BaseModel):
    kind: str
    id: str
    since: str
    via: str


class ProfileDocument(BaseModel):
    id: str
    identifiers: list[IdentifierDocument]


class Next(BaseModel):
    touchpoints: str | None
    conversions: str | None


class JourneyAnswer(Answer):
    profile: ProfileDocument
    touchpoints: list[TouchpointDocument]
    conversions: list[CreditedConversion]
    next: Next


class DealAdjustment(BaseModel):
    id: str
    at: str
    amount_minor: int
    currency: str
    revenue_minor: int | None


class RateDocument(BaseModel):
    """On `day`, 1 `base` = `rate` `currency`."""

    day: str
    base: str
    currency: str
    rate: str
    origin: str = Field(description="uploaded, or table: the ECB's.")


class DealDocument(BaseModel):
    id: str
    connection: str
    status: str = Field(description="As stated, else what its stage means.")
    pipeline: str | None
    stage: str | None
    amount: str | None
    currency: str
    amount_minor: int
    revenue_minor: int | None = Field(description="In `reporting_currency`; null where it is not won or has no rate.")
    reporting_currency: str
    rates: list[RateDocument] = Field(
        description="By which it was converted; two where it went across a third currency."
    )
    created_at: str
    won_at: str | None
    account: str
    original_source: str | None
    contacts: list[str]
    people: list[str]
    adjustments: list[DealAdjustment]


class DealAnswer(Answer):
    deal: DealDocument
    touchpoints: list[TouchpointDocument]
    conversions: list[CreditedConversion]
    next: Next
