"""Two deals turn out to be one.

ann (c1, google/cpc on 1 January) is the contact of D1 (100.00, won on 5 January), bob (c2, newsletter/email on 2 January)
that of D2 (70.00, won on 6 January), to which a refund of 10.01 dated 8 January belongs. D2 is merged into D1 on 9 January:
D2 counts nothing, D1 keeps its 100.00; bob is a contact of D1 and the refund is D1's.

    linear   10000 -> 5000 5000;   -1001 -> -(501 500)

A list of D1's contacts stated after the merge ({C1}) makes bob absent again; the refund stays: 10000 and -1001 on ann's visit.
"""

from __future__ import annotations

from tests.oracle.story import Story

from . import reading


def told() -> Story:
    story = Story()
    for cookie, utm, day, email, contact, deal, amount in (
        ("c1", "google/cpc", "01", "ann@example.com", "C1", "D1", "100.00"),
        ("c2", "newsletter/email", "02", "bob@example.com", "C2", "D2", "70.00"),
    ):
        story.page(cookie, f"2026-01-{day} 10:00", utm)
        story.form(cookie, f"2026-01-{day} 10:10", email=email)
        story.contact(contact, "2026-01-03 09:00", emails=[email])
        story.deal(deal, "2026-01-04 09:00", [contact], status="open", amount=amount)
    story.deal("D1", "2026-01-05 09:00", status="won")
    story.deal("D2", "2026-01-06 09:00", status="won")
    story.adjustment("R1", "D2", "-10.01", "2026-01-08T09:00:00Z", "2026-01-08 09:00")
    return story


def test_the_merged_deals_contacts_and_adjustments_pass_on() -> None:
    story = told()
    assert reading.kinds(story.tables(), "deal") == ["generic/D1", "generic/D2"]
    story.deal_merged("D2", "D1", "2026-01-09 09:00")
    tables = story.tables()
    assert list(tables["deals"]) == [("w1", "generic", "D1")]
    assert tables["deals"]["w1", "generic", "D1"]["contacts"] == ["C1", "C2"]
    credit = tables["credits"]["w1", "deal", "generic/D1", "linear"]
    assert (credit["revenue"], credit["adjustments"]) == ([5000, 5000], {"R1": [-501, -500]})


def test_a_later_list_of_contacts_holds_against_the_merge() -> None:
    story = told()
    story.deal_merged("D2", "D1", "2026-01-09 09:00")
    story.deal("D1", "2026-01-10 09:00", ["C1"])
    credit = story.tables()["credits"]["w1", "deal", "generic/D1", "linear"]
    assert (credit["revenue"], credit["adjustments"]) == ([10000], {"R1": [-1001]})


def test_a_merge_that_closes_a_circle_is_ignored() -> None:
    story = told()
    story.deal_merged("D2", "D1", "2026-01-09 09:00")
    once = story.tables()
    story.deal_merged("D1", "D2", "2026-01-10 09:00")
    story.deal_merged("D1", "D1", "2026-01-10 10:00")
    assert story.tables() == once


def test_a_deleted_deal_counts_nothing_until_restored() -> None:
    story = told()
    before = story.tables()
    story.deal_deleted("D1", "2026-01-09 09:00")
    assert reading.kinds(story.tables(), "opportunity") == ["generic/D2"]
    story.deal_restored("D1", "2026-01-10 09:00")
    assert story.tables() == before
