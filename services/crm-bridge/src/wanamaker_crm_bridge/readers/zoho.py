"""Reads Zoho CRM's API: the records that a notification names, or page by page all that changed since a time.

A request costs a credit of the day's, whether for one record or a hundred; the contacts of a deal cost one more. Source:
zoho.com/crm/developer/docs/api/v8 (get records, deleted records, contact roles, fields metadata, API limits).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson

from wanamaker_crm_bridge.connections import Connection
from wanamaker_crm_bridge.dialects.zoho_fields import fields_of
from wanamaker_crm_bridge.mapping import Fetch
from wanamaker_crm_bridge.values import text_of

from .api import Api, Apis
from .pages import following
from .zoho_tokens import ZohoTokens

PER_SECOND = 5.0
PAGE = 100
"""The most records that may be asked for by their ids; with the contacts of so many deals a page takes half a minute."""
DELETED = "deleted"
"""The last of the lists that a reconciliation goes through."""

_REMEMBERED = 3600.0
_PATH = "/crm/v8"


def open_zoho(apis: Apis, workspace: str, connection: str) -> Api:
    """The API of a connection. Raises ApiRefused if nobody gave us access to it."""
    return apis.of(
        workspace,
        connection,
        base=None,
        credentials=lambda access: ZohoTokens(access, apis.clock),
        per_second=PER_SECOND,
    )


class ZohoReader:
    """See `fetching.Fetcher`. A question names a module and ids, or is a `mapping.page`. `clock` gives seconds since 1970."""

    def __init__(self, apis: Apis, clock: Callable[[], float] = time.time) -> None:
        self._apis = apis
        self._clock = clock
        self._stages: dict[tuple[str, str], tuple[float, list[Any]]] = {}

    async def fetch(self, workspace: str, connection: str, question: Fetch) -> bytes:
        api = open_zoho(self._apis, workspace, connection)
        asked, read = question.parameters, self._clock()
        options = self._apis.connections.of(connection)
        answer = await _page(api, asked, options) if "list" in asked else await _records(api, asked, options)
        if answer.get("Deals"):
            used = {deal["Stage"] for deal in answer["Deals"] if deal.get("Stage")}
            answer["stages"] = await self._stages_of(api, (workspace, connection), used)
        return orjson.dumps({"read": int(read * 1_000_000), "asked": dict(asked), **answer})

    async def _stages_of(self, api: Api, whose: tuple[str, str], used: set[Any]) -> list[Any]:
        """What the stages mean; asked once an hour, and when a deal has one that is not known: it may be new."""
        at, stages = self._stages.get(whose, (-math.inf, []))
        now = self._apis.clock()
        known = {value[name] for value in stages for name in ("display_value", "actual_value")}
        if now >= at + _REMEMBERED or used - known:
            fields = (await api.get(f"{_PATH}/settings/fields", module="Deals") or {}).get("fields", [])
            names = ("display_value", "actual_value", "forecast_type", "deal_category")
            stages = [
                {name: value.get(name) for name in names}
                for field in fields
                if field.get("api_name") == "Stage"
                for value in field.get("pick_list_values", [])
            ]
            self._stages[whose] = now, stages
        return stages


async def _records(api: Api, asked: Mapping[str, str], options: Connection) -> dict[str, Any]:
    """These records, and the contacts and accounts of the deals among them."""
    module = asked["module"]
    answer: dict[str, Any] = {module: await _read(api, module, asked["ids"].split(","), options)}
    if module == "Deals":
        answer["roles"] = await _roles(api, answer["Deals"])
        contacts = {each for row in answer["roles"] for each in row["contacts"]} | _linked(
            answer["Deals"], "Contact_Name"
        )
        answer["Contacts"] = await _read(api, "Contacts", sorted(contacts), options)
        accounts = _linked(answer["Deals"], "Account_Name")
        answer["Accounts"] = await _read(api, "Accounts", sorted(accounts), options)
    return answer


async def _read(api: Api, module: str, ids: list[str], options: Connection) -> list[Any]:
    """The records that still exist; Zoho has no answer at all where none does."""
    found: list[Any] = []
    for start in range(0, len(ids), PAGE):
        query = {**_query(module, options), "ids": ",".join(ids[start : start + PAGE])}
        found += (await api.get(f"{_PATH}/{module}", **query) or {}).get("data", [])
    return found


async def _roles(api: Api, deals: Iterable[Any]) -> list[dict[str, Any]]:
    rows = []
    for deal in deals:
        answer = await api.get(f"{_PATH}/Deals/{deal['id']}/Contact_Roles", fields="Email")
        rows.append({"deal": deal["id"], "contacts": [each["id"] for each in (answer or {}).get("data", [])]})
    return rows


async def _page(api: Api, asked: Mapping[str, str], options: Connection) -> dict[str, Any]:
    """One page of a list, with what names the next one: Zoho's token, or for deleted records a number."""
    of = asked["list"]
    if of == DELETED:
        path, query = f"{_PATH}/Deals/deleted", {"type": "all", "per_page": "200", "page": asked["after"] or "1"}
    else:
        path = f"{_PATH}/{of}"
        query = {**_query(of, options), "sort_by": "id", "sort_order": "asc", "per_page": str(PAGE)}
        query |= {"page_token": asked["after"]} if asked["after"] else {}
    since = int(asked["since"]) // 1_000_000 * 1_000_000
    headers = {"If-Modified-Since": text_of(since).replace("Z", "+00:00")} if since > 0 else {}
    found = await api.call("GET", path, params=query, headers=headers) or {}
    answer: dict[str, Any] = {of: found.get("data", [])}
    if of == "Deals":
        answer["roles"] = await _roles(api, answer["Deals"])
    info, after = found.get("info") or {}, None
    if info.get("more_records"):
        after = str(int(query["page"]) + 1) if of == DELETED else info["next_page_token"]
    return answer | following(asked, answer[of], after)


def _linked(deals: Iterable[Any], name: str) -> set[str]:
    return {deal[name]["id"] for deal in deals if deal.get(name)}


def _query(module: str, options: Connection) -> dict[str, str]:
    return {"fields": ",".join(fields_of(module, options)), **({"converted": "both"} if module == "Leads" else {})}
