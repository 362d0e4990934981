"""Shared computers and shared addresses, with limits of 2.

kiosk    names ann, bob and cid: 3 e-mails > 2, all its links are quarantined: they own nothing and make no lead.
         Releasing kiosk-ann leaves bob and cid, 2 e-mails: nothing is quarantined any more.
info@    is named on c1, c2, c3 in that order: c3 is past the 2nd and quarantined. Released, c3
             comes first, then c1; c2 is out.
person   contact C1 states ann, ann2: C1-ann is joined (2 identifiers), C1-ann2 would make 3 > 2 and is not. Which pair comes
         first is decided by its first statement, here one record, so by the text of the identifiers.
"""

from __future__ import annotations

from tests.oracle import Tables
from tests.oracle.story import Story

from . import reading


def statuses(tables: Tables) -> dict[str, str]:
    return {event_id: row["status"] for (_, _, _, event_id), row in tables["links"].items()}


def test_a_cookie_with_too_many_emails_links_nobody() -> None:
    story = Story()
    story.settings("2026-01-01 00:00", emails_per_cookie=2)
    story.page("kiosk", "2026-01-01 10:00")
    for minute, name in enumerate(("ann", "bob", "cid")):
        story.form("kiosk", f"2026-01-01 10:0{minute}", email=f"{name}@example.com")
    tables = story.tables()
    assert set(statuses(tables).values()) == {"quarantined"}
    assert reading.owners(tables) == [None]
    assert reading.kinds(tables, "lead") == []
    assert len(tables["persons"]) == 3  # named all the same

    story.release("cookie:kiosk", story.email("ann@example.com"), "2026-01-02 10:00")
    tables = story.tables()
    assert set(statuses(tables).values()) == {"active"}
    assert reading.owners(tables) == [story.email("cid@example.com")]
    assert len(reading.kinds(tables, "lead")) == 3


def test_an_email_keeps_its_first_cookies_and_the_released_ones() -> None:
    story = Story()
    for cookie in ("c1", "c2", "c3"):
        story.form(cookie, f"2026-01-0{cookie[1]} 10:00", email="info@example.com")
    story.settings("2026-01-01 00:00", cookies_per_email=2)
    assert statuses(story.tables()) == {"e01": "active", "e02": "active", "e03": "quarantined"}
    story.release("cookie:c3", story.email("info@example.com"), "2026-01-05 10:00")
    assert statuses(story.tables()) == {"e01": "active", "e02": "quarantined", "e03": "active"}


def test_a_person_does_not_grow_beyond_the_limit() -> None:
    story = Story()
    story.settings("2026-01-01 00:00", identifiers_per_person=2)
    story.contact("C1", "2026-01-01 10:00", emails=["ann@example.com", "ann2@example.com"])
    first, second = sorted(story.email(f"{name}@example.com") for name in ("ann", "ann2"))
    profiles = {identifier: row["profile"] for (_, identifier), row in story.tables()["persons"].items()}
    assert profiles["contact:generic/C1"] == profiles[first] == story.profile("contact:generic/C1")
    assert profiles[second] == story.profile(second)

    story.release("contact:generic/C1", second, "2026-01-02 10:00")  # exempt and first: now the other is too many
    profiles = {identifier: row["profile"] for (_, identifier), row in story.tables()["persons"].items()}
    assert profiles["contact:generic/C1"] == profiles[second]
    assert profiles[first] == story.profile(first)
