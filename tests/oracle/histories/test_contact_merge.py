"""Two contacts turn out to be one person.

c1: google/cpc on 1 January and ann's form; c2: newsletter/email on 2 January and the form of anna@work. C1 has ann's address
and deal D1 (30.00, won on 5 January); C2 has anna's and D2 (20.01, won on 6 January). Merged, the person is ann's (her address
was named first): one lead (1 January), one customer (D1 was first), and both journeys have both visits: 1500 1500; 2001 is
1001 1000.
Revoking the merged pair takes them apart again.
"""

from __future__ import annotations

from tests.oracle.story import Story, at

from . import reading


def told() -> Story:
    story = Story()
    story.page("c1", "2026-01-01 10:00", "google/cpc")
    story.form("c1", "2026-01-01 10:10", email="ann@example.com")
    story.page("c2", "2026-01-02 10:00", "newsletter/email")
    story.form("c2", "2026-01-02 10:10", email="anna@work.test")
    story.contact("C1", "2026-01-03 09:00", emails=["ann@example.com"], lifecycle="mql")
    story.contact("C2", "2026-01-03 09:00", emails=["anna@work.test"], lifecycle="sql")
    story.deal("D1", "2026-01-05 09:00", ["C1"], status="won", amount="30.00")
    story.deal("D2", "2026-01-06 09:00", ["C2"], status="won", amount="20.01")
    return story


def test_before_the_merge_there_are_two_people() -> None:
    story = told()
    tables = story.tables()
    ann, anna = (story.profile(story.email(address)) for address in ("ann@example.com", "anna@work.test"))
    assert reading.kinds(tables, "lead") == sorted([ann, anna])
    assert reading.kinds(tables, "mql") == sorted([ann, anna])
    assert reading.kinds(tables, "sql") == [anna]
    assert reading.kinds(tables, "customer") == sorted([f"person:{ann}", f"person:{anna}"])
    assert reading.revenue(tables, "linear", "generic/D2") == [2001]


def test_merged_they_are_one_person_with_one_journey() -> None:
    story = told()
    story.contact_merged("C2", "C1", "2026-01-09 09:00")
    tables = story.tables()
    ann = story.profile(story.email("ann@example.com"))
    assert {row["profile"] for row in tables["persons"].values()} == {ann}
    assert reading.kinds(tables, "lead") == reading.kinds(tables, "sql") == [ann]
    assert reading.conversion(tables, "lead", ann)["at"] == at("2026-01-01 10:10")
    assert reading.conversion(tables, "customer", f"person:{ann}")["deal"] == "generic/D1"
    assert reading.kinds(tables, "customer") == [f"person:{ann}"]
    assert reading.revenue(tables, "linear", "generic/D1") == [1500, 1500]
    assert reading.revenue(tables, "linear", "generic/D2") == [1001, 1000]


def test_revoked_they_are_two_again() -> None:
    story = told()
    before = story.tables()
    story.contact_merged("C2", "C1", "2026-01-09 09:00")
    story.revoke("contact:generic/C1", "contact:generic/C2", "2026-01-10 09:00")
    assert story.tables() == before
