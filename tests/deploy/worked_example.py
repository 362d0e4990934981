"""The worked example, sent through the public endpoints: three visits, a form, a deal of 100.01 EUR; and what it must come to.

Cookie c1 arrives on 1 January by google/cpc, on 5 January by newsletter/email, on 8 January directly and then submits a form as
ann@example.com; deal D1 with that contact is won on 20 January.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
from standardwebhooks import Webhook

Revenue = Mapping[str, Mapping[str, int]]
"""Model → channel → cents."""

REVENUE: Revenue = {
    "linear": {"Paid Search": 3334, "Email": 3334, "Direct": 3333},
    "position_based": {"Paid Search": 4001, "Email": 2000, "Direct": 4000},
    "first_touch": {"Paid Search": 10001},
    "last_touch": {"Direct": 10001},
    "last_non_direct": {"Email": 10001},
}

_PATIENCE_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Doors:
    """Base URLs of three services, and the keys of a workspace as keys.json has them."""

    collector: str
    crm_bridge: str
    attribution: str
    keys: Mapping[str, Any]


def send(doors: Doors, client: httpx.Client) -> None:
    """In the order it happened. Each answer must be 200."""
    for each in (send_visits, send_form, send_deal):
        each(doors, client)


def send_visits(doors: Doors, client: httpx.Client) -> None:
    _collect(
        doors,
        client,
        _page("m1", "2026-01-01T10:00:00Z", "https://shop.test/?utm_source=google&utm_medium=cpc&utm_campaign=brand"),
        _page(
            "m2", "2026-01-05T10:00:00Z", "https://shop.test/?utm_source=newsletter&utm_medium=email&utm_campaign=jan"
        ),
        _page("m3", "2026-01-08T10:00:00Z", "https://shop.test/demo"),
    )


def send_form(doors: Doors, client: httpx.Client) -> None:
    form = {
        "type": "track",
        "event": "Form Submitted",
        "messageId": "m4",
        "anonymousId": "c1",
        "timestamp": "2026-01-08T10:05:00Z",
        "properties": {"form": "demo", "email": "Ann@Example.com"},
    }
    _collect(doors, client, form)


def send_deal(doors: Doors, client: httpx.Client, *, amount: str = "100.01") -> None:
    deal = {
        "type": "deal.updated",
        "id": "evt_1",
        "occurred_at": "2026-01-20T12:00:00Z",
        "deal": {
            "id": "D1",
            "status": "won",
            "amount": amount,
            "currency": "EUR",
            "created_at": "2026-01-10T09:00:00Z",
            "closed_at": "2026-01-20T12:00:00Z",
            "contacts": [{"id": "C1", "email": "ann@example.com"}],
        },
    }
    body, now = json.dumps(deal), datetime.now(UTC)
    signature = Webhook(doors.keys["webhooks"]["generic"]).sign("msg_1", now, body)
    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signature}
    answer = client.post(f"{doors.crm_bridge}/webhooks/generic", content=body, headers=headers)
    assert answer.status_code == 200, answer.text


def wait_for_revenue(doors: Doors, client: httpx.Client, expected: Revenue = REVENUE) -> dict[str, dict[str, int]]:
    """Ask for the table until it says what is expected; what it says then, or at the end of patience."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while (found := read_revenue(doors, client)) != expected and time.monotonic() < deadline:
        time.sleep(0.2)
    return found


def read_revenue(doors: Doors, client: httpx.Client) -> dict[str, dict[str, int]]:
    """Model → channel → revenue in minor units, where there is any."""
    return {model: _revenue_of(doors, client, model) for model in REVENUE}


def _revenue_of(doors: Doors, client: httpx.Client, model: str) -> dict[str, int]:
    asked = {"model": model, "basis": "conversion", "group_by": "channel", "from": "2026-01-01", "to": "2026-01-31"}
    headers = {"Authorization": f"Bearer {doors.keys['analyst_key']}"}
    answer = client.get(f"{doors.attribution}/v1/roi", params=asked, headers=headers)
    assert answer.status_code == 200, answer.text
    return {row["channel"]: row["revenue_minor"] for row in answer.json()["rows"] if row["revenue_minor"]}


def _collect(doors: Doors, client: httpx.Client, *events: Mapping[str, Any]) -> None:
    key = base64.b64encode(f"{doors.keys['secret_key']}:".encode()).decode()
    answer = client.post(
        f"{doors.collector}/v1/batch", json={"batch": events}, headers={"Authorization": f"Basic {key}"}
    )
    assert (answer.status_code, answer.json()["accepted"]) == (200, len(events)), answer.text


def _page(message_id: str, at: str, url: str) -> dict[str, Any]:
    context = {
        "page": {"url": url},
        "userAgent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/143.0 Safari/537.36",
    }
    return {"type": "page", "messageId": message_id, "anonymousId": "c1", "timestamp": at, "context": context}
