"""A file in two passes: laid out and surveyed into a spool, then judged row by row into verdicts and deliveries. Blocking.

Runs on a thread beside the event loop, in memory that does not grow with the file. Raises Refused, Stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any, Literal, Protocol

import orjson

from ..spreadsheet.cells import Cell, Fault, is_empty
from ..spreadsheet.columns import Layout, Row, lay_out
from ..spreadsheet.deliveries import Placed, chunk_id, line_id, write_chunk, write_line
from ..spreadsheet.options import Options
from ..spreadsheet.reading import Reading
from ..spreadsheet.refusal import Refused
from ..spreadsheet.rows import BadRow, DealRow, read_row
from ..spreadsheet.survey import Survey, names_of
from .seen import Before, Seen
from .spool import SpoolWriter, read_spool

CHUNK_ROWS = 500
SAMPLE_ROWS = 1_000
"""So many rows are looked at to tell what a column holds, where its heading does not say."""
_SAMPLE_CHARACTERS = 4 << 20
CHUNK_CHARACTERS = 256 << 10
CELL_CHARACTERS = 10_000
_LOOK_EVERY = 500
_RAW_CELLS = 100

Verdict = Literal["good", "warned", "bad"]


class Stopped(Exception):
    """The process ends; the import goes on when the file is sent again."""


class Source(Protocol):
    """An opened file."""

    def about(self) -> dict[str, Any]: ...

    def rows(self) -> Iterator[Row]: ...


@dataclass(frozen=True, slots=True)
class Surveyed:
    """A file whose columns and formats are known; `rows` of it are in the spool."""

    layout: Layout
    reading: Reading
    about: Mapping[str, Any]
    names: tuple[str, ...]
    rows: int
    spool: Path
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    placed: Placed
    verdict: Verdict
    reasons: tuple[str, ...]
    row: DealRow | None


@dataclass(slots=True)
class Counts:
    rows: int = 0
    good: int = 0
    warned: int = 0
    bad: int = 0
    deals: int = 0

    def add(self, verdict: Verdict) -> None:
        self.rows += 1
        setattr(self, verdict, getattr(self, verdict) + 1)


@dataclass(slots=True)
class Watch:
    """What the thread is told and tells: whether to stop, and how far it is."""

    stop: Callable[[], bool] = lambda: False
    tell: Callable[[int], None] = lambda _rows: None
    _since: int = field(default=0)

    def row(self, number: int) -> None:
        if number - self._since >= _LOOK_EVERY or number < self._since:
            self._since = number
            if self.stop():
                raise Stopped
            self.tell(number)


def survey(source: Source, options: Options, directory: Path, watch: Watch) -> Surveyed:
    """Find the headings and what every column's cells are written like; keep the cells that are read."""
    rows = source.rows()
    first = _first(rows)
    layout = lay_out(first, options)
    names = names_of(layout)
    taken = Survey()
    spool = directory / "rows"
    count = 0
    with SpoolWriter(spool, names) as writer:
        for line, cells in chain(first, rows):
            if line <= layout.heading_line or all(map(is_empty, cells)):
                continue
            count += 1
            watch.row(count)
            read = {
                name: _short(cells[column.index])
                for name, column in zip(names, layout.columns, strict=True)
                if column.index < len(cells)
            }
            fault = _fault(cells, layout)
            if fault is None:
                taken.take(line, read)
                writer.write(line, read)
            else:
                writer.write(line, read, fault, [str(cell)[:CELL_CHARACTERS] for cell in cells[:_RAW_CELLS]])
    if not count:
        raise Refused(f"no row stands below the headings of line {layout.heading_line}")
    about = source.about()
    reading = taken.decide(layout, options, about.get("delimiter"))
    return Surveyed(layout, reading, about, names, count, spool, taken.notes(layout, options))


def judge(surveyed: Surveyed, directory: Path, workspace_key: bytes, watch: Watch, counts: Counts) -> Iterator[Judged]:
    """Every row with its verdict, in the file's order; counts the deals among them."""
    with Seen(directory / "seen.db") as seen:
        for number, placed in enumerate(read_spool(surveyed.spool, surveyed.names), start=1):
            watch.row(number)
            try:
                if placed.fault is not None:
                    raise BadRow([placed.fault])
                row = read_row(placed.cells, surveyed.reading, workspace_key)
            except BadRow as problem:
                yield Judged(_shifted(placed, placed.line), "bad", tuple(problem.problems), None)
                continue
            shift, against = _beside(seen, row, placed.line)
            reasons = (*row.warnings, *against)
            yield Judged(_shifted(placed, shift), "warned" if reasons else "good", reasons, row)
        counts.deals = seen.deals()


