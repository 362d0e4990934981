"""A conversion as a row of its table and back: lists are canonical JSON, credits a JSON object by model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from .canonical import canonical
from .conversions import Adjusted, Conversion, Credit
from .journeys import Touch


def row_of(conversion: Conversion) -> dict[str, Any]:
    """Its columns but the workspace and the credits, which follow from these."""
    return {
        "kind": conversion.kind,
        "key": conversion.key,
        "at": conversion.at,
        "day": conversion.day,
        "connection": conversion.connection,
        "deal_id": conversion.deal_id,
        "people": canonical(conversion.people),
        "opened_at": conversion.opened_at,
        "lead_at": conversion.lead_at,
        "revenue_minor": conversion.revenue_minor,
        "crm_channel": conversion.crm_channel,
        "crm_original_source": conversion.crm_original_source,
        "adjustments": canonical(conversion.adjustments),
        "journey": canonical(conversion.journey),
    }


def conversion_of(row: Mapping[str, Any]) -> Conversion:
    """The value of a row; columns of others beside it are ignored."""
    return Conversion(
        kind=row["kind"],
        key=row["key"],
        at=row["at"],
        day=row["day"],
        connection=row["connection"],
        deal_id=row["deal_id"],
        people=tuple(orjson.loads(row["people"])),
        opened_at=row["opened_at"],
        lead_at=row["lead_at"],
        revenue_minor=row["revenue_minor"],
        crm_channel=row["crm_channel"],
        crm_original_source=row["crm_original_source"],
        adjustments=tuple(map(Adjusted._make, orjson.loads(row["adjustments"]))),
        journey=tuple(map(Touch._make, orjson.loads(row["journey"]))),
    )


def credits_text(credits: Mapping[str, Credit]) -> str:
    """`{"<model>": [[micro …], [revenue …], [[a part of each adjustment …] …]] …}`, models in order of their names."""
    return canonical(credits)


def credits_of(text: str) -> dict[str, Credit]:
    """By model, as `credits_text` wrote them."""
    return {
        model: Credit(tuple(micro), tuple(revenue), tuple(map(tuple, adjustments)))
        for model, (micro, revenue, adjustments) in orjson.loads(text).items()
    }
