"""A HubSpot portal: objects whose properties change over time, its webhooks with their signatures, and its API.

Written from developers.hubspot.com/docs (webhooks, request validation, CRM objects v3, associations v4, pipelines).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

from .faults import Faults

PORTAL = 62515
TOKEN = "pat-eu1-token"
CLIENT_SECRET = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"
KINDS = {"deals": "deal", "contacts": "contact", "companies": "company"}


def iso(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def signature_v3(method: str, uri: str, body: bytes, timestamp: str, secret: str = CLIENT_SECRET) -> str:
    message = method.encode() + uri.encode() + body + timestamp.encode()
    return base64.b64encode(hmac.new(secret.encode(), message, hashlib.sha256).digest()).decode()


@dataclass
class Thing:
    id: str
    created: int
    history: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    archived_at: int | None = None

    @property
    def updated(self) -> int:
        return max([self.created, *(changes[-1][0] for changes in self.history.values())])


@dataclass
class Hubspot:
    """Every change gives the webhook items that HubSpot would send for it; they pile up in `outgoing`."""

    faults: Faults = field(default_factory=Faults)
    objects: dict[str, dict[str, Thing]] = field(default_factory=lambda: {kind: {} for kind in KINDS})
    contacts_of: dict[str, list[str]] = field(default_factory=dict)
    companies_of: dict[str, list[str]] = field(default_factory=dict)
    outgoing: list[dict[str, Any]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    page: int = 500
    """How many associations of one object, or deals of the bin, an answer has."""
    _events: int = 0

    # what people do in HubSpot

    def create(self, kind: str, object_id: str, at: int, **properties: str) -> None:
        self.objects[kind][object_id] = Thing(object_id, at)
        self._tell(f"{KINDS[kind]}.creation", at, objectId=int(object_id), changeFlag="NEW")
        created = {"createdate": str(at)} if kind == "deals" else {}
        for name, value in (created | properties).items():
            self.change(kind, object_id, at, name, value)

    def change(self, kind: str, object_id: str, at: int, name: str, value: str) -> None:
        self.objects[kind][object_id].history.setdefault(name, []).append((at, value))
        self._tell(f"{KINDS[kind]}.propertyChange", at, objectId=int(object_id), propertyName=name, propertyValue=value)

    def associate(self, deal: str, contact: str, at: int, *, remove: bool = False) -> None:
        known = self.contacts_of.setdefault(deal, [])
        known.remove(contact) if remove else known.append(contact)
        count = str(len(known))
        self.objects["deals"][deal].history.setdefault("num_associated_contacts", []).append((at, count))
        for kind, one, other in (("DEAL_TO_CONTACT", deal, contact), ("CONTACT_TO_DEAL", contact, deal)):
            self._tell(
                f"{kind.partition('_')[0].lower()}.associationChange",
                at,
                associationType=kind,
                fromObjectId=int(one),
                toObjectId=int(other),
                associationRemoved=remove,
                isPrimaryAssociation=False,
            )

    def archive(self, deal: str, at: int) -> None:
        self.objects["deals"][deal].archived_at = at
        self._tell("deal.deletion", at, objectId=int(deal), changeFlag="DELETED")

    def restore(self, deal: str, at: int) -> None:
        thing = self.objects["deals"][deal]
        thing.archived_at = None
        thing.history.setdefault("hs_lastrestored", []).append((at, ""))
        self._tell("deal.restore", at, objectId=int(deal), changeFlag="RESTORED")

    def forget(self, contact: str, at: int) -> None:
        del self.objects["contacts"][contact]
        self._tell("contact.privacyDeletion", at, objectId=int(contact))

    def merge(self, kind: str, primary: str, merged: str, new: str, at: int) -> None:
        things = self.objects[kind]
        one, other = things.pop(primary), things.pop(merged)
        history = {
            name: list(one.history.get(name) or other.history[name]) for name in {**one.history, **other.history}
        }
        things[new] = Thing(new, one.created, history)
        all_merged = [*self.merged_into(one), merged, primary]
        merges = things[new].history.setdefault("hs_merged_object_ids", [])
        merges.append((at, ";".join(each for each in all_merged if each != new)))
        self._tell(
            f"{KINDS[kind]}.merge",
            at,
            primaryObjectId=int(primary),
            mergedObjectIds=[int(merged)],
            newObjectId=int(new),
            numberOfPropertiesMoved=0,
        )

    @staticmethod
    def merged_into(thing: Thing) -> list[str]:
        """Everything that went into it until now: HubSpot's property tells all of it each time."""
        changes = thing.history.get("hs_merged_object_ids")
        return changes[-1][1].split(";") if changes else []

    def _tell(self, kind: str, at: int, **more: Any) -> None:
        self._events += 1
        common = {"eventId": self._events % 7, "subscriptionId": 1, "portalId": PORTAL, "appId": 54321}
        self.outgoing.append(
            {**common, "occurredAt": at, "subscriptionType": kind, "attemptNumber": 0, "changeSource": "CRM", **more}
        )

    # its webhooks

    def delivery(self, items: list[dict[str, Any]] | None = None) -> bytes:
        """One request's body: these items, else all that piled up."""
        if items is None:
            items, self.outgoing = self.outgoing, []
        return json.dumps(items).encode()

    # its API

    def answer(self, request: httpx.Request) -> httpx.Response:
        """For httpx.MockTransport."""
        fault = self.faults.before(request)
        if fault is not None:
            return fault
        self.calls.append(f"{request.method} {request.url.path}")
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return httpx.Response(401, json={"category": "INVALID_AUTHENTICATION"})
        body = json.loads(request.content) if request.content else {}
        match request.url.path.strip("/").split("/"):
            case ["account-info", "v3", "details"]:
                return httpx.Response(200, json={"portalId": PORTAL, "timeZone": "UTC"})
            case ["crm", "v3", "pipelines", "deals"]:
                return httpx.Response(200, json={"results": PIPELINES})
            case ["crm", "v3", "objects", kind, "search"]:
                return httpx.Response(200, json=self._search(kind, body))
            case ["crm", "v3", "objects", kind, "batch", "read"]:
                return self._batch(kind, body)
            case ["crm", "v3", "objects", "deals"]:
                return httpx.Response(200, json=self._archived(request))
            case ["crm", "v4", "associations", "deals", kind, "batch", "read"]:
                return self.associations(kind, body)
        return httpx.Response(404, json={"category": "OBJECT_NOT_FOUND"})

    def _search(self, kind: str, body: dict[str, Any]) -> dict[str, Any]:
        (group,) = body["filterGroups"]
        since, after = 0, 0
        for each in group["filters"]:
            if each["propertyName"] == "hs_object_id":
                after = int(each["value"])
            else:
                since = int(each["value"])
        assert body["limit"] <= 200
        things = sorted(self.objects[kind].values(), key=lambda thing: int(thing.id))
        found = [t for t in things if t.archived_at is None and t.updated >= since and int(t.id) > after]
        page = found[: body["limit"]]
        return {"total": len(found), "results": [{"id": thing.id, "properties": {}} for thing in page]}

    def _batch(self, kind: str, body: dict[str, Any]) -> httpx.Response:
        assert len(body["inputs"]) <= 50
        found = [self.objects[kind].get(each["id"]) for each in body["inputs"]]
        results = [self._object(thing, body) for thing in found if thing is not None and thing.archived_at is None]
        status = 200 if len(results) == len(found) else 207
        return httpx.Response(status, json={"status": "COMPLETE", "results": results})

    def _object(self, thing: Thing, body: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": thing.id,
            "createdAt": iso(thing.created),
            "updatedAt": iso(thing.updated),
            "archived": False,
            "properties": {name: thing.history[name][-1][1] for name in body["properties"] if name in thing.history},
            "propertiesWithHistory": {
                name: [
                    {"value": value, "timestamp": iso(at), "sourceType": "CRM_UI"}
                    for at, value in reversed(thing.history.get(name, []))
                ]
                for name in body["propertiesWithHistory"]
            },
        }

    def _archived(self, request: httpx.Request) -> dict[str, Any]:
        assert request.url.params["archived"] == "true"
        gone = [thing for thing in self.objects["deals"].values() if thing.archived_at is not None]
        begin = int(request.url.params.get("after", "0"))
        end = begin + min(self.page, int(request.url.params["limit"]))
        return {
            "results": [{"id": t.id, "archived": True, "archivedAt": iso(t.archived_at or 0)} for t in gone[begin:end]],
            **({"paging": {"next": {"after": str(end), "link": "?"}}} if len(gone) > end else {}),
        }

    def associations(self, kind: str, body: dict[str, Any]) -> httpx.Response:
        ends = self.contacts_of if kind == "contacts" else self.companies_of
        results = [self._ends(each, ends[each["id"]]) for each in body["inputs"] if ends.get(each["id"])]
        return httpx.Response(200 if len(results) == len(body["inputs"]) else 207, json={"results": results})

    def _ends(self, asked: dict[str, str], ends: list[str]) -> dict[str, Any]:
        """A page of one object's associations; `paging` is there only if there are more."""
        begin = int(asked.get("after", "0"))
        end = begin + self.page
        kinds = [{"category": "HUBSPOT_DEFINED", "typeId": 3, "label": None}]
        found = [{"toObjectId": int(to), "associationTypes": kinds} for to in ends[begin:end]]
        more = {"paging": {"next": {"after": str(end), "link": "?"}}} if len(ends) > end else {}
        return {"from": {"id": asked["id"]}, "to": found, **more}


PIPELINES = [
    {
        "id": "default",
        "label": "Sales",
        "stages": [
            {"id": "appointmentscheduled", "metadata": {"isClosed": "false", "probability": "0.2"}},
            {"id": "closedwon", "metadata": {"isClosed": "true", "probability": "1.0"}},
            {"id": "closedlost", "metadata": {"isClosed": "true", "probability": "0.0"}},
        ],
    },
    {
        "id": "7001",
        "label": "Renewals",
        "stages": [{"id": "88", "metadata": {"isClosed": "true", "probability": "1.0"}}],
    },
]
