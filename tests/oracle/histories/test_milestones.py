"""Milestones that stand apart, together, or not at all; 100.00 each time, visits at 12:00 on 1, 2, 3, … January.

    five visits; form in the 2nd's session, created on the 3rd at 13:00, won on the 5th at 13:00
        w_shaped    F 1st, L 2nd, O 3rd, 30 each; the 4th and 5th share 10:         3000 3000 3000 500 500
        full_path   and C 5th, 22.5 each; the 4th has the 10:                       2250 2250 2250 1000 2250
    the same without a form, known by a later one                                   (L has not happened by the conversion)
        w_shaped    F, O 45 each; three others share 10 (333.33):                   4500 334 4500 333 333
        full_path   F, O, C 30 each; the 2nd and 4th share 10:                      3000 500 3000 500 3000
    created before the first visit                                                  (O has no touchpoint)
        w_shaped    F, L 45 each:                                                   4500 4500 334 333 333
    one visit                                                                       10000
    two visits, form in the 1st, created after the 2nd
        w_shaped    F, L 1st; O 2nd; no others: 100/3 each: 6666.67 3333.33         6667 3333
        full_path   F, L 1st; O, C 2nd; 25 each:                                    5000 5000

A lead has no deal, so no O: form in the 2nd of two visits: F 1st; L and, for full_path, C 2nd: w_shaped 500,000 micro each,
full_path 333,333 and 666,667.
"""

from __future__ import annotations

import pytest

from tests.oracle.story import Story

from . import reading


def told(visits: int, form: str, created: str, won: str) -> Story:
    story = Story()
    for day in range(1, visits + 1):
        story.page("c1", f"2026-01-0{day} 12:00", f"letter-{day}/email")
    story.form("c1", f"2026-01-{form}", email="ann@example.com")
    story.contact("C1", "2026-01-20 12:00", emails=["ann@example.com"])
    story.deal("D1", "2026-01-20 12:00", ["C1"], status="open", amount="100.00", created_at=f"{created}Z")
    story.deal("D1", "2026-01-20 12:01", status="won", closed_at=f"2026-01-{won}:00Z")
    return story


@pytest.mark.parametrize(
    ("visits", "form", "created", "won", "w_shaped", "full_path"),
    [
        pytest.param(
            *(5, "02 12:10", "2026-01-03T13:00:00", "05T13:00"),
            *([3000, 3000, 3000, 500, 500], [2250, 2250, 2250, 1000, 2250]),
            id="all milestones apart",
        ),
        pytest.param(
            *(5, "19 12:10", "2026-01-03T13:00:00", "05T13:00"),
            *([4500, 334, 4500, 333, 333], [3000, 500, 3000, 500, 3000]),
            id="no lead by the conversion",
        ),
        pytest.param(
            *(5, "02 12:10", "2025-12-01T13:00:00", "05T13:00"),
            *([4500, 4500, 334, 333, 333], [3000, 3000, 500, 500, 3000]),
            id="created before the first visit",
        ),
        pytest.param(1, "01 12:10", "2026-01-03T13:00:00", "05T13:00", [10000], [10000], id="one visit"),
        pytest.param(
            *(2, "01 12:10", "2026-01-03T13:00:00", "05T13:00"),
            *([6667, 3333], [5000, 5000]),
            id="milestones on one visit",
        ),
    ],
)
def test_milestones(visits: int, form: str, created: str, won: str, w_shaped: list[int], full_path: list[int]) -> None:
    tables = told(visits, form, created, won).tables()
    assert reading.revenue(tables, "w_shaped") == w_shaped
    assert reading.revenue(tables, "full_path") == full_path


def test_a_lead_has_no_opportunity_milestone() -> None:
    story = told(2, "02 12:10", "2026-01-01T13:00:00", "05T13:00")
    tables = story.tables()
    ann = story.profile(story.email("ann@example.com"))
    assert tables["credits"]["w1", "lead", ann, "w_shaped"]["micro"] == [500_000, 500_000]
    assert tables["credits"]["w1", "lead", ann, "full_path"]["micro"] == [333_333, 666_667]
