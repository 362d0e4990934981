"""What a record says, as the tests compare it: everything but ids and times."""

from __future__ import annotations

from typing import Any

from .conftest import USER_AGENT
from .running import RunningCollector

_OF_EVERY_RUN = ("event_id", "occurred_at", "received_at", "sender", "source", "bot_list")


def told(record: dict[str, Any]) -> dict[str, Any]:
    """A record without what differs from run to run; who sent it and what is personal are compared apart."""
    kept = {name: value for name, value in record.items() if name not in (*_OF_EVERY_RUN, "personal")}
    return {name: value for name, value in kept.items() if (name, value) not in _OF_EVERY_EVENT}


_OF_EVERY_EVENT = [
    ("bot", False),
    ("revision", 0),
    ("schema_version", 1),
    ("trust", "browser"),
    ("workspace", "default"),
]


def personal(record: dict[str, Any]) -> dict[str, Any]:
    """What is kept of the event as it was sent, without its time; what every event of the tests says is checked and left out."""
    sent = dict(record["personal"]["v"])
    sent.pop("timestamp")
    context = dict(sent.pop("context"))
    assert context.pop("userAgent") == USER_AGENT
    assert context.pop("locale") == "en-GB"
    assert context.pop("library")["name"] == "wanamaker.js"
    return {**sent, **context}


def brief(records: list[dict[str, Any]]) -> list[str]:
    """What happened, in words: `page /prices`, `form quote`, `track Played`, `identify`."""
    words = {"page": lambda r: r["page"]["path"], "form": lambda r: r["form"], "track": lambda r: r["event"]}
    return [f"{r['type']} {words[r['type']](r) if r['type'] in words else ''}".strip() for r in records]


def one_sender(records: list[dict[str, Any]]) -> str:
    """Who sent them all."""
    (sender,) = {record["sender"] for record in records}
    return str(sender)


def nothing_failed(collector: RunningCollector) -> bool:
    return collector.failed() == []
