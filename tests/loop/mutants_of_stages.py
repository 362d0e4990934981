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
        return lambda pipeline, stage, said: read(None, stage, said)

    patch.setattr(Words, "stages_of", anywhere)


def won_at_the_last_won_stage(patch: pytest.MonkeyPatch) -> None:
    """From `Closed Won` to another won stage it is won anew."""

    def latest(states: Any) -> int | None:
        return states[-1].at if states[-1].status == "won" else None

    patch.setattr(deals, "won_since", latest)


def a_deal_between_two_records_of_one_moment(patch: pytest.MonkeyPatch) -> None:
    """The new pipeline counts with the old stage until the next record."""

    def one_by_one(revisions: Any, read_stage: Any) -> Any:
        said = list(revisions)
        read = deal_states.explained(read_stage, (stated for _, stated in said))
        properties: dict[str, Any] = {}
        for at, stated in said:
            properties = {**properties, **stated}
            yield deal_states.state_of(at, properties, read)

    patch.setattr(deals, "states_of", one_by_one)


def a_stage_that_was_left_says_nothing(patch: pytest.MonkeyPatch) -> None:
    """Only the present stage makes MQLs."""
    patch.setattr(deals, "first_reached", lambda states: deal_states.first_reached(states[-1:]))


def a_stage_makes_no_mql_of_who_is_known(patch: pytest.MonkeyPatch) -> None:
    """A deal's stage counts for people who are named after it only."""
    patch.setattr(deals_step, "_mark_contacts", lambda *_: None)


def what_a_crm_says_of_its_stages_holds_from_then_on(patch: pytest.MonkeyPatch) -> None:
    """A stage that the CRM explains later was open until then."""
    states_of = deal_states.states_of

    def as_of_then(revisions: Any, read_stage: Any) -> Any:
        said = list(revisions)
        for number in range(len(said)):
            yield list(states_of(said[: number + 1], read_stage))[-1]

    patch.setattr(deals, "states_of", as_of_then)


def what_a_crm_says_of_its_stages_before_the_maps(patch: pytest.MonkeyPatch) -> None:
    """The workspace says otherwise, and nobody listens."""
    stages_of = Words.stages_of

    def crm_first(self: Words, connection: str) -> Any:
        read = stages_of(self, connection)
        return lambda pipeline, stage, said: said or read(pipeline, stage, None)

    patch.setattr(Words, "stages_of", crm_first)


def a_lifecycle_map_for_new_records_only(patch: pytest.MonkeyPatch) -> None:
    """What contacts said before the map was stated keeps its meaning."""
    patch.setattr(workspaces, "take_contacts", lambda run, subjects: None)


MUTANTS = (
    a_stage_decides_beside_a_status,
    a_stage_of_any_pipeline,
    won_at_the_last_won_stage,
    a_deal_between_two_records_of_one_moment,
    a_stage_that_was_left_says_nothing,
    a_stage_makes_no_mql_of_who_is_known,
    a_lifecycle_map_for_new_records_only,
    what_a_crm_says_of_its_stages_holds_from_then_on,
    what_a_crm_says_of_its_stages_before_the_maps,
)
