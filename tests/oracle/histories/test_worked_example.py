"""From an ad to 100.01 EUR.

c1 arrives on 1 January by google/cpc (Paid Search), on 5 January by newsletter/email (Email), on 8 January directly and
submits a form as ann. Deal D1 with ann's contact is created on 10 January and won on 20 January 12:00 with 100.01 EUR.

    linear          10001 / 3 = 3333.67 each: floors 3333, two cents left, both remainders tie: 3334 3334 3333
    position_based  4000.4 2000.2 4000.4: floors make 10000, the cent left goes to .4, the earlier: 4001 2000 4000
    time_decay      458, 362, 290 whole hours before = 2 half-lives and 122 h, 2 and 26 h, 1 and 122 h;
                    2^(-458/168) = 0.151135, 2^(-362/168) = 0.224587, 2^(-290/168) = 0.302270, sum 0.677992;
                    10001 x shares = 2229.39 3312.87 4458.74: floors 2229 3312 4458, two left to .87 and .74: 2229 3313 4459
    w_shaped        F = 1st, L and O = 3rd, the other 10: 3000.3 1000.1 6000.6 -> 3000 1000 6001
    full_path       F = 1st, L, O and C = 3rd: 2250.225 1000.1 6750.675 -> 2250 1000 6751

1 January 10:00 to 20 January 12:00 is 19 d 2 h = 1,648,800 s to close.
"""

from __future__ import annotations

import pytest

from tests.oracle.story import Story, at

from . import reading


def told() -> Story:
    story = Story()
    story.page("c1", "2026-01-01 10:00", "google/cpc/brand", url="shop.test/offer")
    story.page("c1", "2026-01-05 10:00", "newsletter/email")
    story.page("c1", "2026-01-08 10:00")
    story.form("c1", "2026-01-08 10:05", email="ann@example.com")
    story.contact("C1", "2026-01-10 09:00", emails=["ann@example.com"])
    story.deal("D1", "2026-01-10 09:00", ["C1"], status="open", created_at="2026-01-10T09:00:00Z")
    won_at = "2026-01-20T12:00:00Z"
    story.deal("D1", "2026-01-20 12:00", status="won", closed_at=won_at, amount="100.01", currency="EUR")
    return story


@pytest.mark.parametrize(
    ("model", "parts"),
    [
        ("first_touch", [10001, 0, 0]),
        ("last_touch", [0, 0, 10001]),
        ("last_non_direct", [0, 10001, 0]),
        ("linear", [3334, 3334, 3333]),
        ("position_based", [4001, 2000, 4000]),
        ("time_decay", [2229, 3313, 4459]),
        ("w_shaped", [3000, 1000, 6001]),
        ("full_path", [2250, 1000, 6751]),
    ],
)
def test_every_model_to_the_cent(model: str, parts: list[int]) -> None:
    tables = told().tables()
    assert reading.channels(tables, "deal", "generic/D1") == ["Paid Search", "Email", "Direct"]
    assert reading.revenue(tables, model) == parts


def test_counts_stand_on_their_days() -> None:
    tables = told().tables()
    ann = told().profile(told().email("ann@example.com"))
    assert reading.kinds(tables, "lead") == [ann]
    assert reading.kinds(tables, "customer") == [f"person:{ann}"]
    assert reading.roi(tables, "linear", "touch", "deals") == {
        ("2026-01-01", "Paid Search"): 333_334,
        ("2026-01-05", "Email"): 333_333,
        ("2026-01-08", "Direct"): 333_333,
    }
    assert reading.roi(tables, "last_touch", "conversion", "leads") == {("2026-01-08", "Direct"): 1_000_000}
    assert reading.roi(tables, "last_touch", "conversion", "opportunities") == {("2026-01-10", "Direct"): 1_000_000}
    assert reading.roi(tables, "first_touch", "conversion", "close_seconds") == {
        ("2026-01-20", "Paid Search"): 1_000_000 * 1_648_800
    }


def test_the_first_touchpoint_reads_as_it_came() -> None:
    tables = told().tables()
    first = min(tables["touchpoints"].values(), key=lambda row: row["start_at"])
    assert first == {
        "cookie": "c1",
        "start_at": at("2026-01-01 10:00"),
        "end_at": at("2026-01-01 10:00"),
        "day": "2026-01-01",
        "channel": "Paid Search",
        "source": "google",
        "medium": "cpc",
        "campaign": "brand",
        "term": "(not set)",
        "content": "(not set)",
        "landing_page": "shop.test/offer",
        "original_source": "Paid search",
        "owner": told().email("ann@example.com"),
        "owned_by": "e04",
    }


def test_the_order_of_arrival_changes_nothing() -> None:
    story = told()
    tables = story.tables()
    story.entries.reverse()  # the deal before the form, the form before the visits
    assert story.tables() == tables
