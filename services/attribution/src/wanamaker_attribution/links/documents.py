"""Links as answers show them, in JSON and as the rows of a CSV file. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wanamaker_shared.contracts.settings import WorkspaceSettings
from wanamaker_shared.link_book import Held

from ..reports.times import rfc3339
from ..schemas.rows import SentRow
from .link import Link, channel_of
from .plan import Judged

COLUMNS: Mapping[str, type] = dict.fromkeys(
    (
        *("slug", "short_url", "url", "channel", "target", "source", "medium", "campaign", "term", "content"),
        *("offline", "created_at", "retired_at"),
    ),
    str,
)
VERDICT_COLUMNS: Mapping[str, type] = {"index": int, "line": int, "verdict": str, "reason": str, **COLUMNS}


def short_url(slug: str, collector_url: str | None) -> str | None:
    return None if collector_url is None else f"{collector_url}/l/{slug}"


def link_document(held: Held[Link], settings: WorkspaceSettings, collector_url: str | None) -> dict[str, Any]:
    link = held.link
    return {
        "slug": held.slug,
        "short_url": short_url(held.slug, collector_url),
        "url": link.url,
        "channel": channel_of(link.source, link.medium, link.campaign, settings),
        "target": link.target,
        "source": link.source,
        "medium": link.medium,
        "campaign": link.campaign,
        "term": link.term,
        "content": link.content,
        "offline": link.offline,
        "created_at": rfc3339(held.created_at),
        "retired_at": rfc3339(held.changed_at) if held.retired else None,
    }


def verdict_document(
    sent: SentRow, judged: Judged, settings: WorkspaceSettings, collector_url: str | None
) -> dict[str, Any]:
    return {
        "index": sent.index,
        "line": sent.line,
        "verdict": judged.verdict,
        "reason": "; ".join(judged.reasons) or None,
        "channel": judged.channel,
        "link": None if judged.held is None else link_document(judged.held, settings, collector_url),
    }


def file_row(document: Mapping[str, Any]) -> dict[str, Any]:
    """A link's or a verdict's document as a row of `COLUMNS` or `VERDICT_COLUMNS`."""
    flat = {**dict.fromkeys(VERDICT_COLUMNS), **document, **(document.get("link") or {})}
    if flat["offline"] is not None:
        flat["offline"] = "true" if flat["offline"] else "false"
    return flat
