"""The lines of an export as cells, with where each ends in the file."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .layout import BadExport

DELIMITERS = "\t;,"
MOST_COLUMNS = 500
MOST_LINES = 100_000
MOST_IN_A_CELL = 10_000
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    """Of the file, from 1; where a cell has line breaks, its last."""
    cells: tuple[str, ...]


def lines_of(text: str, delimiter: str) -> Iterator[Line]:
    """The lines that are not empty, cells trimmed. Raises BadExport."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    count = 0
    try:
        for row in reader:
            cells = tuple(cell.strip() for cell in row)
            if not any(cells):
                continue
            count += 1
            if count > MOST_LINES:
                raise BadExport(f"The file has more than {MOST_LINES} lines; export fewer days at a time.")
            if len(cells) > MOST_COLUMNS:
                raise BadExport(
                    f"Line {reader.line_num} has more than {MOST_COLUMNS} columns; leave some out of the export."
                )
            if max(map(len, cells)) > MOST_IN_A_CELL:
                raise BadExport(f"Line {reader.line_num} has a cell of more than {MOST_IN_A_CELL} characters.")
            yield Line(reader.line_num, cells)
    except csv.Error as error:
        why = (
            "has a cell that is too long"
            if "field limit" in str(error)
            else "cannot be read: a quote is open or stands alone"
        )
        raise BadExport(f"Line {reader.line_num} of the file {why}.") from error


def folded(heading: str) -> str:
    """A heading without case, width and double spaces, so that small differences do not matter."""
    return _SPACES.sub(" ", unicodedata.normalize("NFKC", heading).casefold().replace("\u2019", "'")).strip(" .:*")


def without_unit(heading: str) -> tuple[str, str | None]:
    """`Amount spent (EUR)` as (`Amount spent`, `EUR`); None where nothing stands in parentheses behind."""
    if not heading.endswith(")"):
        return heading, None
    name, opened, unit = heading[:-1].rpartition("(")
    return (name.rstrip(), unit) if opened else (heading, None)


def shown(cells: Sequence[str], most: int = 12) -> str:
    """Headings for a message; they are the platform's words, and nobody's data."""
    named = [cell[:40] for cell in cells if cell]
    return ", ".join(named[:most]) + (", …" if len(named) > most else "")
