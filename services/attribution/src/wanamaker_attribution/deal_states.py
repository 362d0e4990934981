"""What a deal was after each moment: its properties, its status, and how far its stage says its contacts are.

Rules and examples: docs/meanings.md, "A deal's state", "Stages of a pipeline", "When a deal was won".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from .stages import STEPS, StageReader, status_of, steps_reached

StageOfDeal = Callable[[str | None, str | None], str]
"""(pipeline, stage) of one deal -> what the stage means."""


@dataclass(frozen=True, slots=True)
class State:
    """After all that was stated at one moment. `status` is the stated one, else that of the stage."""

    at: int
    properties: Mapping[str, Any]
    status: str
    steps: int
    """How many of `stages.STEPS` the stage says its contacts have reached, whatever the status."""


def states_of(revisions: Iterable[tuple[int, Mapping[str, Any]]], read_stage: StageReader) -> Iterator[State]:
    """`revisions` are (time, stated properties) in order. Those of one moment are one, as a CRM tells a move to another pipeline
    in two: pipeline, then stage."""
    said = list(revisions)
    read = explained(read_stage, (stated for _, stated in said))
    properties: dict[str, Any] = {}
    for at, of_moment in groupby(said, key=itemgetter(0)):
        for _, stated in of_moment:
            properties = {**properties, **stated}
        yield state_of(at, properties, read)


def explained(read_stage: StageReader, stated: Iterable[Mapping[str, Any]]) -> StageOfDeal:
    """The reader for one deal: what its CRM itself says of its stages, by the latest statement, counts for all its past."""
    latest = None
    for properties in stated:
        latest = properties.get("stage_means", latest)
    means = latest if isinstance(latest, Mapping) else {}
    return lambda pipeline, stage: read_stage(pipeline, stage, means.get(stage))


def state_of(at: int, properties: Mapping[str, Any], read: StageOfDeal) -> State:
    meaning = read(properties.get("pipeline"), properties.get("stage"))
    status = properties.get("status")
    return State(at, properties, status_of(meaning) if status is None else status, steps_reached(meaning))


def won_since(states: Sequence[State]) -> int | None:
    """The first `won` after the last other status; None if the deal is not won now."""
    since = None
    for state in states:
        since = won_still(since, state)
    return since


def won_still(since: int | None, state: State) -> int | None:
    """Since when the deal is won after one more moment."""
    if state.status != "won":
        return None
    return state.at if since is None else since


def first_reached(states: Iterable[State]) -> tuple[int | None, ...]:
    """By step of `STEPS` when the deal's stage first said so."""
    first: list[int | None] = [None] * len(STEPS)
    for state in states:
        for step in range(state.steps):
            if first[step] is None:
                first[step] = state.at
    return tuple(first)
