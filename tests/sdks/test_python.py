"""The Python libraries of Segment, RudderStack and Snowplow, each a program of its own that changes two lines."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from wanamaker_shared.contracts import identifiers

from .running import RunningCollector

pytestmark = pytest.mark.sdks

PROGRAMS = Path(__file__).parent / "python"

PAGE = {
    "host": "shop.test",
    "path": "/pricing",
    "referrer_host": "www.google.com",
    "utm": {"source": "google", "medium": "cpc", "campaign": "brand"},
    "click_id": {"name": "gclid", "value": "G1"},
}

SECOND = 1_000_000


def run(program: str, *arguments: str) -> tuple[int, int]:
    """Run a program to its end; between which microseconds it ran."""
    began = time.time_ns() // 1000
    ended = subprocess.run(
        [sys.executable, PROGRAMS / program, *arguments], capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.returncode == 0, ended.stderr
    assert "rror" not in ended.stdout + ended.stderr
    return began, time.time_ns() // 1000


def told(events: Iterable[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """What identifies each event, whatever order the partitions give."""
    return sorted(((each["type"], each.get("event"), each["sender"], each.get("user_id")) for each in events), key=str)


def key_of(collector: RunningCollector, address: str) -> str:
    return identifiers.email_key(collector.workspace_key, address)


@pytest.mark.parametrize(
    ("program", "name", "arguments"),
    [
        ("with_segment.py", "segment-py", ()),
        ("with_segment.py", "segment-py", ("gzip",)),
        ("with_rudderstack.py", "rudder-py", ()),
        ("with_rudderstack.py", "rudder-py", ("plain",)),
    ],
)
def test_a_library_of_segments_kind(
    collector: RunningCollector, program: str, name: str, arguments: tuple[str, ...]
) -> None:
    began, ended = run(program, collector.address, collector.keys["secret_key"], *arguments)
    events = collector.events()
    user = f"u-{name}"
    assert collector.failed() == []
    assert told(events) == sorted(
        [
            ("page", None, name, None),
            ("form", "Form Submitted", name, user),
            ("track", "Price Seen", f"u:{user}", user),
            ("identify", None, name, user),
            ("identify", None, f"u:{user}", user),
            ("track", "group", f"u:{user}", user),
            ("page", None, f"u:{user}", user),
        ],
        key=str,
    )
    by_type = {(each["type"], each["sender"]): each for each in events}
    assert by_type["page", name]["page"] == PAGE
    assert by_type["page", f"u:{user}"]["page"]["path"] == "Settings"
    form = by_type["form", name]
    assert (form["form"], form["email_key"], form["email_domain"]) == (
        "demo",
        key_of(collector, "ann@example.com"),
        "example.com",
    )
    assert by_type["identify", name]["email_key"] == form["email_key"]
    assert by_type["identify", f"u:{user}"]["previous_user_id"] == f"old-{name}"
    for event in events:
        assert began - SECOND <= event["occurred_at"] <= ended + SECOND
        assert began <= event["received_at"] <= ended
        assert (event["trust"], event["bot"], event["workspace"]) == ("server", False, "default")
        assert event["personal"]["v"]["context"]["library"]["name"] == "analytics-python"
    assert len({event["event_id"] for event in events}) == len(events)


@pytest.mark.parametrize("method", ["get", "post"])
def test_snowplows_tracker(collector: RunningCollector, method: str) -> None:
    address = collector.address.removeprefix("http://")
    began, ended = run("with_snowplow.py", address, collector.keys["secret_key"], method)
    events, name = collector.events(), f"snowplow-py-{method}"
    assert collector.failed() == []
    assert sorted((each["type"], each.get("event")) for each in events if each["type"] != "page") == [
        ("form", "Form Submitted"),
        ("track", "add-to-basket"),
        ("track", "page_ping"),
        ("track", "price_seen"),
    ]
    pages = {each["page"]["path"]: each for each in events if each["type"] == "page"}
    assert sorted(pages) == ["/pricing", "Settings"]
    assert pages["/pricing"]["page"] == PAGE
    context = pages["/pricing"]["personal"]["v"]["context"]
    assert context["entities"] == [{"schema": "iglu:com.acme/plan/jsonschema/1-0-0", "data": {"plan": "pro"}}]
    assert (context["locale"], context["screen"]) == ("de", {"width": 800, "height": 600})
    assert context["page"]["title"] == "Pricing"
    by_name = {each["event"]: each for each in events if "event" in each}
    form = by_name["Form Submitted"]
    assert (form["form"], form["email_key"], form["email_domain"]) == (
        "demo",
        key_of(collector, "ann@example.com"),
        "example.com",
    )
    assert by_name["add-to-basket"]["personal"]["v"]["properties"] == {
        "category": "shop",
        "action": "add-to-basket",
        "label": "web",
        "property": "pcs",
        "value": 1.5,
    }
    assert by_name["price_seen"]["personal"]["v"]["properties"] == {"plan": "pro ü"}
    assert by_name["page_ping"]["personal"]["v"]["properties"] == {"max_y": 300}
    for event in events:
        assert (event["sender"], event["user_id"]) == (name, "u-snowplow-py")
        assert began - SECOND <= event["occurred_at"] <= ended + SECOND
        assert (event["trust"], event["bot"]) == ("server", False)
        assert collector.keys["secret_key"] not in str(event)
    assert len({event["event_id"] for event in events}) == len(events)
