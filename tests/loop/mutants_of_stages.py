"""Mistakes about stages, statuses and lifecycle words."""

from __future__ import annotations

from typing import Any

import pytest

from wanamaker_attribution import deal_states, deals
from wanamaker_attribution.stages import Words
from wanamaker_attribution.steps import deals as deals_step
from wanamaker_attribution.steps import workspaces


def a_stage_decides_beside_a_status(patch: pytest.MonkeyPatch) -> None:
    """`open` with a stage called Closed Won is taken for won."""
    states_of = deal_states.states_of

    def without_status(revisions: Any, read_stage: Any) -> Any:
        yield from states_of(
            ((at, {name: each for name, each in stated.items() if name != "status"}) for at, stated in revisions),
            read_stage,
        )

    patch.setattr(deals, "states_of", without_status)


def a_stage_of_any_pipeline(patch: pytest.MonkeyPatch) -> None:
    """Two pipelines have a stage of one name, and it means the same in both."""
    stages_of = Words.stages_of

    def anywhere(self: Words, connection: str) -> Any:
        read = stages_of(self, connection)
        return lambda pipeline, stage: read(None, stage)

    patch.setattr(Words, "stages_of", anywhere)


def won_at_the_last_won_stage(patch: pytest.MonkeyPatch) -> None:
    """From `Closed Won` to another won stage it is won anew."""

    def latest(states: Any) -> int | None:
        return states[-1].at if states[-1].status == "won" else None

    patch.setattr(deals, "won_since", latest)


def a_stage_that_was_left_says_nothing(patch: pytest.MonkeyPatch) -> None:
    """Only the present stage makes MQLs."""
    patch.setattr(deals, "first_reached", lambda states: deal_states.first_reached(states[-1:]))


def a_stage_makes_no_mql_of_who_is_known(patch: pytest.MonkeyPatch) -> None:
    """A deal's stage counts for people who are named after it only."""
    patch.setattr(deals_step, "_mark_contacts", lambda *_: None)


def a_lifecycle_map_for_new_records_only(patch: pytest.MonkeyPatch) -> None:
    """What contacts said before the map was stated keeps its meaning."""
    patch.setattr(workspaces, "take_contacts", lambda run, subjects: None)


MUTANTS = (
    a_stage_decides_beside_a_status,
    a_stage_of_any_pipeline,
    won_at_the_last_won_stage,
    a_stage_that_was_left_says_nothing,
    a_stage_makes_no_mql_of_who_is_known,
    a_lifecycle_map_for_new_records_only,
)
