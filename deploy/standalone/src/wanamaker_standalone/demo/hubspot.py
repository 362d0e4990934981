"""The demo company's CRM is a HubSpot: what happens in it, told as HubSpot's webhooks tell it, one changed property at a time.

Pure. HubSpot knows no refunds: those come from the company's billing, over the generic connection that speaks of HubSpot's deals.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from ..simulation.values import Step, Webhook

CONNECTION = "hubspot"
URL = "https://crm.demo.example/webhooks/hubspot"
"""The address that HubSpot calls, as it signs it."""
CONNECTIONS = f"""\
# Written by `wanamaker demo`; docs/crm.md tells what may stand here.
[hubspot]
url = "{URL}"
user_id = "app_user"

[generic]
speaks_of = "hubspot"    # billing tells refunds of HubSpot's deals
"""

PORTAL = 8_004_001
_STAGES = {
    "qualified": "qualifiedtobuy",
    "proposal": "presentationscheduled",
    "negotiation": "contractsent",
    "closed_won": "closedwon",
    "closed_lost": "closedlost",
}
_LIFECYCLES = {"mql": "marketingqualifiedlead", "sql": "salesqualifiedlead"}
_DEAL = {"name": "dealname", "amount": "amount", "currency": "deal_currency_code"}
_TIMES = {"created_at": "createdate", "closed_at": "closedate"}

Items = list[dict[str, Any]]


def object_id(name: str) -> int:
    """HubSpot numbers its objects."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:5], "big")


def signature(secret: str, body: bytes, timestamp: str) -> dict[str, str]:
    """The headers with which HubSpot proves who it is (version 3); `timestamp` in milliseconds."""
    signed = hmac.digest(secret.encode(), f"POST{URL}".encode() + body + timestamp.encode(), "sha256")
    return {
        "x-hubspot-request-timestamp": timestamp,
        "x-hubspot-signature-v3": base64.b64encode(signed).decode(),
    }


def told(steps: Iterable[Step]) -> list[Step]:
    """The steps in order, each webhook as HubSpot would send it: its body is the list of items. Refunds stay as they are, by
    HubSpot's deal ids."""
    portal = _Portal()
    return [portal.tell(step) if isinstance(step, Webhook) else step for step in steps]


class _Portal:
    def __init__(self) -> None:
        self._contacts_of: dict[str, set[str]] = {}

    def tell(self, webhook: Webhook) -> Webhook:
        body = webhook.body
        if body["type"] == "revenue.adjusted":
            deal = str(object_id(body["adjustment"]["deal_id"]))
            return Webhook(
                webhook.at, webhook.event_id, {**body, "adjustment": {**body["adjustment"], "deal_id": deal}}
            )
        return Webhook(webhook.at, webhook.event_id, self._items(body), CONNECTION)

    def _items(self, body: Mapping[str, Any]) -> Items:
        at = _milliseconds(body["occurred_at"])
        match body["type"]:
            case "contact.updated":
                items = self._contact(body["contact"])
            case "deal.updated":
                items = self._deal(body["deal"])
            case "deal.deleted":
                items = [_item("deal.deletion", body["deal"]["id"])]
            case "deal.restored":
                items = [_item("deal.restore", body["deal"]["id"])]
            case merged:
                kind = merged.partition(".")[0]
                into, gone = object_id(body["into"]), object_id(body["from"])
                items = [{"subscriptionType": f"{kind}.merge", "primaryObjectId": into, "mergedObjectIds": [gone]}]
        return [
            {"portalId": PORTAL, "occurredAt": at, "eventId": n, "attemptNumber": 0, **i} for n, i in enumerate(items)
        ]

    def _contact(self, contact: Mapping[str, Any]) -> Items:
        stated = {
            "email": contact["emails"][0],
            "lifecyclestage": _LIFECYCLES.get(contact["lifecycle"], contact["lifecycle"]),
        }
        if contact.get("user_ids"):
            stated["app_user"] = contact["user_ids"][0]
        items = []
        if company := contact.get("company"):
            items.append(_changed("company", company["id"], "domain", company["domain"]))
            stated["associatedcompanyid"] = str(object_id(company["id"]))
        return items + [_changed("contact", contact["id"], name, value) for name, value in stated.items()]

    def _deal(self, deal: Mapping[str, Any]) -> Items:
        name = deal["id"]
        items = [_item("deal.creation", name)] if "created_at" in deal else []
        stated = {theirs: deal[ours] for ours, theirs in _DEAL.items() if ours in deal}
        stated |= {
            theirs: "" if deal[ours] is None else str(_milliseconds(deal[ours]))
            for ours, theirs in _TIMES.items()
            if ours in deal
        }
        if "stage" in deal:
            stated["dealstage"] = _STAGES[deal["stage"]]
        items += [_changed("deal", name, of, value) for of, value in stated.items()]
        if "contacts" in deal:
            now = {contact["id"] for contact in deal["contacts"]}
            before = self._contacts_of.get(name, set())
            self._contacts_of[name] = now
            items += [_associated(name, each, "CONTACT", removed=each in before) for each in sorted(now ^ before)]
        if company := deal.get("company"):
            items.append(_associated(name, company["id"], "COMPANY", removed=False))
        return items


def _item(kind: str, name: str) -> dict[str, Any]:
    return {"subscriptionType": kind, "objectId": object_id(name)}


def _changed(kind: str, name: str, of: str, value: str) -> dict[str, Any]:
    return {**_item(f"{kind}.propertyChange", name), "propertyName": of, "propertyValue": value}


def _associated(deal: str, other: str, kind: str, *, removed: bool) -> dict[str, Any]:
    return {
        "subscriptionType": "deal.associationChange",
        "associationType": f"DEAL_TO_{kind}",
        "fromObjectId": object_id(deal),
        "toObjectId": object_id(other),
        "associationRemoved": removed,
        "isPrimaryAssociation": kind == "COMPANY",
    }


def _milliseconds(time: str) -> int:
    return round(datetime.fromisoformat(time).timestamp() * 1000)
