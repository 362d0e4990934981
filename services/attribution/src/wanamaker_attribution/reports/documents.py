"""Rows as the API shows them: touchpoints, conversions with their credits, deals. Times become RFC 3339; nothing else changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import orjson

from ..conversions import Adjusted, Conversion
from ..money import Rate
from .facts import Credited
from .times import rfc3339

Document = dict[str, Any]
_TOUCHPOINT = (
    *("day", "channel", "source", "medium", "campaign", "term", "content", "landing_page", "original_source", "rules"),
    *("cookie", "owner"),
)


class TouchpointLike(Protocol):
    """A row of the touchpoint table."""

    id: str
    start_at: int
    owned_by: str | None


def touchpoint_document(row: TouchpointLike) -> Document:
    return {
        "id": row.id,
        "at": rfc3339(row.start_at),
        **{name: getattr(row, name) for name in _TOUCHPOINT},
        "owned_by_link": row.owned_by,
    }


def adjustment_document(item: Adjusted, minor: int | None = None) -> Document:
    """`minor` is a part of it; None = the whole."""
    return {
        "id": item.id,
        "at": rfc3339(item.at),
        "day": item.day,
        "revenue_minor": item.minor if minor is None else minor,
    }


def conversion_document(conversion: Conversion, currency: str) -> Document:
    """Without credits. Only a `deal` carries revenue, so only it names some."""
    document: Document = {
        "kind": conversion.kind,
        "key": conversion.key,
        "at": rfc3339(conversion.at),
        "day": conversion.day,
    }
    if conversion.deal_id is not None:
        document |= {"deal": conversion.deal_id, "connection": conversion.connection}
    if conversion.kind == "deal":
        document |= {
            "revenue_minor": conversion.revenue_minor,
            "currency": currency,
            "adjustments": [adjustment_document(item) for item in conversion.adjustments],
        }
    return document


def credited_conversion(models: Sequence[Credited], currency: str) -> Document:
    """A conversion with the credits of all models."""
    credits = {credited.model: _credits(credited) for credited in models}
    return {**conversion_document(models[0].conversion, currency), "credits": credits}


def _credits(credited: Credited) -> list[Document]:
    return [
        {
            "touchpoint": touch.id if touch else None,
            "micro": credited.credit.micro[index],
            "revenue_minor": credited.credit.revenue[index],
            "adjusted_minor": sum(parts[index] for parts in credited.credit.adjustments),
        }
        for index, touch in enumerate(credited.conversion.journey or (None,))
    ]


def identifier_document(identifier: str, since: int, via: str) -> Document:
    """`email:<key>` as kind and id; an e-mail's id is its key, never the address."""
    kind, _, its = identifier.partition(":")
    return {"kind": kind, "id": its, "since": rfc3339(since), "via": via}


def rate_document(rate: Rate) -> Document:
    return {
        "day": rate.day,
        "base": rate.base,
        "currency": rate.currency,
        "rate": rate.sent,
        "origin": "uploaded" if rate.uploaded else "table",
    }


def deal_document(row: Any, people: Sequence[str], currency: str, rates: Sequence[Rate]) -> Document:
    """A row of the deal table; `amount` and `currency` as the CRM said, `revenue_minor` in the reporting currency.

    `rates` are those that converted it.
    """
    return {
        "id": row.deal_id,
        "connection": row.connection,
        "status": row.status,
        "pipeline": row.pipeline,
        "stage": row.stage,
        "amount": row.amount,
        "currency": row.currency,
        "amount_minor": row.amount_minor,
        "revenue_minor": row.revenue_minor,
        "reporting_currency": currency,
        "rates": [rate_document(rate) for rate in rates],
        "created_at": rfc3339(row.created_at),
        "won_at": rfc3339(row.won_at),
        "account": row.account,
        "original_source": row.original_source,
        "contacts": orjson.loads(row.contacts),
        "people": list(people),
        "adjustments": [
            {
                "id": name,
                "at": rfc3339(at),
                "amount_minor": native,
                "currency": native_currency,
                "revenue_minor": minor,
            }
            for name, at, native, native_currency, minor in orjson.loads(row.adjustments)
        ],
    }
