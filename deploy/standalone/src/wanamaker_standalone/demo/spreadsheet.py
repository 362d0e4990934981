"""Some of the demo company's deals are kept in a spreadsheet, by a partner who has no access to the CRM. Pure."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable
from typing import Any

from ..simulation.values import Spreadsheet, Step, Webhook

CONNECTION = "spreadsheet"
_ONE_IN = 6
_HEADINGS = ("Deal ID", "Deal Name", "E-mail", "Status", "Amount", "Currency", "Created", "Closed")


def kept_by_hand(steps: Iterable[Step]) -> list[Step]:
    """The steps without the webhooks of the partner's deals, and at the end their spreadsheet: how each of them stands."""
    given = list(steps)
    told = {deal for step in given if isinstance(step, Webhook) for deal in _deals(step.body)}
    special = {
        deal
        for step in given
        if isinstance(step, Webhook) and step.body["type"] != "deal.updated"
        for deal in _deals(step.body)
    }
    partners = {deal for deal in told - special if is_partners(deal)}
    rows: dict[str, dict[str, Any]] = {}
    others: list[Step] = []
    for step in given:
        if isinstance(step, Webhook) and step.body["type"] == "deal.updated" and step.body["deal"]["id"] in partners:
            rows.setdefault(step.body["deal"]["id"], {}).update(step.body["deal"])
        else:
            others.append(step)
    return [*others, Spreadsheet(given[-1].at, _as_csv(rows))] if rows else others


def is_partners(deal: str) -> bool:
    """One deal in six, whichever else there are."""
    return hashlib.sha256(deal.encode()).digest()[0] % _ONE_IN == 0


def _deals(body: Any) -> set[str]:
    """The deals that a webhook speaks of."""
    kind = body["type"]
    if kind == "deal.merged":
        return {body["from"], body["into"]}
    if kind == "revenue.adjusted":
        return {body["adjustment"]["deal_id"]}
    return {body["deal"]["id"]} if kind.startswith("deal.") else set()


def _as_csv(rows: dict[str, dict[str, Any]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_HEADINGS)
    for name, deal in sorted(rows.items()):
        emails = "; ".join(contact["email"] for contact in deal["contacts"])
        cells = (deal["name"], emails, deal["status"], deal.get("amount", ""), deal["currency"])
        writer.writerow([name, *cells, deal["created_at"], deal.get("closed_at") or ""])
    return out.getvalue().encode()
