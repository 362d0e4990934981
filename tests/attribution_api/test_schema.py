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
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from tests.collector.process import serving

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
    "slug": "spring-sale",
}
"""Identifiers that the company's history has, and a link that is made."""

generously = settings(
    max_examples=40,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


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
    answers = {operation.label: _ask(operation, mode) for operation in operations}
    assert len(answers) >= 20
    wrong = {label: statuses - ANSWERS for label, statuses in answers.items() if statuses - ANSWERS}
    assert wrong == {}
    if mode is GenerationMode.POSITIVE:
        refusing = [label for label, statuses in answers.items() if label.startswith("GET") and 200 not in statuses]
        assert refusing == ["GET /v1/failed/{failed_id}"], "nothing failed here; all else was also answered"


def _ask(operation: Any, mode: GenerationMode) -> set[int]:
    """The statuses of all answers; none if the operation has nothing that could be missed."""
    statuses: set[int] = set()

    @generously
    @given(operation.as_strategy(generation_mode=mode), st.booleans())
    def ask(case: Any, known: bool) -> None:
        """In every other case what the path names is there."""
        if known:
            case.path_parameters |= {name: there for name, there in THERE.items() if name in case.path_parameters}
        answer = case.call(headers=bearer("a-w1"))
        statuses.add(answer.status_code)

    try:
        ask()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE
    return statuses
