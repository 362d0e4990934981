"""A Zoho CRM organization: records, its notifications, and its API with tokens that end after an hour.

Written from zoho.com/crm/developer/docs/api/v8 (notifications, get records, deleted records, contact roles, fields metadata,
refresh of access tokens). Times are whole seconds with the organization's offset; a notification is sent a little later.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qs

import httpx

from .faults import Faults

TOKEN = "what the channel was given"
ACCESS = {
    "client_id": "1000.CLIENT",
    "client_secret": "a client's secret",
    "refresh_token": "1000.refresh",
    "accounts": "https://accounts.zoho.eu",
}
MODULES = ("Deals", "Contacts", "Leads", "Accounts")
_INDIA = timezone(timedelta(hours=5, minutes=30))
STAGES = {
    "Qualification": "Open",
    "Id. Decision Makers": "Open",
    "Closed Won": "Closed Won",
    "Signed": "Closed Won",
    "Closed Lost": "Closed Lost",
}


def local(seconds: float) -> str:
    return datetime.fromtimestamp(int(seconds), UTC).astimezone(_INDIA).isoformat()


@dataclass
class Zoho:
    """Every change gives the notification that Zoho would send for it; they pile up in `outgoing`."""

    faults: Faults = field(default_factory=Faults)
    records: dict[str, dict[str, dict[str, Any]]] = field(default_factory=lambda: {module: {} for module in MODULES})
    roles: dict[str, list[str]] = field(default_factory=dict)
    deleted: list[dict[str, Any]] = field(default_factory=list)
    outgoing: list[dict[str, Any]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    watches: list[dict[str, Any]] = field(default_factory=list)
    watched: asyncio.Event = field(default_factory=asyncio.Event)
    tokens: int = 0
    lag: float = 1.0
    """How long after a change its notification is sent, in seconds."""
    token_ends: bool = False
    """Whether the token given last is over."""
    forbidden: bool = False
    """Whether the client's scopes allow nothing."""
    refused: str | None = None
    """What the accounts server answers instead of a token."""
    gives: timedelta = timedelta(days=7)
    """For how long a channel is given at most, from `now` (seconds) on, where that is set."""
    now: float | None = None
    tells: object = ...
    """What is told as the end of a channel instead of it."""

    # what people do in Zoho; `at` is in seconds

    def create(self, module: str, record_id: str, at: float, **fields: Any) -> None:
        times = {"Created_Time": local(at), "Modified_Time": local(at)}
        self.records[module][record_id] = {"id": record_id, **times, **fields}
        self._tell("insert", module, [record_id], at, fields)

    def change(self, module: str, ids: str | Iterable[str], at: float, **fields: Any) -> None:
        """Several at once as by a mass update: one notification."""
        changed = [ids] if isinstance(ids, str) else list(ids)
        for each in changed:
            self.records[module][each] |= fields | {"Modified_Time": local(at)}
        self._tell("update", module, changed, at, fields)

    def delete(self, module: str, record_id: str, at: float) -> None:
        del self.records[module][record_id]
        gone = {"id": record_id, "deleted_time": local(at), "display_name": None, "type": "recycle", "module": module}
        self.deleted.append(gone)
        self._tell("delete", module, [record_id], at, {})

    def convert(self, lead: str, contact: str, at: float) -> None:
        """Into a contact that is there already; a converted lead is in lists only for who asks for it."""
        done = {
            "Converted__s": True,
            "Converted_Date_Time": local(at),
            "Converted_Contact": {"id": contact, "name": "?"},
        }
        self.records["Leads"][lead] |= done | {"Modified_Time": local(at)}
        self._tell("update", "Leads", [lead], at, {})

    def _tell(self, operation: str, module: str, ids: list[str], at: float, fields: dict[str, Any]) -> None:
        self.outgoing.append(
            {
                "server_time": int((at + self.lag) * 1000),
                "query_params": {},
                "module": module,
                "resource_uri": f"https://www.zohoapis.eu/crm/v8/{module}",
                "ids": ids,
                "affected_fields": [{each: list(fields)} for each in ids],
                "affected_values": [{"record_id": each, "values": fields} for each in ids],
                "operation": operation,
                "channel_id": "1000000068001",
                "token": TOKEN,
            }
        )

    # its notifications

    def deliveries(self) -> list[bytes]:
        told, self.outgoing = self.outgoing, []
        return [json.dumps(each).encode() for each in told]

    # its API

    @property
    def token(self) -> str:
        return f"1000.access.{self.tokens}"

    def answer(self, request: httpx.Request) -> httpx.Response:
        """For httpx.MockTransport: of the API and of the accounts server."""
        fault = self.faults.before(request)
        if fault is not None:
            return fault
        self.calls.append(f"{request.method} {request.url.path}")
        if request.url.host == "accounts.zoho.eu":
            return self._give_token(parse_qs(request.content.decode()))
        assert request.url.host == "www.zohoapis.eu"
        if self.token_ends or request.headers.get("authorization") != f"Zoho-oauthtoken {self.token}":
            error = {"code": "INVALID_TOKEN", "details": {}, "message": "invalid oauth token", "status": "error"}
            return httpx.Response(401, json=error)
        if self.forbidden:
            error = {"code": "OAUTH_SCOPE_MISMATCH", "details": {}, "message": "invalid oauth scope", "status": "error"}
            return httpx.Response(401, json=error)
        query = request.url.params
        match request.url.path.strip("/").split("/"):
            case ["crm", "v8", "actions", "watch"]:
                return self._watch(json.loads(request.content))
            case ["crm", "v8", "settings", "fields"]:
                return httpx.Response(200, json={"fields": _fields()})
            case ["crm", "v8", "Deals", "deleted"]:
                return self._deleted(request)
            case ["crm", "v8", "Deals", deal, "Contact_Roles"]:
                assert query["fields"]
                return _rows([{"id": each, "Contact_Role": None} for each in self.roles.get(deal, [])], {})
            case ["crm", "v8", module] if module in MODULES:
                return self._list(module, request)
        return httpx.Response(404, json={"code": "INVALID_URL_PATTERN", "status": "error"})

    def _give_token(self, form: dict[str, list[str]]) -> httpx.Response:
        wanted = {name: [ACCESS[name]] for name in ("client_id", "client_secret", "refresh_token")}
        if self.refused is not None or form != wanted | {"grant_type": ["refresh_token"]}:
            return httpx.Response(200, json={"error": self.refused or "invalid_code"})
        self.tokens, self.token_ends = self.tokens + 1, False
        given = {"access_token": self.token, "api_domain": "https://www.zohoapis.eu", "expires_in": 3600}
        return httpx.Response(200, json=given | {"token_type": "Bearer"})

    def _watch(self, body: dict[str, Any]) -> httpx.Response:
        (watch,) = body["watch"]
        assert len(watch["token"]) <= 50
        assert int(watch["channel_id"]) > 0
        self.watches.append(watch)
        self.watched.set()
        ends = datetime.fromisoformat(watch["channel_expiry"])
        if self.now is not None:
            ends = min(ends, datetime.fromtimestamp(self.now, UTC) + self.gives)
        told = ends.astimezone(_INDIA).isoformat() if self.tells is ... else self.tells
        events = [{"channel_expiry": told, "channel_id": watch["channel_id"]}] * 2
        done = {
            "code": "SUCCESS",
            "details": {"events": events},
            "message": "Successfully subscribed",
            "status": "success",
        }
        return httpx.Response(200, json={"watch": [done]})

    def _deleted(self, request: httpx.Request) -> httpx.Response:
        assert request.url.params["type"] == "all"
        since = request.headers.get("if-modified-since")
        found = [each for each in self.deleted if each["module"] == "Deals" and _since(each["deleted_time"], since)]
        page, size = int(request.url.params["page"]), 2
        part = found[(page - 1) * size : page * size]
        return _rows(part, {"page": page, "more_records": page * size < len(found)})

    def _list(self, module: str, request: httpx.Request) -> httpx.Response:
        query = request.url.params
        found = [self.records[module][each] for each in sorted(self.records[module])]
        if query.get("converted") != "both":
            found = [each for each in found if not each.get("Converted__s")]
        if "ids" in query:
            ids = query["ids"].split(",")
            assert len(ids) <= 100
            return _rows([_shown(each, query) for each in found if each["id"] in ids], {})
        since = request.headers.get("if-modified-since")
        found = [each for each in found if _since(each["Modified_Time"], since)]
        if since is not None and not found:
            return httpx.Response(304)
        start, size = int(query.get("page_token", "0")), min(int(query["per_page"]), 200)
        part = found[start : start + size]
        more = start + size < len(found)
        info = {"more_records": more, "next_page_token": str(start + size) if more else None}
        return _rows([_shown(each, query) for each in part], info)


def _since(time: str, since: str | None) -> bool:
    return since is None or datetime.fromisoformat(time) >= datetime.fromisoformat(since)


def _shown(found: dict[str, Any], query: httpx.QueryParams) -> dict[str, Any]:
    """The fields that were asked for; null where a record has none."""
    return {"id": found["id"], **{name: found.get(name) for name in query["fields"].split(",")}}


def _rows(rows: list[Any], info: dict[str, Any]) -> httpx.Response:
    """Zoho answers 204 and nothing where there is nothing."""
    return httpx.Response(200, json={"data": rows, "info": info}) if rows else httpx.Response(204)


def _fields() -> list[dict[str, Any]]:
    values = [
        {"display_value": name, "actual_value": name, "forecast_type": meaning, "deal_category": meaning}
        for name, meaning in STAGES.items()
    ]
    return [{"api_name": "Deal_Name"}, {"api_name": "Stage", "pick_list_values": values}]
