"""Which reader a file needs, told by its first bytes and never by its name."""

from __future__ import annotations

from pathlib import Path

from ..spreadsheet.options import Options
from ..spreadsheet.refusal import Refused
from .csv_file import CsvFile
from .judging import Source

_NOT_READ = {
    b"\xd0\xcf\x11\xe0": "an Excel file of before 2007 (.xls), or a protected one",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a gzip archive",
    b"{\\rtf": "a text document (.rtf)",
}


def open_source(path: Path, options: Options) -> Source:
    """Raises Refused."""
    with path.open("rb") as file:
        head = file.read(8)
    if not head:
        raise Refused("the file is empty")
    for magic, what in _NOT_READ.items():
        if head.startswith(magic):
            raise Refused(f"the file is {what}; save it as .xlsx or CSV")
    if head.startswith(b"PK"):
        from .xlsx_file import XlsxFile  # brings openpyxl, which a start need not wait for

        return XlsxFile(path, options)
    return CsvFile(path, options)
