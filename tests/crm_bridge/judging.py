"""A spreadsheet judged without a service: its reading, its rows and the records they become."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wanamaker_crm_bridge.dialects.spreadsheet import map_rows
from wanamaker_crm_bridge.importing.judging import Counts, Judged, Watch, deliveries, judge, survey
from wanamaker_crm_bridge.importing.opening import open_source
from wanamaker_crm_bridge.importing.running import told
from wanamaker_crm_bridge.mapping import Context, Failure, Webhook
from wanamaker_crm_bridge.spreadsheet.options import read_options

KEY = bytes(range(32))
BEGUN = 1_769_900_000_000_000
"""2026-01-31T22:53:20Z"""


@dataclass(frozen=True, slots=True)
class Outcome:
    reading: dict[str, Any]
    judged: list[Judged]
    counts: Counts
    events: list[Any]
    failures: list[Failure]

    def reasons(self, line: int) -> tuple[str, ...]:
        (found,) = [each.reasons for each in self.judged if each.placed.line == line]
        return found

    def verdicts(self) -> dict[int, str]:
        return {each.placed.line: each.verdict for each in self.judged}


def judged(body: bytes | str, directory: Path, *, connection: str = "spreadsheet", **stated: str) -> Outcome:
    """Raises Refused."""
    options = read_options({"connection": connection, **stated})
    file = directory / "file"
    file.write_bytes(body.encode() if isinstance(body, str) else body)
    watch, counts = Watch(), Counts()
    surveyed = survey(open_source(file, options), options, directory, watch)
    rows = list(judge(surveyed, directory, KEY, watch, counts))
    for each in rows:
        counts.add(each.verdict)
    events: list[Any] = []
    failures: list[Failure] = []
    for delivery_id, _, content in deliveries(iter(rows), surveyed, "i" * 32, BEGUN):
        mapped = map_rows(Webhook("default", connection, delivery_id, BEGUN, content), Context(KEY))
        events += mapped.events
        failures += mapped.failures
    (directory / "seen.db").unlink()
    return Outcome(told(surveyed, options), rows, counts, events, failures)
