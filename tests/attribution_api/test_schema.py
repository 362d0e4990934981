"""Whatever fits attribution's OpenAPI document, or just misses it, is answered, and never with a 5xx."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from schemathesis import GenerationMode

from tests.collector.process import serving
from tests.parts.openapi import statuses_of

from .company import story
from .linking import GO, ROW, links_served, state
from .serving import PARTITIONS, bearer

pytestmark = pytest.mark.e2e

STORY = story()
ANSWERS = {200, 202, 204, 400, 401, 403, 404, 409, 410, 413, 415, 422}
"""Not 405, which would say that the document names a method that is not there, and nothing from 500 on."""

THERE = {
    "profile_id": STORY.profile(STORY.email("ann@example.com")),
    "connection_name": "generic",
    "deal_id": "D1",
    "account": "domain:example.com",
    "slug": "spring-sale",
}
"""Identifiers that the company's history has, and a link that is made."""


@pytest.fixture
def port(company_data: Path, tmp_path: Path) -> Iterator[int]:
    shutil.copytree(company_data, tmp_path, dirs_exist_ok=True)
    asyncio.run(_make_a_link(tmp_path))
    partitions = str(PARTITIONS)
    with serving(tmp_path, module="wanamaker_attribution", partitions=partitions, collector_url=GO) as chosen:
        yield chosen


async def _make_a_link(data: Path) -> None:
    async with links_served(data) as api:
        await state(api, {"own_domains": ["shop.example"]})
        assert (await api.send("POST", "/v1/links", json.dumps(ROW))).status_code == 200


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fitting", "missing"])
def test_no_request_breaks_attribution(port: int, mode: GenerationMode) -> None:
    document: Any = schemathesis.openapi.from_url(f"http://127.0.0.1:{port}/openapi.json")
    operations = [found.ok() for found in document.get_all_operations()]
    operations.sort(key=lambda operation: operation.method.lower() == "delete")  # so that the others find the link
    answers = {operation.label: statuses_of(operation, mode, _ask) for operation in operations}
    assert len(answers) >= 20
    wrong = {label: statuses - ANSWERS for label, statuses in answers.items() if statuses - ANSWERS}
    assert wrong == {}
    if mode is GenerationMode.POSITIVE:
        refusing = [label for label, statuses in answers.items() if label.startswith("GET") and 200 not in statuses]
        assert refusing == ["GET /v1/failed/{failed_id}"], "nothing failed here; all else was also answered"


def _ask(case: Any, known: bool) -> Any:
    """In every other case what the path names is there."""
    if known:
        case.path_parameters |= {name: there for name, there in THERE.items() if name in case.path_parameters}
    return case.call(headers=bearer("a-w1"))
