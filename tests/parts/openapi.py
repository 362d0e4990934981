"""Requests made of an OpenAPI document, fitting or just missing it, by schemathesis."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

_generously = settings(
    max_examples=40,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def statuses_of(operation: Any, mode: GenerationMode, ask: Callable[[Any, bool], Any]) -> set[int]:
    """The statuses of all answers to an operation; none if it has nothing that could be missed.

    `ask` sends a case and gives its answer; it is told whether what the path names shall be there.
    """
    statuses: set[int] = set()

    @_generously
    @given(operation.as_strategy(generation_mode=mode), st.booleans())
    def asked(case: Any, known: bool) -> None:
        statuses.add(ask(case, known).status_code)

    try:
        asked()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE
    return statuses
