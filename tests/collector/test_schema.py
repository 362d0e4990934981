"""Whatever fits the collector's OpenAPI document, or just misses it, is answered, and never with a 5xx."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from schemathesis import GenerationMode

from tests.parts.openapi import statuses_of
from wanamaker_collector.front_door import ENDPOINTS

pytestmark = pytest.mark.e2e

ANSWERS = {200, 202, 204, 206, 302, 304, 400, 401, 403, 404, 408, 409, 410, 413, 415, 422, 429}
"""Not 405, which would say that the document names a method that is not there, and nothing from 500 on."""


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fitting", "missing"])
def test_no_request_breaks_the_collector(port: int, keys: dict[str, Any], mode: GenerationMode) -> None:
    document: Any = schemathesis.openapi.from_url(f"http://127.0.0.1:{port}/openapi.json")
    operations = [found.ok() for found in document.get_all_operations()]

    def ask(case: Any, _: bool) -> Any:
        if case.path.startswith("/v1/failed"):
            return case.call(headers={"Authorization": f"Bearer {keys['admin_key']}"})
        return case.call(auth=(keys["secret_key"], ""))

    answers = {operation.label: statuses_of(operation, mode, ask) for operation in operations}
    assert len(answers) >= 10
    wrong = {label: statuses - ANSWERS for label, statuses in answers.items() if statuses - ANSWERS}
    assert wrong == {}
    if mode is GenerationMode.POSITIVE:
        collecting = {f"POST {path}": answers[f"POST {path}"] for path in ENDPOINTS}
        assert all(200 in statuses for statuses in collecting.values()), collecting
