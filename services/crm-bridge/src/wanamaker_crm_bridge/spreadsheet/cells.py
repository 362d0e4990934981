"""A cell as it came out of a file: text, or what an XLSX itself types. And cells as JSON, as they stand in the inbox."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wanamaker_crm_bridge.json_body import Number
from wanamaker_crm_bridge.unmappable import Unmappable


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number that needs no guessing: `text` is a plain decimal, `currency` what the cell is formatted as."""

    text: str
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """A date `2026-01-31`, or a time of no zone `2026-01-31T10:00:00`, that the file itself types as one."""

    text: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A cell that has no value; `problem` says why."""

    problem: str


Cell = str | Numeral | Moment | Fault


def is_empty(cell: Cell | None) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def written(cell: Cell) -> Any:
    """The cell as plain JSON."""
    match cell:
        case Numeral(text, None):
            return {"number": text}
        case Numeral(text, currency):
            return {"number": text, "currency": currency}
        case Moment(text):
            return {"time": text}
        case Fault(problem):
            return {"fault": problem}
    return cell


def read_cell(value: Any, where: str) -> Cell:
    """What `written` wrote, or what a person wrote into it: a JSON number, true, null. Raises Unmappable."""
    match value:
        case str():
            return value
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Number(text):
            return Numeral(text)
        case int() | float():
            return Numeral(repr(value))
        case {"number": str(text), "currency": str(currency)}:
            return Numeral(text, currency)
        case {"number": str(text)}:
            return Numeral(text)
        case {"time": str(text)}:
            return Moment(text)
        case {"fault": str(problem)}:
            return Fault(problem)
    raise Unmappable(where, 'must be text, a number, or {"time": …}')
