"""However many rows a file has, judging it takes little more memory: what sixty thousand more rows cost, measured."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

SMALL, LARGE = 30_000, 90_000
MOST_BYTES_A_ROW = {"csv_of": 60, "xlsx_of": 100}
"""Measured: 21 and 60 to 80. A million rows of CSV take less than 60 MB more than none; a sheet ends at 1,048,576 rows."""

JUDGE = """
import sys
from pathlib import Path
from wanamaker_crm_bridge.importing.judging import Counts, Watch, deliveries, judge, survey, write_deliveries
from wanamaker_crm_bridge.importing.opening import open_source
from wanamaker_crm_bridge.spreadsheet.options import Options

file = Path(sys.argv[1])
surveyed = survey(open_source(file, Options()), Options(), file.parent, Watch())
counts = Counts()
rows = judge(surveyed, file.parent, bytes(32), Watch(), counts)
write_deliveries(file.parent / "out", deliveries(rows, surveyed, "i", 1))
assert counts.deals == int(sys.argv[2]), counts
# not ru_maxrss, in which the process that started this one lives on
(peak,) = [line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
print(int(peak) * 1024)
"""


def csv_of(path: Path, rows: int) -> None:
    with path.open("w") as file:
        file.write("Deal ID;Deal Name;Status;Amount;Create Date;Contact Email;Company\n")
        for n in range(rows):
            file.write(f"D{n};Deal {n};won;{n},50 €;{n % 28 + 1:02d}.01.2026;p{n}@shop.example;Company {n}\n")


def xlsx_of(path: Path, rows: int) -> None:
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Deals")
    sheet.append(["Deal ID", "Deal Name", "Amount", "Contact Email"])
    for n in range(rows):
        sheet.append([f"D{n}", f"Deal {n}", n + 0.5, f"p{n}@shop.example"])
    book.save(path)


def memory(file: Path, rows: int) -> int:
    done = subprocess.run(
        [sys.executable, "-c", JUDGE, str(file), str(rows)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@pytest.mark.slow
@pytest.mark.parametrize("make", [csv_of, xlsx_of], ids=["csv", "xlsx"])
def test_memory_does_not_grow_with_the_rows(make: Callable[[Path, int], None], tmp_path: Path) -> None:
    used = []
    for rows in (SMALL, LARGE):
        directory = tmp_path / str(rows)
        directory.mkdir()
        make(directory / "file", rows)
        used.append(memory(directory / "file", rows))
    assert used[1] - used[0] < MOST_BYTES_A_ROW[make.__name__] * (LARGE - SMALL), used
