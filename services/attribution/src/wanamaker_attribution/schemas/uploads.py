"""The bodies of uploads: a row of spend, a rate."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from .fields import Currency, Day, DecimalText, Label, LowerLabel


class SpendRow(BaseModel):
    """What a campaign cost on a day. Absent, null and blank are the same."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    date: Day = Field(description="Day of the workspace's zone, YYYY-MM-DD.")
    source: LowerLabel = Field(default=None, description="As utm_source would say; absent reads `(not set)`.")
    medium: LowerLabel = Field(default=None, description="As utm_medium would say.")
    campaign: Label = Field(default=None, description="As utm_campaign would say.")
    account: Label = Field(default=None, description="The account at the provider.")
    campaign_id: Label = Field(default=None, description="The provider's id of the campaign.")
    channel: Label = Field(default=None, description="Overrides the channel rules.")
    post: Literal["attract", "convert", "close"] = Field(
        default="attract", description="What it paid for: visitors, leads, or sales."
    )
    amount: DecimalText = Field(
        description="Decimal text or a JSON number; a correction may be negative.", examples=["12.50"]
    )
    currency: Currency | None = Field(default=None, description="ISO 4217; absent is the workspace's.")
    provider: Label = Field(default="manual", description="Who reports it.")
    id: Label = Field(
        default=None, description="The provider's own id of the row; a later row with it replaces this one."
    )

    @model_validator(mode="before")
    @classmethod
    def _drop_blanks(cls, fields: Any) -> Any:
        return {name: value for name, value in fields.items() if value is not None and value != ""}


def _positive(value: str) -> str:
    if Decimal(value) <= 0:
        raise PydanticCustomError("positive", "must be more than 0")
    return value


class RateRow(BaseModel):
    """On `day`, 1 `base` was worth `rate` `currency`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    day: Day = Field(description="YYYY-MM-DD; it holds for this day and the six after it.")
    base: Currency = Field(description="ISO 4217.")
    currency: Currency = Field(description="ISO 4217, another one.")
    rate: Annotated[DecimalText, AfterValidator(_positive)] = Field(
        description="1 base = rate currency, as the ECB writes it (base EUR).", examples=["1.0850"]
    )

    @model_validator(mode="after")
    def _two_currencies(self) -> RateRow:
        if self.base == self.currency:
            raise PydanticCustomError("pair", "base and currency must differ")
        return self


class Accepted(BaseModel):
    """How many rows were taken: they are durable, and in the reports as soon as they are consumed."""

    accepted: int
