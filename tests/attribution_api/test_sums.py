"""Sums that the database makes are exact, also past what 64 bits hold."""

from __future__ import annotations

from sqlalchemy import create_engine, insert

from wanamaker_attribution.reports.question import Question
from wanamaker_attribution.reports.table import fold
from wanamaker_attribution.repository.roi import read_facts
from wanamaker_attribution.tables import CREDIT_MEASURES, metadata, roi_credit

SECONDS = 4_611_686_018_427_387_901


def test_the_time_to_close_of_many_deals_fits() -> None:
    """Four rows of almost 2^62 would overflow a plain SUM."""
    rows = [
        {
            "workspace": "w1",
            "model": "linear",
            "basis": "touch",
            "day": f"2026-01-0{day}",
            **dict.fromkeys(("channel", "source", "medium", "campaign"), "x"),
            **dict.fromkeys(CREDIT_MEASURES, 1),
            "close_seconds": SECONDS,
        }
        for day in range(1, 5)
    ]
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        metadata.create_all(connection)
        connection.execute(insert(roi_credit), rows)
        question = Question(("linear",), "touch")
        table = fold(read_facts(connection, "w1", question), question)
    engine.dispose()
    ((_, total),) = table.totals
    assert total.close_seconds == 4 * SECONDS
    assert total.leads == 4
