"""The rows of a CSV file, one at a time, whatever it holds: no line, cell or record may fill the memory."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from ..spreadsheet.columns import Row
from ..spreadsheet.delimiters import NAMES, delimiter_of, told_by
from ..spreadsheet.encodings import Encoding, encoding_of
from ..spreadsheet.options import DELIMITERS, Options
from ..spreadsheet.refusal import Refused

LINE_CHARACTERS = 1 << 20
CELL_CHARACTERS = csv.field_size_limit()
"""131,072, the limit of Python's own reader."""
RECORD_CHARACTERS = 4 << 20
_BLOCK = 1 << 20
_SAMPLE_LINES = 200
_SAMPLE_CHARACTERS = 1 << 20


class CsvFile:
    """`rows` gives (line, cells) for each row that is not empty; a row's line is where it begins. Blocking. Raises Refused."""

    kind = "csv"

    def __init__(self, path: Path, options: Options) -> None:
        self._path = path
        self.encoding: Encoding = encoding_of(self._blocks, options.encoding)
        with self._open() as file:
            sample = _sample(_Lines(file))
        self._skip = bool(sample) and told_by(sample[0]) is not None
        if options.delimiter is not None:
            self.delimiter = DELIMITERS[options.delimiter]
        else:
            told = told_by(sample[0]) if self._skip else None
            self.delimiter = told or delimiter_of(sample)

    def about(self) -> dict[str, Any]:
        return {"kind": self.kind, "encoding": self.encoding.name, "delimiter": NAMES[self.delimiter]}

    def rows(self) -> Iterator[Row]:
        with self._open() as file:
            lines = _Lines(file)
            if self._skip:
                next(lines)
            reader = csv.reader(lines, delimiter=self.delimiter, strict=True)  # else a stray quote swallows rows
            while True:
                lines.begin_record()
                line = lines.number + 1
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    raise _unreadable(error, line) from None
                if any(cells):
                    yield line, cells

    def _open(self) -> TextIO:
        return self._path.open(encoding=self.encoding.codec, newline="")

    def _blocks(self) -> Iterator[bytes]:
        with self._path.open("rb") as file:
            while block := file.read(_BLOCK):
                yield block


def _sample(lines: Iterator[str]) -> list[str]:
    """The first lines; how many depends on how long they are."""
    sample: list[str] = []
    size = 0
    for line in islice(lines, _SAMPLE_LINES):
        sample.append(line)
        size += len(line)
        if size > _SAMPLE_CHARACTERS:
            break
    return sample


class _Lines(Iterator[str]):
    """A file's lines with their numbers; one without an end is refused before it is all in memory."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self.number = 0
        self._begun = 1
        self._size = 0

    def begin_record(self) -> None:
        self._begun, self._size = self.number + 1, 0

    def __next__(self) -> str:
        line = self._file.readline(LINE_CHARACTERS)
        if not line:
            raise StopIteration
        self.number += 1
        self._size += len(line)
        if len(line) == LINE_CHARACTERS and line[-1] not in "\r\n":
            raise Refused(f"line {self.number:,} has more than {LINE_CHARACTERS:,} characters; no row is that long")
        if self._size > RECORD_CHARACTERS:
            raise Refused(f"the row of line {self._begun:,} does not end; a quote before it is not closed")
        return line


def _unreadable(error: csv.Error, line: int) -> Refused:
    if "field larger" in str(error):
        return Refused(
            f"line {line:,} has a cell of more than {CELL_CHARACTERS:,} characters; perhaps a quote in it is not closed"
        )
    return Refused(
        f"line {line:,} begins a quote that is never closed, or has one within a text that is not written twice; save the file "
        "again from your spreadsheet program"
    )