def deliveries(
    judged: Iterator[Judged], surveyed: Surveyed, import_id: str, begun_at: int
) -> Iterator[tuple[str, int, bytes]]:
    """(delivery id, rows, body): the good rows by several hundred, each bad row for itself. The same for the same file."""
    rows: list[Placed] = []
    number = size = 0
    for each in judged:
        if each.verdict == "bad":
            yield line_id(import_id, each.placed.line), 1, write_line(begun_at, surveyed.reading, each.placed)
            continue
        rows.append(each.placed)
        size += sum(len(cell) for cell in each.placed.cells.values() if isinstance(cell, str))
        if len(rows) == CHUNK_ROWS or size > CHUNK_CHARACTERS:
            yield chunk_id(import_id, number), len(rows), write_chunk(begun_at, surveyed.reading, surveyed.names, rows)
            rows, number, size = [], number + 1, 0
    if rows:
        yield chunk_id(import_id, number), len(rows), write_chunk(begun_at, surveyed.reading, surveyed.names, rows)


def write_deliveries(path: Path, made: Iterator[tuple[str, int, bytes]]) -> int:
    """Keep them for the event loop to append; how many there are."""
    count = 0
    with path.open("wb") as file:
        for delivery_id, rows, body in made:
            file.write(orjson.dumps([delivery_id, rows, body.decode()], option=orjson.OPT_APPEND_NEWLINE))
            count += 1
    return count


def read_deliveries(path: Path, start: int) -> Iterator[tuple[str, int, bytes]]:
    with path.open("rb") as file:
        for line in islice(file, start, None):
            delivery_id, rows, body = orjson.loads(line)
            yield delivery_id, rows, body.encode()


def shown(row: DealRow) -> dict[str, Any]:
    """What was understood of a row, for a person to look at."""
    emails = [address for contact in row.contacts for address in contact.personal.get("emails", ())]
    stated = {name: value for name, value in row.properties.items() if value is not None}
    return {
        "id": row.deal_id,
        **({"name": row.name} if row.name else {}),
        **stated,
        **({"email": emails} if emails else {}),
    }


def _first(rows: Iterator[Row]) -> list[Row]:
    """Enough rows to tell what the columns are, fewer if they are long."""
    found: list[Row] = []
    size = 0
    for line, cells in islice(rows, SAMPLE_ROWS):
        found.append((line, cells))
        size += sum(len(cell) for cell in cells if isinstance(cell, str))
        if size > _SAMPLE_CHARACTERS:
            break
    return found


def _short(cell: Cell) -> Cell:
    if isinstance(cell, str) and len(cell) > CELL_CHARACTERS:
        return Fault(f"has more than {CELL_CHARACTERS:,} characters")
    return cell


def _fault(cells: Sequence[Cell], layout: Layout) -> str | None:
    """More cells than headings: something in the row is not quoted, and nobody knows which cell is which."""
    width = len(cells)
    while width > layout.width and is_empty(cells[width - 1]):
        width -= 1
    if width <= layout.width:
        return None
    return f"has {width} cells under {layout.width} headings; put text that holds the delimiter in quotes"


def _beside(seen: Seen, row: DealRow, line: int) -> tuple[int, tuple[str, ...]]:
    """How far its time is put behind, and what it says otherwise than the rows of its deal before it at the same time.

    Rows without a time of their own stand in the order of their lines; of others only one that contradicts is put behind.
    """
    at = -1 if row.updated_at is None else row.updated_at
    before = seen.last(row.deal_id, at)
    shift = line if row.updated_at is None else 0
    against: tuple[str, ...] = ()
    said = {**row.properties, **({"name": row.name} if row.name else {})}
    if before is not None:
        other = [name for name, value in said.items() if before.said.get(name, value) != value]
        if row.updated_at is not None:
            shift = before.shift + (1 if other else 0)
        if other:
            against = (f"says another {' and '.join(other)} than line {before.line}; this line holds",)
        said = {**before.said, **said}
    seen.note(row.deal_id, at, Before(line, shift, said))
    return shift, against


def _shifted(placed: Placed, shift: int) -> Placed:
    return Placed(placed.line, placed.cells, shift, placed.fault, placed.raw)
