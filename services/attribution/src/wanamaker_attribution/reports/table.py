"""The ROI table: facts folded into rows, and totals folded from the same facts, not from the shown rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .dimensions import ACCOUNT, value_of
from .facts import Fact
from .measures import Shown, Sums, show
from .question import Question

ShownRow = dict[str, str | int | float | None]


@dataclass(frozen=True, slots=True)
class RoiTable:
    """Rows by their group values, sorted; totals by model, in the order asked for."""

    rows: tuple[tuple[tuple[str, ...], Sums], ...]
    totals: tuple[tuple[str, Sums], ...]


def fold(facts: Iterable[Fact], question: Question) -> RoiTable:
    """Add the facts up. What has no model (sessions, spend) counts for every model. Rows that are all zero do not exist."""
    rows: dict[tuple[str, ...], Sums] = {}
    totals = dict.fromkeys(question.models, Sums())
    for model, dimensions, sums in facts:
        for its in (model,) if model is not None else question.models:
            key = tuple(its if name == "model" else value_of(name, dimensions) for name in question.group_by)
            rows[key] = rows[key].plus(sums) if key in rows else sums
            totals[its] = totals[its].plus(sums)
    return RoiTable(
        rows=tuple((key, rows[key]) for key in sorted(rows) if any(rows[key])),
        totals=tuple(totals.items()),
    )


def accounts_in(table: RoiTable, question: Question) -> set[str]:
    """The accounts that the rows are about."""
    if ACCOUNT not in question.group_by:
        return set()
    return {key[question.group_by.index(ACCOUNT)] for key, _ in table.rows}


def shown_rows(table: RoiTable, question: Question, names: Mapping[str, str]) -> list[ShownRow]:
    """The rows as the API shows them: group values first, in the order of `group_by`, and what an account is called."""
    return [
        {**dict(zip(question.group_by, key, strict=True)), **_name(key, question, names), **show(sums)}
        for key, sums in table.rows
    ]


def group_columns(question: Question) -> list[str]:
    """The names of what stands before a shown row's measures."""
    return [*question.group_by, *(["account_name"] if ACCOUNT in question.group_by else [])]


def shown_totals(table: RoiTable, question: Question) -> ShownRow | Shown | list[ShownRow]:
    """One object; a list of one per model where the table is grouped by model."""
    if "model" in question.group_by:
        return [{"model": model, **show(sums)} for model, sums in table.totals]
    ((_, sums),) = table.totals
    return show(sums)


def _name(key: tuple[str, ...], question: Question, names: Mapping[str, str]) -> ShownRow:
    if ACCOUNT not in question.group_by:
        return {}
    return {"account_name": names.get(key[question.group_by.index(ACCOUNT)])}
