"""`wanamaker audit` at the front door: what was accepted adds up, is in the log, and is missed where it is not."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from wanamaker_shared.contracts import tallies, web_events
from wanamaker_shared.contracts.record import encode
from wanamaker_shared.contracts.tallies import FrontDoorTallied
from wanamaker_shared.eventlog.embedded import EmbeddedLog
from wanamaker_shared.eventlog.port import NewRecord
from wanamaker_standalone.__main__ import app
from wanamaker_standalone.front_door import FrontDoor, front_door_faults


@pytest.fixture(autouse=True)
def embedded(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WANAMAKER_KAFKA", "WANAMAKER_DATABASE", "WANAMAKER_DATA"):
        monkeypatch.delenv(name, raising=False)


def audit(data: Path) -> Result:
    return CliRunner().invoke(app, ["audit", "--data", str(data)])


def tally(event_id: str, **numbers: int) -> NewRecord:
    record = FrontDoorTallied(
        workspace="default", source="collector", event_id=event_id, occurred_at=1, received_at=1, **numbers
    )
    return NewRecord(tallies.TOPIC, tallies.key("default"), encode(record))


def events(count: int) -> list[NewRecord]:
    return [NewRecord(web_events.TOPIC, f"default/c{n}", b"{}") for n in range(count)]


def failures(count: int) -> list[NewRecord]:
    return [NewRecord("failed-events", "default/collector", b"{}")] * count


def append(data: Path, *batches: list[NewRecord]) -> None:
    async def run() -> None:
        log = EmbeddedLog(data / "log", "collector-serve", partitions=1)
        for batch in batches:
            await log.append(batch)
        await log.close()

    asyncio.run(run())


def door_of(printed: str) -> list[str]:
    row = next(line for line in printed.splitlines() if re.match(r"│ web-events", line))
    return [cell.strip() for cell in row.strip("│ ").split("│")]


def test_what_was_accepted_is_shown_by_what_became_of_it(tmp_path: Path) -> None:
    append(tmp_path, events(9), failures(2))
    one, two = (
        tally("t1", accepted=6, stored=4, declined=1, failed=1),
        tally("t2", accepted=3, stored=2, failed=1, replayed=1),
    )
    append(tmp_path, [one, two, one])  # one was appended again by a collector that did not hear of it
    answer = audit(tmp_path)
    assert answer.exit_code == 0, answer.output
    #                                        accepted stored declined failed again untallied log
    assert door_of(answer.stdout) == ["web-events", "9", "6", "1", "2", "1", "2", "9"]


def test_a_record_that_was_dropped_by_hand_is_missed(tmp_path: Path) -> None:
    append(tmp_path, events(2), events(1), [tally("t1", accepted=3, stored=3)])
    assert audit(tmp_path).exit_code == 0
    with sqlite3.connect(tmp_path / "log" / "web-events.db") as file:
        file.execute("DELETE FROM block WHERE first = (SELECT max(first) FROM block)")
    file.close()
    answer = audit(tmp_path)
    assert answer.exit_code == 1
    assert "front door: 3 stored + 0 sent in again = 3, but web-events has 2 records" in answer.stdout


@pytest.mark.parametrize(
    ("numbers", "why"),
    [
        ({}, None),
        ({"stored": 3}, "accepted 9 events, but 3 stored + 2 declined + 3 failed = 8"),
        ({"declined": 3}, "= 10"),
        ({"in_log": 4}, "4 stored + 1 sent in again = 5, but web-events has 4 records"),
        ({"failed_in_log": 2}, "3 failed, but failed-events had 2 records"),
        ({"in_log": 50, "failed_in_log": 50}, None),
    ],
    ids=["sound", "one lost", "one too many", "not in the log", "no failed event", "not tallied yet"],
)
def test_the_front_doors_numbers_must_add_up(numbers: dict[str, int], why: str | None) -> None:
    sound = {"accepted": 9, "stored": 4, "declined": 2, "failed": 3, "replayed": 1, "in_log": 5, "failed_in_log": 3}
    found = list(front_door_faults(FrontDoor(**{**sound, **numbers})))
    if why is None:
        assert found == []
    else:
        (line,) = found
        assert line.startswith("front door: ")
        assert why in line
