"""More visits than a journey takes, and credit that halves each week.

Visits at 12:00 on 1, 8, 15 and 22 January, each from another newsletter; 70.00 won on 22 January 12:00 (the last visit
counts: ends are included). With a cap of 3 the journey is the first and the newest two: 1, 15, 22 January.

    time_decay   504, 168, 0 hours: weights 2^57, 2^59, 2^60 = 1 : 4 : 8 of 13; 7000/13 = 538.46 2153.85 4307.69
                 -> floors 538 2153 4307 make 6998; .85 and .69 get the two: 538 2154 4308
    linear       2333.33 each -> 2334 2333 2333

Without the cap: 2^57 2^58 2^59 2^60 = 1 : 2 : 4 : 8 of 15: 466.67 933.33 1866.67 3733.33 -> 467 933 1867 3733.
59 minutes earlier is the same whole hour; weights that decay to nothing stay 1.
"""

from __future__ import annotations

from tests.oracle.models import decayed
from tests.oracle.story import Story

from . import reading


def told(**settings: int) -> Story:
    story = Story()
    story.settings("2026-01-01 00:00", **settings)
    for day in ("01", "08", "15", "22"):
        story.page("c1", f"2026-01-{day} 12:00", f"letter-{day}/email")
    story.form("c1", "2026-01-23 12:00", email="ann@example.com")
    story.contact("C1", "2026-01-23 12:00", emails=["ann@example.com"])
    story.deal("D1", "2026-01-22 12:00", ["C1"], status="won", amount="70.00")
    return story


def test_the_first_and_the_newest_fill_the_cap() -> None:
    tables = told(journey_cap=3).tables()
    assert reading.revenue(tables, "time_decay") == [538, 2154, 4308]
    assert reading.revenue(tables, "linear") == [2334, 2333, 2333]
    assert [day for day, _ in reading.roi(tables, "linear", "touch", "deals")] == [
        "2026-01-01",
        "2026-01-15",
        "2026-01-22",
    ]


def test_without_the_cap_all_share() -> None:
    assert reading.revenue(told().tables(), "time_decay") == [467, 933, 1867, 3733]


def test_an_old_touchpoint_keeps_the_weight_of_one() -> None:
    story = told(look_back_days=0)
    story.page("c1", "2016-01-01 12:00", "ancient/email")
    tables = story.tables()
    assert len(reading.conversion(tables, "deal", "generic/D1")["journey"]) == 5
    assert reading.revenue(tables, "time_decay") == [0, 467, 933, 1867, 3733]


def test_the_table_of_weights() -> None:
    """2^60 · 2^(−k/168), exactly: W[0] = 2^60, W[84] = ⌊2^59.5⌋ = ⌊√(2^119)⌋."""
    assert decayed(0) == 2**60
    assert decayed(84) ** 2 <= 2**119 < (decayed(84) + 1) ** 2
    assert decayed(167) ** 168 <= 2 ** (60 * 168 - 167) < (decayed(167) + 1) ** 168
