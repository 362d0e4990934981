"""Topic `restatements`: how a credit that had been shown was changed after its day had ended, and why.

Producer: attribution. Consumers: whoever reports to people. Key: workspace and conversion. Retention: for ever (history).
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter

from .record import Record

TOPIC = "restatements"


class Difference(BaseModel):
    """What one day and channel of a model gained or lost, by date basis `conversion`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    touchpoint: str
    day: str
    channel: str
    micro: int
    revenue_minor: int


class ConversionRestated(Record):
    type: Literal["conversion.restated"] = "conversion.restated"
    kind: str
    conversion: str
    model: str
    cause: str
    """The identity (JSON list) of the record that changed it."""
    differences: list[Difference]


TYPES = frozenset(["conversion.restated"])
adapter: TypeAdapter[ConversionRestated] = TypeAdapter(ConversionRestated)


def key(workspace: str, conversion: str) -> str:
    return f"{workspace}/{conversion}"
