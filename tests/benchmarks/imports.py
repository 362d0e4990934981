"""How fast a spreadsheet of deals is judged and imported, beside what one would write in an afternoon: `csv` into SQLite alone.

`WANAMAKER_BENCH_ROWS` is how many rows the file has. Judging is one thread; importing is `serve` and `consume` in one process
here, which share a core, until every row is mapped.
"""

from __future__ import annotations

import asyncio
import csv
import os
import sqlite3
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.crm_bridge.importing import bridge
from wanamaker_crm_bridge.importing.judging import Counts, Watch, deliveries, judge, survey, write_deliveries
from wanamaker_crm_bridge.importing.opening import open_source
from wanamaker_crm_bridge.spreadsheet.options import Options
from wanamaker_shared.service.logs import configure

ROWS = 50_000
HEAD = [
    "Deal ID",
    "Deal Name",
    "Status",
    "Amount",
    "Currency",
    "Create Date",
    "Close Date",
    "Contact Email",
    "Lead Source",
]


def write_csv(path: Path, rows: int) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEAD)
        for n in range(rows):
            day = f"{n % 12 + 1:02d}/{n % 28 + 1:02d}/2025"
            amount = f"{n % 90_000 + 1_000:,}.{n % 100:02d}"
            writer.writerow(
                [f"D{n}", f"Deal {n}", "won", amount, "EUR", day, day, f"p{n}@shop.example", "Organic Search"]
            )


def write_xlsx(path: Path, rows: int) -> None:
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Deals")
    sheet.append(HEAD)
    for n in range(rows):
        day = f"2025-{n % 12 + 1:02d}-{n % 28 + 1:02d}"
        sheet.append([f"D{n}", f"Deal {n}", "won", n + 0.5, "EUR", day, day, f"p{n}@shop.example", "Organic Search"])
    book.save(path)


def naive(path: Path, directory: Path) -> float:
    """Rows a second: every cell as it stands, in one transaction, judged by nobody."""
    database = sqlite3.connect(directory / "naive.db")
    database.execute(f"CREATE TABLE deals ({', '.join(f'c{n} TEXT' for n in range(len(HEAD)))})")
    began = time.perf_counter()
    with path.open(newline="") as file, database:
        rows = csv.reader(file)
        next(rows)
        count = database.executemany(f"INSERT INTO deals VALUES ({', '.join('?' * len(HEAD))})", rows).rowcount
    seconds = time.perf_counter() - began
    database.close()
    return count / seconds


def judging(path: Path, directory: Path) -> float:
    """Rows a second of a dry run."""
    began = time.perf_counter()
    surveyed = survey(open_source(path, Options()), Options(), directory, Watch())
    counts = Counts()
    judged = judge(surveyed, directory, bytes(32), Watch(), counts)
    write_deliveries(directory / "out", deliveries(judged, surveyed, "i", 1))
    return counts.deals / (time.perf_counter() - began)


async def importing(path: Path, directory: Path, rows: int) -> float:
    """Rows a second from the request until the last is mapped."""
    async with bridge(directory) as here:
        began = time.perf_counter()
        state = await here.take_in(path.read_bytes())
        assert state["progress"]["rows_mapped"] == rows, state
        return rows / (time.perf_counter() - began)


def run() -> None:
    configure("benchmark", "error")
    rows = int(os.environ.get("WANAMAKER_BENCH_ROWS", ROWS))
    with TemporaryDirectory() as name:
        directory = Path(name)
        for kind, write in (("csv", write_csv), ("xlsx", write_xlsx)):
            work = directory / kind
            work.mkdir()
            write(work / "file", rows)
            if kind == "csv":
                print(f"csv into SQLite alone: {naive(work / 'file', work):,.0f} rows a second")
            print(f"{kind}, judged: {judging(work / 'file', work):,.0f} rows a second")
        speed = asyncio.run(importing(directory / "csv" / "file", directory, rows))
        print(f"csv, imported and mapped: {speed:,.0f} rows a second")
