"""The page of a page view, from what the sender says of it (`context.page`, else `properties`, as in Segment's spec)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .addresses import click_id, host_of, parameter, parameters, split_url, utm

_CAMPAIGN = {"source": "source", "medium": "medium", "name": "campaign", "term": "term", "content": "content"}


def page_of(context: Mapping[str, Any], properties: Mapping[str, Any]) -> dict[str, Any]:
    """The contract's `Page` as a plain dict, without the fields that are None.

    utm parameters come from the URL; where it has none, from `context.campaign`, as apps and servers send them.
    """
    stated = context.get("page")
    places = (stated, properties) if isinstance(stated, dict) else (properties,)
    address = split_url(_first(places, "url") or _first(places, "path"))
    query = address.query or _first(places, "search").lstrip("?")
    found = parameters(query) if query else {}
    page: dict[str, Any] = {"host": address.host, "path": address.path, "utm": utm(found) or _campaign(context)}
    if found and (clicked := click_id(found)) is not None:
        page["click_id"] = clicked
    if (referrer := _first(places, "referrer")) and (host := host_of(referrer)):
        page["referrer_host"] = host
    return page


def _campaign(context: Mapping[str, Any]) -> dict[str, str]:
    stated = context.get("campaign")
    if not isinstance(stated, dict):
        return {}
    return {
        part: kept
        for name, part in _CAMPAIGN.items()
        if isinstance(text := stated.get(name), str) and (kept := parameter(text))
    }


def _first(places: tuple[Mapping[str, Any], ...], name: str) -> str:
    return next((text for place in places if isinstance(text := place.get(name), str) and text), "")
