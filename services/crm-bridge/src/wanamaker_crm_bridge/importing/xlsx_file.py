"""The rows of an XLSX's sheet, one at a time: values and dates by openpyxl, formulas as the value they were saved with.

openpyxl keeps something of every row it has passed, however wide, and does not tell a formula without a value from an empty
cell; so its parser of cells is used, and the rows are walked here. That names what it keeps inside: a test says if it changes.
"""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Callable, Generator, Iterator
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from typing import Any

import openpyxl
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, iterparse
from openpyxl.cell.read_only import ReadOnlyCell
from openpyxl.worksheet._reader import DATA_TAG, FORMULA_TAG, ROW_TAG, WorkSheetParser

from ..spreadsheet.cells import Cell, Fault, Moment, Numeral
from ..spreadsheet.columns import MOST_COLUMNS, Row
from ..spreadsheet.options import Options
from ..spreadsheet.refusal import Refused
from ..spreadsheet.signs import currency_in_format
from .xlsx_guard import check_archive

MOST_ROWS = 1 << 20
"""Excel's own limit, as the number of cells in a row is."""
MOST_CELLS = 1 << 14
_PARTS_OF_A_CELL = 4
NOT_SAVED = "is a formula without its value; open the file in your spreadsheet program and save it again"
_SAVE = "save it again as .xlsx, or as CSV"


class XlsxFile:
    """`rows` gives (line, cells) for each row that is not empty. Blocking. Raises Refused."""

    kind = "xlsx"

    def __init__(self, path: Path, options: Options) -> None:
        self._path = path
        try:
            with zipfile.ZipFile(path) as archive:
                check_archive(archive)
        except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError):
            raise Refused(f"the archive of the XLSX is damaged; {_SAVE}") from None
        self._file = path.open("rb")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of what openpyxl would not write back
                self._book = _within(
                    lambda: openpyxl.load_workbook(self._file, read_only=True, data_only=True, keep_links=False)
                )
            self._sheet, self._others = self._chosen(options)
        except BaseException:
            self._file.close()
            raise
        self._currencies: dict[int, str | None] = {}

    def about(self) -> dict[str, Any]:
        return {"kind": self.kind, "sheet": self._sheet.title, "sheets_not_read": self._others}

    def rows(self) -> Iterator[Row]:
        found = self._rows()
        try:
            while (row := _within(lambda: next(found, None))) is not None:
                yield row
        finally:
            found.close()
            self._file.close()

    def _chosen(self, options: Options) -> tuple[Any, list[str]]:
        sheets = {sheet.title: sheet for sheet in self._book.worksheets}
        visible = [title for title, sheet in sheets.items() if sheet.sheet_state == "visible"] or list(sheets)
        if not sheets:
            raise Refused("the XLSX has no sheet with cells")
        title = options.sheet or visible[0]
        if title not in sheets:
            raise Refused(f"the XLSX has no sheet of that name, only {', '.join(sheets)}", option="sheet")
        return sheets[title], [other for other in sheets if other != title]

    def _rows(self) -> Generator[Row, None, None]:
        book, sheet = self._book, self._sheet
        with book._archive.open(sheet._worksheet_path) as source:
            parser = WorkSheetParser(
                source,
                sheet._shared_strings,
                data_only=True,
                epoch=book.epoch,
                date_formats=book._date_formats,
                timedelta_formats=book._timedelta_formats,
            )
            rows: Any = None
            number = parts = 0
            for event, element in iterparse(source, events=("start", "end"), forbid_dtd=True):
                if event == "start":
                    parts += 1
                    if parts > MOST_CELLS * _PARTS_OF_A_CELL:
                        raise Refused(f"row {number + 1:,} has more than {MOST_CELLS:,} cells; no sheet is that wide")
                    rows = element if element.tag == DATA_TAG else rows
                elif element.tag == ROW_TAG and rows is not None:
                    number = int(element.get("r") or number + 1)
                    if number > MOST_ROWS:
                        raise Refused(f"the sheet has a row {number:,}; no sheet has more than {MOST_ROWS:,}")
                    if cells := self._cells(parser, number, element):
                        yield number, cells
                    rows.clear()
                    parts = 0
                elif element.tag == DATA_TAG:
                    return
                elif rows is None:
                    element.clear()

    def _cells(self, parser: WorkSheetParser, number: int, row: Any) -> list[Cell]:
        """The row's cells up to the last that is not empty."""
        parser.row_counter, parser.col_counter = number, 0
        found: list[Cell] = []
        for element in row:
            with_value = parser.parse_cell(element)
            cell = self._cell(with_value)
            if cell == "" and element.find(FORMULA_TAG) is not None and element.get("t") != "str":
                cell = Fault(NOT_SAVED)
            if cell == "":
                continue
            place = with_value["column"]
            if place > MOST_COLUMNS:
                raise Refused(
                    f"row {number:,} has a cell in column {place:,}, and at most {MOST_COLUMNS} columns are read; "
                    "save the columns that say something of deals as a file of their own"
                )
            found += [""] * (place - len(found))
            found[place - 1] = cell
        return found

    def _cell(self, cell: dict[str, Any]) -> Cell:
        value = cell["value"]
        if value is None:
            return ""
        if cell["data_type"] == "e":
            return Fault("is an error of the spreadsheet")
        match value:
            case bool():
                return "true" if value else "false"
            case int():
                return Numeral(str(value), self._currency(cell["style_id"]))
            case float():
                return Numeral(f"{value:.15g}", self._currency(cell["style_id"]))  # what Excel shows of it
            case datetime():
                return Moment(_moment(value))
            case date():
                return Moment(value.isoformat())
            case clock_time() | timedelta():
                return Fault("is a time of no day")
        return str(value)

    def _currency(self, style: int) -> str | None:
        if style not in self._currencies:
            shown = ReadOnlyCell(self._sheet, 1, 1, None, style_id=style).number_format
            self._currencies[style] = currency_in_format(shown)
        return self._currencies[style]


def _moment(value: datetime) -> str:
    """To the nearest second: a serial number does not hold every second exactly. Midnight is a date."""
    nearest = (value + timedelta(milliseconds=500)).replace(microsecond=0)
    midnight = (nearest.hour, nearest.minute, nearest.second) == (0, 0, 0)
    return nearest.date().isoformat() if midnight else nearest.isoformat()


def _within(work: Callable[[], Any]) -> Any:
    """What openpyxl answers; whatever a broken file makes it raise is one refusal."""
    try:
        return work()
    except (Refused, MemoryError):
        raise
    except DefusedXmlException:
        raise Refused(
            f"a part of the XLSX has a DTD or an entity, which could name files or addresses; {_SAVE}"
        ) from None
    except ParseError:
        raise Refused(f"a part of the XLSX is no XML that can be read; {_SAVE}") from None
    except Exception:  # noqa: BLE001  it has an exception of its own for every way to be broken
        raise Refused(f"the XLSX cannot be read: it is not as spreadsheet programs write it; {_SAVE}") from None
