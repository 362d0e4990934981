"""A file's rows between two passes: on disk, only the cells that are read. Blocking."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType

import orjson

from ..spreadsheet.cells import Cell, read_cell, written
from ..spreadsheet.deliveries import Placed


class SpoolWriter:
    """`names` are those of the cells; a row's cell that is not there is empty."""

    def __init__(self, path: Path, names: Sequence[str]) -> None:
        self._file = path.open("wb")
        self._names = tuple(names)

    def __enter__(self) -> SpoolWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def write(self, line: int, cells: Mapping[str, Cell], fault: str | None = None, raw: Sequence[str] = ()) -> None:
        row = [line, [written(cells.get(name, "")) for name in self._names]]
        if fault is not None:
            row += [fault, list(raw)]
        self._file.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))


def read_spool(path: Path, names: Sequence[str]) -> Iterator[Placed]:
    with path.open("rb") as file:
        for text in file:
            line, values, *rest = orjson.loads(text)
            cells = {
                name: value if isinstance(value, str) else read_cell(value, name)
                for name, value in zip(names, values, strict=True)
                if value != ""
            }
            yield Placed(line, cells, fault=rest[0], raw=tuple(rest[1])) if rest else Placed(line, cells)
