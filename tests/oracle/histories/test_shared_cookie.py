"""Two people on one computer.

c1: 1 January google/cpc and ann's form in that visit; 3 January newsletter/email and bob's form; 5 January a direct visit
without a form. Ann's visit is hers, bob's his, and the last is bob's, whose link was the last before it. Ann's deal of 60.00
has one touchpoint; bob's of 40.01 has two: 2001 and 2000. Sharing a cookie joins nobody: two people, two leads.
"""

from __future__ import annotations

from tests.oracle.story import Story

from . import reading


def test_each_visit_belongs_to_whoever_was_there() -> None:
    story = Story()
    story.page("c1", "2026-01-01 10:00", "google/cpc")
    story.form("c1", "2026-01-01 10:10", email="ann@example.com")
    story.page("c1", "2026-01-03 10:00", "newsletter/email")
    story.form("c1", "2026-01-03 10:05", email="bob@example.com")
    story.page("c1", "2026-01-05 10:00")
    story.contact("C1", "2026-01-06 09:00", emails=["ann@example.com"])
    story.contact("C2", "2026-01-06 09:00", emails=["bob@example.com"])
    story.deal("D1", "2026-01-07 09:00", ["C1"], status="won", amount="60.00")
    story.deal("D2", "2026-01-07 09:00", ["C2"], status="won", amount="40.01")
    tables = story.tables()

    ann, bob = story.email("ann@example.com"), story.email("bob@example.com")
    assert reading.owners(tables) == [ann, bob, bob]
    assert reading.revenue(tables, "linear", "generic/D1") == [6000]
    assert reading.revenue(tables, "linear", "generic/D2") == [2001, 2000]
    assert reading.channels(tables, "deal", "generic/D2") == ["Email", "Direct"]
    assert reading.kinds(tables, "lead") == sorted([story.profile(ann), story.profile(bob)])
    assert tables["persons"]["w1", "contact:generic/C1"]["profile"] == story.profile(ann)
    assert tables["persons"]["w1", "contact:generic/C2"]["profile"] == story.profile(bob)
