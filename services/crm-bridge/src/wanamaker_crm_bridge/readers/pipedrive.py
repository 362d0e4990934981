"""Reads Pipedrive's API: what a webhook touched, or page by page all that changed since a time.

A day's requests are paid from a budget of tokens: one object costs 1, a list 10, a deal's participants 10, so they are asked
only where there are any but the main person. Source: developers.pipedrive.com/docs/api/v2 (deals, persons, organizations) and
v1 (participants, users/me); limits: pipedrive.readme.io/docs/core-api-concepts-rate-limiting.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson

from wanamaker_crm_bridge.mapping import Fetch
from wanamaker_crm_bridge.values import text_of

from .answers import ApiRefused
from .api import Api, Apis, Fixed
from .pages import fitting, following

BASE = "https://api.pipedrive.com"
PER_SECOND = 5.0
"""The smallest plan allows 20 requests in two seconds to all that use the token."""
PAGE = 100

_PATHS = {"deals": "/api/v2/deals", "persons": "/api/v2/persons", "organizations": "/api/v2/organizations"}
_DEALS = {"deals": "/api/v2/deals", "archived": "/api/v2/deals/archived", "deleted": "/api/v2/deals"}
"""Pipedrive lists deals apart that are in use, put away, and deleted in the last 30 days."""
_SEVERAL = 10
"""From how many objects a list of them is cheaper than each alone."""
_COUNTED = {"include_fields": "participants_count"}
_ID = re.compile(r"\d{1,20}", re.ASCII)


class PipedriveReader:
    """See `fetching.Fetcher`. A question names ids by kind, or is a `mapping.page`. `clock` gives seconds since 1970."""

    def __init__(self, apis: Apis, clock: Callable[[], float] = time.time) -> None:
        self._apis = apis
        self._clock = clock
        self._companies: dict[tuple[str, str], str] = {}

    async def fetch(self, workspace: str, connection: str, question: Fetch) -> bytes:
        api = self._apis.of(
            workspace,
            connection,
            base=BASE,
            credentials=lambda access: Fixed({"x-api-token": access["api_token"]}),
            per_second=PER_SECOND,
        )
        if (workspace, connection) not in self._companies:
            self._companies[workspace, connection] = str((await api.get("/v1/users/me"))["data"]["company_id"])
        asked = question.parameters

        async def read(size: int) -> bytes:
            at = int(self._clock() * 1_000_000)
            answer = await _page(api, asked, size) if "list" in asked else await _objects(api, asked)
            about = {"company": self._companies[workspace, connection], "read": at, "asked": dict(asked)}
            return orjson.dumps({**about, **answer})

        return await fitting(read, PAGE if "list" in asked else 1)


async def _objects(api: Api, asked: Mapping[str, str]) -> dict[str, Any]:
    """These objects, and the people and organizations of the deals among them."""
    wanted = {kind: set(filter(None, asked.get(kind, "").split(","))) for kind in _PATHS}
    deals = await _read(api, "deals", sorted(wanted["deals"]))
    participants = await _participants(api, deals)
    wanted["persons"] |= _linked(deals, "person_id") | {str(each) for row in participants for each in row["persons"]}
    wanted["organizations"] |= _linked(deals, "org_id")
    return {
        "deals": deals,
        "participants": participants,
        "persons": await _read(api, "persons", sorted(wanted["persons"])),
        "organizations": await _read(api, "organizations", sorted(wanted["organizations"])),
    }


async def _read(api: Api, kind: str, ids: list[str]) -> list[Any]:
    """The objects that still exist. What is no number is no object, and would be another path."""
    query = _COUNTED if kind == "deals" else {}
    ids = [each for each in ids if _ID.fullmatch(each)]
    if len(ids) >= _SEVERAL:
        found = []
        for start in range(0, len(ids), PAGE):
            part = ",".join(ids[start : start + PAGE])
            found += (await api.get(_PATHS[kind], ids=part, limit=str(PAGE), **query))["data"]
        return found
    answers = [await _one(api, f"{_PATHS[kind]}/{each}", query) for each in ids]
    return [answer["data"] for answer in answers if answer is not None]


async def _one(api: Api, path: str, query: Mapping[str, str]) -> Any:
    try:
        return await api.get(path, **query)
    except ApiRefused as refused:
        if refused.answer is not None and refused.answer.status_code in (404, 410):
            return None
        raise


async def _participants(api: Api, deals: Iterable[Any]) -> list[dict[str, Any]]:
    """By deal its people beside the main one, who is counted among them."""
    rows = []
    for deal in deals:
        main = 0 if deal.get("person_id") is None else 1
        if (deal.get("participants_count") or 0) > main:
            rows.append({"deal": deal["id"], "persons": await _persons_of(api, deal["id"])})
    return rows


async def _persons_of(api: Api, deal: Any) -> list[Any]:
    persons: list[Any] = []
    read, more = 0, True
    while more:
        answer = await api.get(f"/v1/deals/{deal}/participants", start=str(read), limit=str(PAGE))
        found = answer.get("data") or []
        persons += [each["person_id"]["value"] for each in found if isinstance(each.get("person_id"), dict)]
        read += len(found)  # a row without a person is one too
        pages = answer.get("additional_data") or {}
        more = bool(found and (pages.get("pagination") or pages).get("more_items_in_collection"))
    return persons


async def _page(api: Api, asked: Mapping[str, str], size: int) -> dict[str, Any]:
    """One page of a list, with the cursor of the next one."""
    of = asked["list"]
    query = {"sort_by": "id", "sort_direction": "asc", "limit": str(size)}
    if int(asked["since"]) > 0:
        query["updated_since"] = text_of(int(asked["since"]) // 1_000_000 * 1_000_000)
    if asked["after"]:
        query["cursor"] = asked["after"]
    if of == "deleted":
        query["status"] = "deleted"
    elif of in _DEALS:
        query |= _COUNTED
    found = await api.get(_DEALS.get(of) or _PATHS[of], **query)
    rows = found.get("data") or []
    answer: dict[str, Any] = {"deals" if of in _DEALS else of: rows}
    if of in _DEALS and of != "deleted":
        answer["participants"] = await _participants(api, rows)
    return answer | following(asked, rows, (found.get("additional_data") or {}).get("next_cursor"))


def _linked(deals: Iterable[Any], name: str) -> set[str]:
    return {str(deal[name]) for deal in deals if deal.get(name) is not None}
