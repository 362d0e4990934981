"""Uploads of rows: every row is checked, and one bad row refuses them all, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

Model = TypeVar("Model", bound=BaseModel)

_MOST_FIELDS = 100
"""Of a row, far more than any has: each that is not known is told, in more words than it was sent with."""


@dataclass(frozen=True, slots=True)
class SentRow:
    """A row as it was sent. `line` is where it ends in a CSV file, None in JSON."""

    index: int
    fields: object
    line: int | None = None


@dataclass(frozen=True, slots=True)
class BadRow:
    """Why a row was refused; the reason repeats none of its values."""

    index: int
    reason: str
    line: int | None = None

    def document(self) -> dict[str, Any]:
        place = {"index": self.index} if self.line is None else {"index": self.index, "line": self.line}
        return {**place, "reason": self.reason}


class BadRows(ValueError):
    def __init__(self, rows: Sequence[BadRow]) -> None:
        super().__init__(f"{len(rows)} bad rows")
        self.rows = tuple(sorted(rows, key=lambda row: row.index))


def check_rows(model: type[Model], rows: Sequence[SentRow]) -> list[Model]:
    """The rows as models, in order. Raises BadRows with all that are not one."""
    checked: list[Model] = []
    bad: list[BadRow] = []
    for row in rows:
        if not isinstance(row.fields, Mapping):
            bad.append(BadRow(row.index, "must be an object", row.line))
            continue
        if len(row.fields) > _MOST_FIELDS:
            bad.append(BadRow(row.index, f"has more than {_MOST_FIELDS} fields (known: {_known(model)})", row.line))
            continue
        try:
            checked.append(model.model_validate(dict(row.fields)))
        except ValidationError as error:
            bad.append(BadRow(row.index, _reason(model, error), row.line))
    if bad:
        raise BadRows(bad)
    return checked


def check_formulas(rows: Sequence[SentRow]) -> None:
    """Raises BadRows with the lines of a CSV file that hold a formula: a spreadsheet would show another value."""
    bad = [
        BadRow(row.index, f"{name[:40]} is a formula; send its value", row.line)
        for row in rows
        if row.line is not None and isinstance(row.fields, Mapping)
        for name, cell in row.fields.items()
        if isinstance(cell, str) and cell.startswith("=")
    ]
    if bad:
        raise BadRows(bad)


def _reason(model: type[BaseModel], error: ValidationError) -> str:
    told = []
    unknown: list[str] = []
    for problem in error.errors(include_url=False, include_input=False):
        name = ".".join(str(part)[:40] for part in problem["loc"]) or "a name"
        if problem["type"] == "missing":
            told.append(f"{name} is missing")
        elif problem["type"] == "extra_forbidden":
            unknown.append(name)
        elif problem["type"] == "literal_error":
            told.append(f"{name} must be {problem['ctx']['expected']}")
        else:
            told.append(f"{name} {problem['msg']}" if problem["loc"] else problem["msg"])  # of the row as a whole
    if unknown:
        are = "is not a known field" if len(unknown) == 1 else "are not known fields"
        told.append(f"{', '.join(unknown)} {are} (known: {_known(model)})")
    return "; ".join(told)


def _known(model: type[BaseModel]) -> str:
    return ", ".join(model.model_fields)
