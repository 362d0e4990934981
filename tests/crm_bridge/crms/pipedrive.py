"""A Pipedrive company: deals, persons and organizations, its webhooks of both versions, and its API.

Written from pipedrive.readme.io (guides for webhooks v1 and v2, rate limiting) and developers.pipedrive.com (API v2; v1 for
participants and users/me). Times are whole seconds, as Pipedrive tells them; a webhook also tells the moment.
"""

from __future__ import annotations

import base64
import copy
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

from .faults import Faults

COMPANY = 4657212
TOKEN = "a token of the API"
LOGIN = "pipedrive:a password"
KINDS = {"deals": "deal", "persons": "person", "organizations": "organization"}
_ACTIONS = {"create": "added", "change": "updated", "delete": "deleted"}


def iso(seconds: float) -> str:
    return datetime.fromtimestamp(int(seconds), UTC).isoformat().replace("+00:00", "Z")


def old(value: Any) -> Any:
    """A value as version 1 has it: a time is `YYYY-MM-DD HH:MM:SS`."""
    if isinstance(value, str) and value.endswith("Z") and value[10:11] == "T":
        return value[:-1].replace("T", " ")
    return value


def basic(login: str = LOGIN) -> dict[str, str]:
    return {"authorization": f"Basic {base64.b64encode(login.encode()).decode()}"}


