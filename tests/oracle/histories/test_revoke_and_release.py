"""A wrong link is taken back, and put back.

c1: 1 January google/cpc with ann's form, 3 January newsletter/email with bob's form. Ann's deal of 50.00, bob's of 50.01.
    as it came            ann 5000 on Paid Search; bob 5001 on Email
    c1-ann revoked        the first visit falls to the first active link after it, bob's: ann's deal is unattributed and
                          she is no lead; bob's deal has both visits: 2501 2500
    c1-bob revoked too    nobody's: both deals unattributed
    both released         as it came
"""

from __future__ import annotations

from tests.oracle.story import Story

from . import reading


def told() -> Story:
    story = Story()
    story.page("c1", "2026-01-01 10:00", "google/cpc")
    story.form("c1", "2026-01-01 10:10", email="ann@example.com")
    story.page("c1", "2026-01-03 10:00", "newsletter/email")
    story.form("c1", "2026-01-03 10:10", email="bob@example.com")
    story.contact("C1", "2026-01-04 09:00", emails=["ann@example.com"])
    story.contact("C2", "2026-01-04 09:00", emails=["bob@example.com"])
    story.deal("D1", "2026-01-05 09:00", ["C1"], status="won", amount="50.00")
    story.deal("D2", "2026-01-05 09:00", ["C2"], status="won", amount="50.01")
    return story


def test_a_revoked_link_owns_nothing_and_makes_no_lead() -> None:
    story = told()
    ann, bob = story.email("ann@example.com"), story.email("bob@example.com")
    story.revoke(ann, "cookie:c1", "2026-01-06 09:00")  # a pair has no direction
    tables = story.tables()
    assert reading.owners(tables) == [bob, bob]
    assert reading.kinds(tables, "lead") == [story.profile(bob)]
    assert reading.conversion(tables, "deal", "generic/D1")["journey"] == []
    assert reading.revenue(tables, "linear", "generic/D2") == [2501, 2500]
    assert tables["links"]["w1", "c1", "web", "e02"]["status"] == "revoked"

    story.revoke("cookie:c1", bob, "2026-01-06 10:00")
    tables = story.tables()
    assert reading.owners(tables) == [None, None]
    assert reading.roi(tables, "linear", "conversion", "revenue_minor") == {("2026-01-05", "(unattributed)"): 10001}
    assert reading.kinds(tables, "lead") == []


def test_a_decision_holds_for_later_statements_too() -> None:
    story = told()
    story.revoke("cookie:c1", story.email("ann@example.com"), "2026-01-06 09:00")
    story.form("c1", "2026-01-09 10:00", email="ann@example.com")
    assert [row["status"] for row in story.tables()["links"].values()] == ["revoked", "active", "revoked"]


def test_released_it_is_as_if_never_revoked() -> None:
    story = told()
    before = story.tables()
    for identifier in (story.email("ann@example.com"), story.email("bob@example.com")):
        story.revoke("cookie:c1", identifier, "2026-01-06 09:00")
        story.release("cookie:c1", identifier, "2026-01-06 11:00")
    assert story.tables() == before
    assert reading.revenue(before, "linear", "generic/D1") == [5000]
    assert reading.revenue(before, "linear", "generic/D2") == [5001]
