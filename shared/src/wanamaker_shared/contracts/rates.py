"""Topic `rates`: what one unit of a base currency was worth on a day.

Producer: attribution (`POST /v1/rates`; what the ECB's table has, with origin `table`). Consumer: attribution. Key: workspace
and day. Retention: for ever (source). The latest record of (day, base, currency, origin) by order holds; an uploaded rate stands
before a table's.
"""

from __future__ import annotations

from typing import Literal

from pydantic import TypeAdapter

from .record import Record

TOPIC = "rates"


class RateRecorded(Record):
    type: Literal["rate.recorded"] = "rate.recorded"
    day: str
    """YYYY-MM-DD."""
    base: str
    currency: str
    rate: str
    """Decimal text: 1 `base` = `rate` `currency`, as the ECB writes it (base EUR)."""
    origin: Literal["uploaded", "table"] = "uploaded"


TYPES = frozenset(["rate.recorded"])
adapter: TypeAdapter[RateRecorded] = TypeAdapter(RateRecorded)


def key(workspace: str, day: str) -> str:
    return f"{workspace}/{day}"
