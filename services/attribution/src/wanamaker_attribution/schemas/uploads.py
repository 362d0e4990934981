"""The bodies of uploads: a row of spend, a rate."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from .fields import Currency, Day, DecimalText, Label, LowerLabel

MOST_DAYS = 366
"""Of a period: a year, so that no row is more work than a year of days."""


class SpendRow(BaseModel):
    """What a campaign cost on a day, or on the days of a period. Absent, null and blank are the same."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    first: Day | None = Field(default=None, alias="from", description="First day of a period, instead of `date`.")
    last: Day | None = Field(
        default=None, alias="to", description="Its last day, included: the amount is spread evenly over the days."
    )
    date: Day | None = Field(
        default=None,
        validate_default=True,
        description="Day of the workspace's zone, YYYY-MM-DD; or `from` and `to`.",
    )
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

    @field_validator("date")
    @classmethod
    def _or_a_period(cls, day: str | None, info: ValidationInfo) -> str | None:
        """`info` has `first` and `last`, unless they are no days, which is told already."""
        period = [info.data.get(name) for name in ("first", "last")]
        if day is not None and any(period):
            raise PydanticCustomError("days", "must not stand beside from and to")
        if day is None and period == [None, None] and {"first", "last"} <= info.data.keys():
            raise PydanticCustomError("missing", "")
        return day

    @model_validator(mode="after")
    def _in_order(self) -> SpendRow:
        if self.date is None and (self.first is None or self.last is None):
            raise PydanticCustomError("days", "a period needs both from and to")
        if self.days < 1:
            raise PydanticCustomError("days", "to lies before from")
        if self.days > MOST_DAYS:
            raise PydanticCustomError("days", "a period may have at most {most} days", {"most": MOST_DAYS})
        return self

    @property
    def days(self) -> int:
        """How many days it is of."""
        first, last = self.first or self.date, self.last or self.date
        return (datetime.fromisoformat(last or "") - datetime.fromisoformat(first or "")).days + 1


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
