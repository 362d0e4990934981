"""A list of deals into a running Wanamaker: both processes killed in the middle, mended, and in the report to the cent."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.house import running_house
from tests.standalone.running_demo import WANAMAKER, clean, wanamaker
from tests.standalone.running_up import wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

ROWS = 8_000
"""Sixteen deliveries: a second of mapping, in one transaction or two."""
DEALS = 400
MONTH = {"from_": "2026-01-01", "to": "2026-01-31"}
HEAD = "Auftrags-Nr.;Bezeichnung;Status;Betrag;Angelegt am;Gewonnen am;E-Mail\n"
FILE = HEAD + "".join(
    f"A{n};Auftrag {n};{'gewonnen' if n % 2 else 'offen'};{n},50 €;{n % 28 + 1:02d}.01.2026;"
    f"{'' if n % 2 == 0 else f'{n % 28 + 1:02d}.01.2026'};kunde{n}@shop.example\n"
    for n in (row % DEALS for row in range(ROWS))
)
BAD = "A-bad;Auftrag;gewonnen;viel;01.01.2026;15.01.2026;anna@shop.example\n"


def visit(client: httpx.Client, collector: str, key: str) -> None:
    page = {
        "type": "page",
        "messageId": "m1",
        "anonymousId": "c1",
        "timestamp": "2026-01-08T10:00:00Z",
        "context": {"page": {"url": "https://shop.test/?utm_source=google&utm_medium=cpc"}},
    }
    form = {
        "type": "identify",
        "messageId": "m2",
        "anonymousId": "c1",
        "userId": "u1",
        "timestamp": "2026-01-08T10:05:00Z",
        "traits": {"email": "anna@shop.example"},
    }
    answer = client.post(f"{collector}/v1/batch", json={"batch": [page, form]}, auth=(key, ""))
    assert answer.json()["accepted"] == 2, answer.text


def test_a_list_of_deals_is_in_the_report_to_the_cent(tmp_path: Path) -> None:
    data, file = tmp_path / "data", tmp_path / "deals.csv"
    data.mkdir()
    file.write_text(FILE + BAD)
    with running_house(data, []) as house:
        doors = house.doors["default"]
        visit(house.client, doors.collector, doors.keys["secret_key"])
        admin = {"authorization": f"Bearer {doors.keys['admin_key']}"}

        def newest() -> Any:
            found = house.client.get(f"{doors.crm_bridge}/v1/imports", headers=admin).json()["imports"]
            return found[0] if found else {"progress": {"rows_mapped": 0}, "state": "none"}

        children = house.up.children()
        consume, serve = children["crm-bridge-consume"], children["crm-bridge-serve"]
        os.kill(consume, signal.SIGSTOP)
        sending = subprocess.Popen(
            [WANAMAKER, "import", "deals", "--data", str(data), "--yes", str(file)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=clean(),
        )
        wait_for(lambda: newest()["state"] == "importing" or None)
        before = worked(consume)
        os.kill(consume, signal.SIGCONT)
        wait_for(lambda: worked(consume) > before + 0.1 or None)  # it is mapping
        os.kill(consume, signal.SIGSTOP)
        known = newest()
        assert (known["state"], known["progress"]["rows_mapped"] < ROWS) == ("importing", True)
        os.kill(consume, signal.SIGKILL)
        os.kill(serve, signal.SIGKILL)
        sending.terminate()
        sending.wait()
        wait_for(lambda: until_up(house.client, doors.crm_bridge))
        assert newest()["state"] == "interrupted"

        done = wanamaker("import", "deals", "--data", data, "--yes", file)
        assert done.returncode == 1, done.stdout + done.stderr
        assert f"{ROWS:,} rows imported" in done.stdout
        assert f"line {ROWS + 2:,}: bad: amount" in done.stdout
        house.settle()

        (line,) = wanamaker("failed", "--data", data, "--raw", "--reason", f"line {ROWS + 2}").stdout.splitlines()
        mended = wanamaker(
            "failed", "--data", data, "edit", json.loads(line)["event_id"], "--set", "row.amount=1000.25"
        )
        assert mended.returncode == 0, mended.stdout + mended.stderr
        house.settle()

        totals = house.report("default", "/v1/roi", model="linear", group_by="channel", **MONTH)
        revenue = {row["channel"]: row["revenue_minor"] for row in totals["rows"]}
        assert revenue["Paid Search"] == 100_025
        assert sum(revenue.values()) == sum(n * 100 + 50 for n in range(1, DEALS, 2)) + 100_025
        deal = house.report("default", "/v1/deals/A-bad")["deal"]
        assert (deal["status"], deal["amount"], deal["currency"]) == ("won", "1000.25", "EUR")

        again = house.client.post(f"{doors.crm_bridge}/v1/imports/deals", content=file.read_bytes(), headers=admin)
        assert (again.json()["id"], again.json()["state"]) == (known["id"], "done")
        assert wanamaker("audit", "--data", data).returncode == 0
    assert wanamaker("verify", "--data", data).returncode == 0


def worked(pid: int) -> float:
    """Seconds of computing that a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def until_up(client: httpx.Client, bridge: str) -> bool | None:
    try:
        return client.get(f"{bridge}/readyz").status_code == 200 or None
    except httpx.HTTPError:
        return None
