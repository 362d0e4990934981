"""However many rows a file has, judging it takes little more memory: what 10,000 more cost in each pass, measured."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

EARLY, LATE = 10_000, 20_000
"""By the first, what is cached of single words and dates is full."""
MOST_BYTES_A_ROW = {"csv_of": 60, "xlsx_of": 100}
"""Measured: up to 10 and 20. A million rows of CSV take less than 60 MB more than none; a sheet ends at 1,048,576 rows."""
MOST_OBJECTS_A_ROW = 0.05
"""Measured: none."""

JUDGE = """
import gc, json, sys
from pathlib import Path
from wanamaker_crm_bridge.importing.judging import Counts, Watch, deliveries, judge, survey, write_deliveries
from wanamaker_crm_bridge.importing.opening import open_source
from wanamaker_crm_bridge.spreadsheet.options import Options

def look(rows):
    if rows in at:
        gc.collect()
        resident = Path("/proc/self/status").read_text().partition("VmRSS:")[2].split()[0]
        seen.append([rows, int(resident) * 1024, sys.getallocatedblocks()])

file, at, seen = Path(sys.argv[1]), [int(sys.argv[2]), int(sys.argv[3])], []
surveyed = survey(open_source(file, Options()), Options(), file.parent, Watch(tell=look))
counts = Counts()
rows = judge(surveyed, file.parent, bytes(32), Watch(tell=look), counts)
write_deliveries(file.parent / "out", deliveries(rows, surveyed, "i", 1))
assert counts.deals == at[1], counts
print(json.dumps(seen))
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


@pytest.mark.slow
@pytest.mark.parametrize("make", [csv_of, xlsx_of], ids=["csv", "xlsx"])
def test_memory_does_not_grow_with_the_rows(make: Callable[[Path, int], None], tmp_path: Path) -> None:
    make(tmp_path / "file", LATE)
    done = subprocess.run(
        [sys.executable, "-c", JUDGE, str(tmp_path / "file"), str(EARLY), str(LATE)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    looks = json.loads(done.stdout)
    assert [rows for rows, _, _ in looks] == [EARLY, LATE, EARLY, LATE]
    for early, late in (looks[:2], looks[2:]):
        assert late[1] - early[1] < MOST_BYTES_A_ROW[make.__name__] * (LATE - EARLY), looks
        assert late[2] - early[2] < MOST_OBJECTS_A_ROW * (LATE - EARLY), looks
