"""A line below the headings: its cells by what they are, and whether it is a cost at all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from .amounts import NoAmount, is_nothing, split_amount
from .layout import Field
from .recognising import Recognised
from .table import Line, folded

_TOTALS = (
    *(
        "total",
        "totals",
        "overall total",
        "grand total",
        "gesamt",
        "gesamtsumme",
        "gesamtergebnis",
        "insgesamt",
        "summe",
    ),
    *("totaux", "razem", "łącznie", "suma", "ogółem", "totale", "totales", "totali", "totaal", "totais"),
)
_TOTAL = re.compile(rf"({'|'.join(_TOTALS)})\s*([:\u2013-]|$)")
"""`Total`, `Total: Campaigns`, `Total - 3 campaigns`, and not the campaign `Total Recall`."""
_BY_A_SPREADSHEET = re.compile(r"\d([.,]\d+)?E\+\d+", re.IGNORECASE)
_OPENED = "send the file as the platform gave it"


class BadLine(ValueError):
    """Why a line cannot be taken; the message repeats none of its values."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of costs, not yet understood."""

    line: int
    cells: Mapping[Field, str]
    """Absent columns are absent, empty cells are empty."""
    digits: str
    """Of the amount, with its separators and sign."""
    beside: str | None
    """The currency that stands beside the amount."""

    @property
    def day(self) -> str:
        return self.cells["day"] if "day" in self.cells else self.cells["starts"]


def cells_of(line: Line, found: Recognised) -> dict[Field, str]:
    return {field: line.cells[at] if at < len(line.cells) else "" for field, at in found.columns.items()}


def is_no_cost(line: Line, cells: Mapping[Field, str], found: Recognised) -> bool:
    """Totals and footers: they have no day of their own, and say so or name no campaign."""
    filled = [cell for cell in line.cells if not is_nothing(cell)]
    if len(filled) == 1 and filled[0].startswith(("©", "(c)")):
        return True
    day, unnamed = cells["day"] if "day" in cells else cells["starts"], is_nothing(cells["campaign"])
    if is_nothing(day):
        return unnamed or not filled or _TOTAL.match(folded(filled[0])) is not None
    return _TOTAL.match(folded(day)) is not None or (unnamed and found.platform.totals_unnamed)


def row_of(line: Line, cells: Mapping[Field, str], found: Recognised) -> Row:
    """Raises BadLine."""
    if any(line.cells[len(found.heading.cells) :]):
        raise BadLine("has more cells than there are headings")
    if len(line.cells) <= max(found.columns.values()):
        raise BadLine("has fewer cells than there are headings; is the file whole?")
    for field, cell in cells.items():
        if cell.startswith("="):
            raise BadLine(f"{heading_of(found, field)} is a formula; {_OPENED}")
    if _BY_A_SPREADSHEET.fullmatch(cells.get("campaign_id", "")):
        raise BadLine(f"{heading_of(found, 'campaign_id')} was rounded by a spreadsheet; {_OPENED}")
    if is_nothing(cells["cost"]):
        return Row(line.number, cells, "0", None)
    try:
        digits, beside = split_amount(cells["cost"])
    except NoAmount as error:
        raise BadLine(f"{heading_of(found, 'cost')} {error}") from None
    return Row(line.number, cells, digits, beside)


def heading_of(found: Recognised, field: Field) -> str:
    """As the file writes it."""
    return found.heading.cells[found.columns[field]][:40]
