"""The demo as a person runs it: real processes, public endpoints. What the reports say is what the simulation made true."""

from __future__ import annotations

import re
from typing import Any

import pytest

from .running_demo import DAYS, Demo, wanamaker


def by_channel(report: Any, measure: str) -> dict[str, int]:
    return {row["channel"]: row[measure] for row in report["rows"] if row[measure]}


@pytest.mark.parametrize(("model", "known"), [("first_touch", "first_touch_minor"), ("last_touch", "last_touch_minor")])
def test_revenue_stands_where_the_simulation_earned_it(model: str, known: str, demo: Demo) -> None:
    earned = {channel: minor for channel, minor in getattr(demo.truth, known).items() if minor}
    assert by_channel(demo.reports[model], "revenue_minor") == earned


def test_sessions_are_the_visits_that_were_made(demo: Demo) -> None:
    assert by_channel(demo.reports["linear"], "sessions") == dict(demo.truth.sessions)


def test_spend_is_what_was_spent_in_each_post(demo: Demo) -> None:
    for post in ("attract", "convert", "close"):
        spent = {channel: posts[post] for channel, posts in demo.truth.spend_minor.items() if posts.get(post)}
        assert by_channel(demo.reports["linear"], f"spend_{post}_minor") == spent


def test_totals_are_the_truth(demo: Demo) -> None:
    totals, truth = demo.reports["linear"]["totals"], demo.truth
    assert totals["leads"] == truth.leads
    assert totals["opportunities"] == truth.opportunities
    assert totals["deals"] == truth.deals_won
    assert totals["revenue_minor"] == truth.revenue_minor


def test_it_prints_the_table_three_journeys_and_where_to_look(demo: Demo) -> None:
    assert all(channel in demo.printed for channel in demo.truth.sessions)
    assert re.search(rf"{demo.truth.wasteful} took \d+% of the money and brought \d% of the revenue", demo.printed)
    assert len(re.findall(r"^Deal \d+: [\d,.]+ EUR, won", demo.printed, re.MULTILINE)) == 3
    assert f"{demo.attribution}/docs" in demo.printed


def test_ctrl_c_stops_it_cleanly(demo: Demo) -> None:
    assert demo.exit_code == 0
    assert "was killed" not in demo.printed


def test_the_tables_are_what_the_log_says(demo: Demo) -> None:
    proved = wanamaker("verify", "--hash", data=demo.data)
    assert proved.returncode == 0, proved.stdout
    assert re.fullmatch(r"[0-9a-f]{64}\n", proved.stdout)


def test_every_record_is_accounted_for(demo: Demo) -> None:
    audited = wanamaker("audit", data=demo.data)
    assert audited.returncode == 0, audited.stdout
    assert "every record is accounted for" in audited.stdout


def test_a_second_run_shows_the_same_table(demo: Demo) -> None:
    """All of it comes again and counts as duplicates. Last here: it adds to the log."""
    again = wanamaker("demo", "--days", DAYS, data=demo.data)
    assert again.returncode == 0, again.stderr
    assert table_of(again.stdout) == table_of(demo.printed)
    assert wanamaker("verify", data=demo.data).returncode == 0


def table_of(printed: str) -> str:
    """From the table's title to the end of the last journey."""
    begins = printed.index("What each channel earned")
    return re.split(r"\n(?:To look around|Running until)", printed[begins:])[0]
