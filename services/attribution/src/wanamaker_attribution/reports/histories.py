"""A deal's history as the API shows it."""

from __future__ import annotations

from typing import Any

from ..deal_history import After, Entry
from ..money import minor_units
from .times import rfc3339


def entry_document(entry: Entry, reporting: str) -> dict[str, Any]:
    """`reporting` is the workspace's currency: that of money sent without one."""
    body, place = entry.statement.body, entry.statement.place
    return {
        "at": rfc3339(place.at),
        "received_at": rfc3339(body["received_at"]),
        "type": entry.statement.type,
        "source": place.source,
        "event_id": place.event_id,
        "deal": entry.deal_id,
        "into": body.get("into_id"),
        "in_force": entry.in_force,
        "changes": [{"property": each.property, "from": each.before, "to": each.after} for each in entry.changes],
        "after": _after(entry.after, reporting),
    }


def _after(after: After, reporting: str) -> dict[str, Any]:
    currency = after.currency or reporting
    return {
        "exists": after.exists,
        "status": after.status,
        "pipeline": after.pipeline,
        "stage": after.stage,
        "won_at": rfc3339(after.won_at),
        "amount": after.amount,
        "currency": currency,
        "amount_minor": minor_units(after.amount, currency),
    }
