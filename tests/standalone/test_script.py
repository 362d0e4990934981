"""The demo remembers what it was, so that a second run shows the same table."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from wanamaker_shared.contracts import web_events
from wanamaker_shared.eventlog.embedded import EmbeddedLog
from wanamaker_shared.eventlog.port import NewRecord
from wanamaker_standalone.demo.script import Script, require_no_other_data, script_of
from wanamaker_standalone.refusal import Refusal

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)


def test_the_last_day_stays_that_of_the_first_run(tmp_path: Path) -> None:
    assert script_of(tmp_path, 1, 90, MONDAY) == Script(1, 90, MONDAY)
    assert script_of(tmp_path, 1, 90, TUESDAY) == Script(1, 90, MONDAY)


def test_another_demo_in_the_same_directory_is_refused(tmp_path: Path) -> None:
    script_of(tmp_path, 1, 90, MONDAY)
    with pytest.raises(Refusal, match="--seed 1 --days 90"):
        script_of(tmp_path, 2, 90, MONDAY)


def test_a_damaged_note_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "demo.json").write_text("[]")
    with pytest.raises(Refusal, match=r"demo\.json cannot be read"):
        script_of(tmp_path, 1, 90, MONDAY)


async def test_a_directory_with_ones_own_events_is_refused(tmp_path: Path) -> None:
    await require_no_other_data(tmp_path)
    log = EmbeddedLog(tmp_path / "log", "collector-serve")
    await require_no_other_data(tmp_path)
    await log.append([NewRecord(web_events.TOPIC, "default/c1", b"{}")])
    await log.close()
    with pytest.raises(Refusal, match="holds other data"):
        await require_no_other_data(tmp_path)
    script_of(tmp_path, 1, 90, MONDAY)
    await require_no_other_data(tmp_path)
