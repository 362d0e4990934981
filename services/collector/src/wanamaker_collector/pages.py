"""The page of a page view, from what the sender says of it (`context.page`, else `properties`, as in Segment's spec)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .addresses import Landing, host_of, landing_of, parameter

_CAMPAIGN = {"source": "source", "medium": "medium", "name": "campaign", "term": "term", "content": "content"}


def page_of(context: Mapping[str, Any], properties: Mapping[str, Any]) -> dict[str, Any]:
    """The contract's `Page` as a plain dict, without the fields that are None.

    utm parameters come from the URL; where it has none, from `context.campaign`, as apps and servers send them.
    """
    stated = context.get("page")
    first = stated if isinstance(stated, dict) else properties
    url = _text(first, properties, "url")
    landing = landing_of(url) if "?" in url else _without_query(url, first, properties)
    page: dict[str, Any] = {"host": landing.host, "path": landing.path, "utm": landing.utm or _campaign(context)}
    if landing.click_id is not None:
        page["click_id"] = landing.click_id
    if (referrer := _text(first, properties, "referrer")) and (host := host_of(referrer)) is not None:
        page["referrer_host"] = host
    return page


def _without_query(url: str, first: Mapping[str, Any], second: Mapping[str, Any]) -> Landing:
    return landing_of(url or _text(first, second, "path"), _text(first, second, "search"))


def _campaign(context: Mapping[str, Any]) -> dict[str, str]:
    stated = context.get("campaign")
    if not isinstance(stated, dict):
        return {}
    return {
        part: kept
        for name, part in _CAMPAIGN.items()
        if isinstance(text := stated.get(name), str) and (kept := parameter(text))
    }


def _text(first: Mapping[str, Any], second: Mapping[str, Any], name: str) -> str:
    """The first of two that is a text; empty if none is."""
    value = first.get(name)
    if isinstance(value, str) and value:
        return value
    value = second.get(name)
    return value if isinstance(value, str) else ""