@dataclass
class Pipedrive:
    """Every change gives the webhook that Pipedrive would send for it, in both versions; they pile up in `outgoing`."""

    faults: Faults = field(default_factory=Faults)
    objects: dict[str, dict[int, dict[str, Any]]] = field(default_factory=lambda: {kind: {} for kind in KINDS})
    participants: dict[int, list[int]] = field(default_factory=dict)
    outgoing: list[dict[str, Any]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)

    # what people do in Pipedrive; `at` is in seconds, with a fraction

    def create(self, kind: str, object_id: int, at: float, **fields: Any) -> None:
        blank: dict[str, Any] = {"id": object_id, "add_time": iso(at), "update_time": iso(at), "is_deleted": False}
        if kind == "deals":
            blank |= {"title": None, "value": 0, "currency": "EUR", "status": "open", "pipeline_id": 1, "stage_id": 1}
            blank |= {"person_id": None, "org_id": None, "won_time": None, "lost_time": None, "stage_change_time": None}
            blank |= {"expected_close_date": "2026-12-31", "origin": "ManuallyCreated", "custom_fields": {"9f": 1}}
        self.objects[kind][object_id] = blank | fields
        self._tell("create", kind, object_id, at, self.objects[kind][object_id], None)

    def change(self, kind: str, object_id: int, at: float, **fields: Any) -> None:
        now = self.objects[kind][object_id]
        before = copy.deepcopy(now)
        if "stage_id" in fields:
            now["stage_change_time"] = iso(at)
        if "status" in fields:
            now["won_time"] = iso(at) if fields["status"] == "won" else None
            now["lost_time"] = iso(at) if fields["status"] == "lost" else None
        now |= fields | {"update_time": iso(at)}
        self._tell("change", kind, object_id, at, now, before)

    def add_participant(self, deal: int, person: int, at: float) -> None:
        self.participants.setdefault(deal, []).append(person)
        self.change("deals", deal, at)

    def delete(self, kind: str, object_id: int, at: float, **merged: str) -> None:
        before = copy.deepcopy(self.objects[kind][object_id])
        gone = {"is_deleted": True, "update_time": iso(at)} | ({"status": "deleted"} if kind == "deals" else {})
        self.objects[kind][object_id] |= gone
        self._tell("delete", kind, object_id, at, None, before, **merged)

    def restore(self, deal: int, at: float) -> None:
        self.change("deals", deal, at, is_deleted=False, status="open")

    def merge(self, kind: str, merged: int, into: int, at: float, **fields: Any) -> None:
        """Version 2 tells it twice: a deletion that says where it went, and a change that says where it came from."""
        self.delete(kind, merged, at, merged_to_id=str(into))
        self.change(kind, into, at + 0.01, **fields)
        self.outgoing[-1]["v2"]["meta"]["merged_from_id"] = str(merged)
        self.outgoing[-1]["v1"]["meta"]["action"] = "merged"

    def _tell(self, action: str, kind: str, object_id: int, at: float, now: Any, before: Any, **more: str) -> None:
        changed = before
        if now is not None and before is not None:
            changed = {name: value for name, value in before.items() if now.get(name) != value}
        new = {
            "meta": {
                "action": action,
                "entity": KINDS[kind],
                "entity_id": str(object_id),
                "company_id": str(COMPANY),
                "correlation_id": "c0",
                "id": f"00000000-0000-0000-0000-{len(self.outgoing):012}",
                "is_bulk_edit": False,
                "timestamp": datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                "type": "general",
                "version": "2.0",
                "attempt": 1,
                "change_source": "app",
                "host": "company.pipedrive.com",
                **more,
            },
            "data": self._v2(now),
            "previous": self._v2(changed),
        }
        former = {
            "v": 1,
            "meta": {
                "v": 1,
                "action": _ACTIONS[action],
                "object": KINDS[kind],
                "id": object_id,
                "company_id": COMPANY,
                "timestamp": int(at),
                "timestamp_micro": int(at * 1_000_000),
                "change_source": "app",
            },
            "retry": 0,
            "current": self._v1(now),
            "previous": self._v1(before),
            "event": f"{_ACTIONS[action]}.{KINDS[kind]}",
        }
        self.outgoing.append({"v1": former, "v2": new})

    def _v2(self, found: Any) -> Any:
        """Webhooks wrap the values of fields of one's own; the API does not."""
        shown = copy.deepcopy(found)
        for name, value in (shown or {}).get("custom_fields", {}).items():
            shown["custom_fields"][name] = None if value is None else {"type": "varchar", "value": value}
        return shown

    def _v1(self, found: Any) -> Any:
        """Version 1 has other names and times, fields of one's own among the others, and an empty entry for no address."""
        if found is None:
            return None
        was = {name: old(value) for name, value in found.items()}
        was |= was.pop("custom_fields", {})
        if "status" in was:
            was["deleted"] = was.pop("is_deleted")
            was["participants_count"] = len(self._everybody(found))
        for name, former in (("emails", "email"), ("phones", "phone")):
            if name in was:
                was[former] = was.pop(name) or [{"value": "", "primary": True}]
        return was

    def _everybody(self, deal: dict[str, Any]) -> list[int]:
        main = [] if deal.get("person_id") is None else [deal["person_id"]]
        return list(dict.fromkeys([*main, *self.participants.get(deal["id"], [])]))

    # its webhooks

    def deliveries(self, version: str = "v2") -> list[bytes]:
        """The bodies of all that piled up."""
        told, self.outgoing = self.outgoing, []
        return [json.dumps(each[version]).encode() for each in told]

    # its API

    def answer(self, request: httpx.Request) -> httpx.Response:
        """For httpx.MockTransport."""
        fault = self.faults.before(request)
        if fault is not None:
            return fault
        self.calls.append(f"{request.method} {request.url.path}")
        if request.headers.get("x-api-token") != TOKEN:
            return httpx.Response(401, json={"success": False, "error": "unauthorized access"})
        match request.url.path.strip("/").split("/"):
            case ["v1", "users", "me"]:
                return _ok({"id": 7, "company_id": COMPANY, "company_domain": "company"})
            case ["v1", "deals", deal, "participants"]:
                return self._participants(int(deal), request.url.params)
            case ["api", "v2", "deals", "archived"]:
                return self._list("deals", request.url.params, archived=True)
            case ["api", "v2", kind] if kind in KINDS:
                return self._list(kind, request.url.params, archived=False)
            case ["api", "v2", kind, object_id] if kind in KINDS:
                found = self.objects[kind].get(int(object_id))
                if found is None or found["is_deleted"]:
                    return httpx.Response(404, json={"success": False, "error": "not found"})
                return _ok(self._shown(kind, found, request.url.params))
        return httpx.Response(404, json={"success": False, "error": "Unknown method"})

    def _participants(self, deal: int, query: httpx.QueryParams) -> httpx.Response:
        everybody = self._everybody(self.objects["deals"][deal])
        start = int(query.get("start", "0"))
        part = everybody[start : start + min(int(query["limit"]), 2)]
        rows = [{"id": 1000 + each, "person_id": {"value": each, "name": "somebody"}} for each in part]
        more = {"more_items_in_collection": start + len(part) < len(everybody)}
        return _ok(rows, {"pagination": {"start": start, "limit": 2, **more}})

    def _list(self, kind: str, query: httpx.QueryParams, *, archived: bool) -> httpx.Response:
        assert int(query["limit"]) <= 500
        found = [self.objects[kind][each] for each in sorted(self.objects[kind])]
        if "ids" in query:
            ids = query["ids"].split(",")
            assert len(ids) <= 100
            found = [each for each in found if str(each["id"]) in ids]
        deleted = query.get("status") == "deleted"
        found = [each for each in found if each["is_deleted"] is deleted]
        found = [each for each in found if bool(each.get("is_archived")) is archived or deleted]
        found = [each for each in found if each["update_time"] >= query.get("updated_since", "")]
        start = int(query.get("cursor", "0"))
        page = found[start : start + int(query["limit"])]
        more = str(start + len(page)) if start + len(page) < len(found) else None
        return _ok([self._shown(kind, each, query) for each in page], {"next_cursor": more})

    def _shown(self, kind: str, found: dict[str, Any], query: httpx.QueryParams) -> dict[str, Any]:
        if kind == "deals" and "participants_count" in query.get("include_fields", ""):
            return found | {"participants_count": len(self._everybody(found))}
        return found


def _ok(found: Any, more: Any = None) -> httpx.Response:
    return httpx.Response(200, json={"success": True, "data": found, "additional_data": more})
