"""docs/collector.md names every endpoint, status and setting, and its example is taken as it stands."""

from __future__ import annotations

import json
import re
from pathlib import Path

from wanamaker_collector.addresses import CLICK_IDS
from wanamaker_collector.dialects import PICTURES
from wanamaker_collector.front_door import ENDPOINTS
from wanamaker_collector.people import EMAIL_NAMES
from wanamaker_collector.pixel import PARAMETERS
from wanamaker_collector.settings import CollectorSettings
from wanamaker_collector.snowplow import POST_PATH

from .conftest import Collector

PAGE = (Path(__file__).parents[2] / "docs" / "collector.md").read_text()


async def test_every_endpoint_and_answer_is_described(collector: Collector) -> None:
    document = (await collector.anonymous.get("/openapi.json")).json()
    described = [(path, "post") for path in (*ENDPOINTS, POST_PATH)] + [(path, "get") for path in PICTURES]
    for path, method in described:
        assert f"`{method.upper()} {path}`" in PAGE
        for status in document["paths"][path][method]["responses"]:
            assert re.search(rf"^\| {status} \||^{status} means", PAGE, re.MULTILINE), status


def test_every_parameter_of_the_pixel_is_described() -> None:
    for name in PARAMETERS:
        assert re.search(rf"^\| `{name}` \|", PAGE, re.MULTILINE), name


def test_every_own_setting_is_described_with_its_default() -> None:
    for name in (
        "port",
        "body_bytes",
        "in_flight_bytes",
        "form_events",
        "snowplow_paths",
        "tracker_path",
        "acknowledge_seconds",
        "spool",
        "spool_bytes",
        "spooled_status",
    ):
        default = CollectorSettings.model_fields[name].default or ""
        assert re.search(rf"^\| `WANAMAKER_{name.upper()}` \| ?{default} ?\|", PAGE, re.MULTILINE), name


def test_every_recognised_name_is_described() -> None:
    assert " ".join(CLICK_IDS) in PAGE
    for name in EMAIL_NAMES:
        assert f"`{name}`" in PAGE


async def test_the_example_is_taken(collector: Collector) -> None:
    example = re.search(r"-d '(.*?)'\n```", PAGE, re.DOTALL)
    assert example is not None
    answer = await collector.browser.post("/v1/batch", json=json.loads(example[1]))
    assert answer.json() == {"success": True, "accepted": 2, "failed": 0, "results": []}
    assert [event["type"] for event in await collector.events()] == ["page", "form"]
