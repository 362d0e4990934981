"""The cells of one row while it is read: every way to read one, and what could not be read, all of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from wanamaker_crm_bridge.unmappable import Unmappable
from wanamaker_crm_bridge.values import identifier, text

from . import dates
from .cells import Cell, Moment, Numeral
from .reading import Reading

_CUT_SHORT = re.compile(r"\d+([.,]\d+)?[eE]\+\d{1,3}", re.ASCII)
"""`1.23457E+11`: how spreadsheet programs show, and save, a long number. Of many ids it makes one."""
NOTHING = frozenset(["-", "–", "—", "n/a", "N/A", "n. a.", "null", "NULL"])


@dataclass(slots=True)
class RowCells:
    """A row while it is read: what cannot be read is noted, and the rest goes on. Empty cells are left out: they say nothing."""

    cells: Mapping[str, Cell]
    reading: Reading
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def named(self, name: str) -> str:
        heading = self.reading.heading_of(name)
        return f'{name} ("{heading}")' if heading and heading != name else name

    def value(self, name: str) -> Cell | None:
        """The same of an amount or a date, where people write a dash for nothing."""
        cell = self.cells.get(name)
        return None if isinstance(cell, str) and cell.strip() in NOTHING else cell

    def text(self, name: str) -> str | None:
        """Any cell as text; what an id or a label is read from."""
        cell = self.cells.get(name)
        if cell is None:
            return None
        match cell:
            case str():
                return cell.strip()
            case Numeral(number):
                return number[:-2] if number.endswith(".0") else number
            case Moment(moment):
                return moment
        self.problems.append(f"{self.named(name)} {cell.problem}")
        return None

    def label(self, name: str) -> str | None:
        value = self.text(name)
        return None if value is None else (text(value, name) or None)

    def id(self, name: str) -> str | None:
        value = self.text(name)
        if value is None:
            return None
        try:
            return self._whole_id(value, name)
        except Unmappable as problem:
            self.problems.append(str(problem))
            return None

    def ids(self, name: str) -> tuple[str, ...]:
        """HubSpot writes several into one cell, `51;52`."""
        value = self.text(name)
        parts = [part.strip() for part in re.split("[;|,]", value)] if value is not None else []
        try:
            return tuple(dict.fromkeys(self._whole_id(part, name) for part in parts if part))
        except Unmappable as problem:
            self.problems.append(str(problem))
            return ()

    def day(self, name: str) -> dates.Day | None:
        cell = self.value(name)
        if cell is None:
            return None
        try:
            return dates.day_of(cell, self.reading.date_order)
        except dates.NoDate as problem:
            self.problems.append(f"{self.named(name)} {problem}")
            return None

    def _whole_id(self, value: str, name: str) -> str:
        if _CUT_SHORT.fullmatch(value):
            raise Unmappable(
                self.named(name),
                "is a number that the spreadsheet program cut short; format the column as text, and save it again",
            )
        return identifier(value, self.named(name))
