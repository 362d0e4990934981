"""Whatever happened: totals are the sum of the rows, explanations add up to their row, and both are what the oracle says."""

from __future__ import annotations

import random
from collections import defaultdict
from contextlib import AbstractContextManager
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from tests.attribution.test_against_oracle import projected as by_projection
from tests.oracle import Tables, tables
from tests.oracle.alphabet import histories
from tests.oracle.dedup import Entry
from tests.oracle.story import KEYS
from wanamaker_attribution.models import MODELS
from wanamaker_attribution.reports.dimensions import GROUPS, STORED, value_of
from wanamaker_attribution.reports.measures import MEASURE_OF_KIND, Sums
from wanamaker_attribution.reports.question import Question
from wanamaker_attribution.reports.table import fold
from wanamaker_attribution.repository.explain import read_explained
from wanamaker_attribution.repository.roi import read_facts

from .serving import records_of

DAYS = [f"2026-01-{day:02}" for day in range(1, 32)]
CREDITED = Sums._fields[: Sums._fields.index("sessions")]


@st.composite
def questions(draw: st.DrawFn) -> Question:
    groups = tuple(draw(st.lists(st.sampled_from(GROUPS), max_size=3, unique=True)))
    models = draw(st.lists(st.sampled_from(list(MODELS)), min_size=1, max_size=3, unique=True))
    start, end = draw(st.none() | st.sampled_from(DAYS)), draw(st.none() | st.sampled_from(DAYS))
    if start and end and start > end:
        start, end = end, start
    return Question(
        models=tuple(models if "model" in groups else models[:1]),
        basis=draw(st.sampled_from(["touch", "conversion"])),
        group_by=groups,
        start=start,
        end=end,
    )


def projected(history: list[Entry]) -> AbstractContextManager[Connection]:
    return by_projection(records_of(history), random.Random(0))


def by_oracle(expected: Tables, workspace: str, question: Question) -> dict[tuple[str, ...], Sums]:
    """The rows straight from the oracle's ROI tables; only for dimensions that those have."""
    rows: dict[tuple[str, ...], Sums] = defaultdict(Sums)

    def add(model: str, day: str, place: tuple[str, ...], sums: Sums) -> None:
        if (question.start or "") <= day <= (question.end or "9999"):
            dimensions = {"day": day, **dict(zip(STORED, place, strict=True))}
            key = tuple(model if name == "model" else value_of(name, dimensions) for name in question.group_by)
            rows[key] = rows[key].plus(sums)

    for (owner, model, basis, day, *place), row in expected["roi_credit"].items():
        if (owner, basis) == (workspace, question.basis) and model in question.models:
            add(model, day, tuple(place), Sums(**row))
    for (owner, day, *place), row in expected["roi_traffic"].items():
        if owner == workspace:
            for model in question.models:
                add(model, day, tuple(place), Sums(**row))
    return {key: sums for key, sums in rows.items() if any(sums)}


def explained_sums(connection: Connection, workspace: str, question: Question) -> Sums:
    """The credits of all pages, three at a time, added up."""
    sums, after = Sums(), None
    while page := read_explained(connection, workspace, question, limit=3, after=after):
        after = page[-1].place
        for item in page:
            kind = item.credited.conversion.kind
            sums = sums.plus(
                Sums(
                    revenue_minor=item.line.revenue_minor + sum(minor for *_, minor in item.line.adjusted),
                    close_seconds=item.line.micro * item.credited.seconds_to_close if kind == "deal" else 0,
                    **{MEASURE_OF_KIND[kind]: item.line.micro},
                )
            )
    return sums


def only(row: tuple[str, ...], question: Question) -> dict[str, str]:
    return {name: value for name, value in zip(question.group_by, row, strict=True) if name != "model"}


LIMITS: dict[str, Any] = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
}


@settings(max_examples=30, **LIMITS)
@given(histories(), st.lists(questions(), min_size=5, max_size=5))
def test_tables_add_up_and_are_the_oracles(history: list[Entry], asked: list[Question]) -> None:
    expected = tables(history, KEYS)
    with projected(history) as connection:
        for workspace in KEYS:
            for question in asked:
                table = fold(read_facts(connection, workspace, question), question)
                for model, total in table.totals:
                    mine = [
                        sums
                        for key, sums in table.rows
                        if "model" not in question.group_by or key[question.group_by.index("model")] == model
                    ]
                    added = Sums()
                    for sums in mine:
                        added = added.plus(sums)
                    assert added == total
                if not question.fine:
                    assert dict(table.rows) == by_oracle(expected, workspace, question)
                else:
                    coarse = tuple(name for name in question.group_by if name in (*STORED, "day", "model"))
                    again = Question(question.models, question.basis, coarse, question.start, question.end)
                    assert table.totals == fold(read_facts(connection, workspace, again), again).totals


@settings(max_examples=20, **LIMITS)
@given(histories(), questions())
def test_explanations_add_up_to_their_row(history: list[Entry], question: Question) -> None:
    with projected(history) as connection:
        for workspace in KEYS:
            table = fold(read_facts(connection, workspace, question), question)
            for key, sums in table.rows[:6]:
                model = key[question.group_by.index("model")] if "model" in question.group_by else question.models[0]
                asked = Question((model,), question.basis, (), question.start, question.end, only=only(key, question))
                found = explained_sums(connection, workspace, asked)
                assert {name: getattr(found, name) for name in CREDITED} == {
                    name: getattr(sums, name) for name in CREDITED
                }
                ((_, again),) = fold(read_facts(connection, workspace, asked), asked).totals
                assert again == sums
