"""Reads HubSpot's API: what a webhook touched, or page by page all that changed since a time.

Batches throughout: a page of objects costs five requests. Source: developers.hubspot.com/docs/api/crm (v3 objects, v4
associations), limits of a private app: 100 requests in ten seconds, 5 searches a second.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from wanamaker_crm_bridge.dialects.hubspot_properties import (
    ADDITIONAL_EMAILS,
    COMPANY,
    DEAL,
    MERGED,
    contact_properties,
)
from wanamaker_crm_bridge.mapping import Fetch

from .api import Api, Apis, Fixed
from .pages import fitting, following

BASE = "https://api.hubapi.com"
PER_SECOND = 5.0
PAGE = 50
"""The most objects that a batch with histories may have."""
MOST_ASSOCIATED = 1_000
"""From how many contacts or companies of one deal on no further page of them is asked for."""

_KINDS = ("deals", "contacts", "companies")
_MODIFIED = {"deals": "hs_lastmodifieddate", "contacts": "lastmodifieddate", "companies": "hs_lastmodifieddate"}
ARCHIVED = "archived"
"""The last of the lists that a reconciliation goes through: deals that were deleted."""


class HubspotReader:
    """See `fetching.Fetcher`. A question names ids by kind, or is a `mapping.page`."""

    def __init__(self, apis: Apis) -> None:
        self._apis = apis
        self._portals: dict[tuple[str, str], _Portal] = {}

    async def fetch(self, workspace: str, connection: str, question: Fetch) -> bytes:
        portal = self._portals.get((workspace, connection)) or await self._open(workspace, connection)
        asked = question.parameters

        async def read(size: int) -> bytes:
            answer = await portal.page(asked, size) if "list" in asked else await portal.objects(_ids(asked))
            return orjson.dumps({"portal": portal.id, "asked": dict(asked), **answer})

        return await fitting(read, PAGE if "list" in asked else 1)

    async def _open(self, workspace: str, connection: str) -> _Portal:
        api = self._apis.of(
            workspace,
            connection,
            base=BASE,
            credentials=lambda access: Fixed({"authorization": f"Bearer {access['access_token']}"}),
            per_second=PER_SECOND,
        )
        portal_id = str((await api.get("/account-info/v3/details"))["portalId"])
        contact = list(contact_properties(self._apis.connections.of(connection)))
        self._portals[workspace, connection] = _Portal(portal_id, api, contact)
        return self._portals[workspace, connection]


def _ids(asked: Mapping[str, str]) -> dict[str, list[str]]:
    return {kind: asked[kind].split(",") for kind in _KINDS if asked.get(kind)}


class _Portal:
    """One account's objects, in batches."""

    def __init__(self, portal_id: str, api: Api, contact: list[str]) -> None:
        self.id = portal_id
        self._api = api
        self._properties = {
            "deals": [*DEAL, MERGED],
            "contacts": [*contact, ADDITIONAL_EMAILS, MERGED],
            "companies": [*COMPANY, MERGED],
        }

    async def objects(self, ids: Mapping[str, list[str]]) -> dict[str, Any]:
        """These objects, and the contacts and companies of the deals among them."""
        answer: dict[str, Any] = {}
        wanted = {kind: set(ids.get(kind, ())) for kind in _KINDS}
        if ids.get("deals"):
            answer["deals"] = await self._read("deals", ids["deals"])
            known = [deal["id"] for deal in answer["deals"]]
            for kind in ("contacts", "companies"):
                rows = await self._associations(kind, known)
                answer[f"deals_{kind}"] = rows
                wanted[kind] |= {str(to["toObjectId"]) for row in rows for to in row["to"]}
            answer["pipelines"] = (await self._api.get("/crm/v3/pipelines/deals"))["results"]
        for kind in ("contacts", "companies"):
            if wanted[kind]:
                answer[kind] = await self._read(kind, sorted(wanted[kind]))
        return answer

    async def page(self, asked: Mapping[str, str], size: int) -> dict[str, Any]:
        """One page of a list, and in `next` where the following one begins.

        Pages go by id and not by HubSpot's cursor, which ends at 10,000 and moves under objects that change meanwhile.
        """
        kind = asked["list"]
        if kind == ARCHIVED:
            return await self._archived(asked, size)
        filters = [{"propertyName": _MODIFIED[kind], "operator": "GTE", "value": str(int(asked["since"]) // 1000)}]
        if asked["after"]:
            filters.append({"propertyName": "hs_object_id", "operator": "GT", "value": asked["after"]})
        found = await self._api.post(
            f"/crm/v3/objects/{kind}/search",
            {
                "filterGroups": [{"filters": filters}],
                "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
                "properties": ["hs_object_id"],
                "limit": size,
            },
        )
        ids = [each["id"] for each in found["results"]]
        answer = await self.objects({kind: ids}) if ids else {}
        return answer | following(asked, ids, ids[-1] if len(ids) == size else None)

    async def _archived(self, asked: Mapping[str, str], size: int) -> dict[str, Any]:
        after = {"after": asked["after"]} if asked["after"] else {}
        found = await self._api.get("/crm/v3/objects/deals", archived="true", limit=str(size), **after)
        return {"archived": found["results"]} | following(
            asked, found["results"], found.get("paging", {}).get("next", {}).get("after")
        )

    async def _read(self, kind: str, ids: list[str]) -> list[Any]:
        found = []
        for part in _parts(ids):
            body = {
                "inputs": [{"id": each} for each in part],
                "properties": ["email", ADDITIONAL_EMAILS] if kind == "contacts" else [],
                "propertiesWithHistory": self._properties[kind],
            }
            found += (await self._api.post(f"/crm/v3/objects/{kind}/batch/read", body))["results"]
        return found

    async def _associations(self, kind: str, deals: list[str]) -> list[Any]:
        """A row for every deal: one that has none is not in HubSpot's answer, and we know that it has none. A row that keeps its
        `paging` is not the whole list."""
        rows: dict[str, Any] = {each: {"from": {"id": each}, "to": []} for each in deals}
        for part in _parts(deals):
            inputs = [{"id": each} for each in part]
            while inputs:
                found = await self._api.post(f"/crm/v4/associations/deals/{kind}/batch/read", {"inputs": inputs})
                inputs = [
                    {"id": str(row["from"]["id"]), "after": row["paging"]["next"]["after"]}
                    for row in found["results"]
                    if _take(row, rows[str(row["from"]["id"])])
                ]
        return list(rows.values())


def _take(row: Any, known: Any) -> bool:
    """Put a page of associations to what is known; whether to ask for the next one."""
    known["to"] += row["to"]
    known.pop("paging", None)
    if not (row.get("paging") or {}).get("next"):
        return False
    known["paging"] = row["paging"]
    return bool(row["to"]) and len(known["to"]) < MOST_ASSOCIATED


def _parts(ids: list[str]) -> Iterable[list[str]]:
    return (ids[start : start + PAGE] for start in range(0, len(ids), PAGE))
