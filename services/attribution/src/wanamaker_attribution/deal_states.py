"""What a deal was after each of its revisions: its properties, its status, and how far its stage says its contacts are.

Rules and examples: docs/meanings.md, "A deal's state", "Stages of a pipeline", "When a deal was won".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .stages import STEPS, StageReader, status_of, steps_reached


@dataclass(frozen=True, slots=True)
class State:
    """After one revision. `status` is the stated one, else that of the stage."""

    at: int
    properties: Mapping[str, Any]
    status: str
    steps: int
    """How many of `stages.STEPS` the stage says its contacts have reached, whatever the status."""


def states_of(revisions: Iterable[tuple[int, Mapping[str, Any]]], read_stage: StageReader) -> Iterator[State]:
    """`revisions` are (time, stated properties) in order."""
    properties: dict[str, Any] = {}
    for at, stated in revisions:
        properties = {**properties, **stated}
        meaning = read_stage(properties.get("pipeline"), properties.get("stage"))
        status = properties.get("status")
        yield State(at, properties, status_of(meaning) if status is None else status, steps_reached(meaning))


def won_since(states: Sequence[State]) -> int | None:
    """The first `won` after the last other status; None if the deal is not won now."""
    since = None
    for state in states:
        since = (state.at if since is None else since) if state.status == "won" else None
    return since


def first_reached(states: Iterable[State]) -> tuple[int | None, ...]:
    """By step of `STEPS` when the deal's stage first said so."""
    first: list[int | None] = [None] * len(STEPS)
    for state in states:
        for step in range(state.steps):
            if first[step] is None:
                first[step] = state.at
    return tuple(first)
