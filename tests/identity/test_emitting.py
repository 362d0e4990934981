"""What goes to identity-updates: whole values, only when they changed, with version, generation and cause."""

from __future__ import annotations

from tests.oracle.story import KEYS, Story
from wanamaker_shared.contracts.identifiers import profile_id
from wanamaker_shared.contracts.record import encode

from .harness import Kept


def story_of_ann() -> Story:
    story = Story()
    story.form("c1", "2026-01-02 10:00", "ann@example.com")
    return story


def test_a_form_emits_its_cookie_and_its_e_mail() -> None:
    story = story_of_ann()
    kept = Kept(KEYS, generation=3)
    kept.take(story.entries)
    ann = story.email("ann@example.com")
    at = story.entries[0][1].occurred_at
    resolved, linked = kept.updates()
    shared = {
        "workspace": "w1",
        "source": "identity",
        "sender": "",
        "revision": 0,
        "schema_version": 1,
        "generation": 3,
    }
    shared |= {"version": 1, "occurred_at": at, "received_at": at, "cause": '["w1","web","c1","e01"]'}
    person = {"type": "identifier.resolved", "identifier": ann, "event_id": f"{ann}@3.1", "since": at, "via": "form"}
    assert resolved == shared | person | {"profile": profile_id(KEYS["w1"], ann)}
    link = {"at": at, "source": "web", "event_id": "e01", "identifier": ann, "lead": True}
    assert linked == shared | {
        "type": "cookie.linked",
        "identifier": "cookie:c1",
        "event_id": "cookie:c1@3.1",
        "links": [link],
    }


def test_nothing_is_emitted_that_was_said_before() -> None:
    story = story_of_ann()
    kept = Kept(KEYS)
    kept.take(story.entries)
    said = kept.updates()
    story.page("c1", "2026-01-03 10:00")
    story.track("c1", "2026-01-03 10:01")
    story.form("c1", "2026-01-03 10:02")  # names nobody
    story.settings("2026-01-01 00:00", emails_per_cookie=9)
    story.release("cookie:c1", story.email("ann@example.com"), "2026-01-04 10:00")
    kept.take(story.entries)
    assert kept.updates() == said


def test_a_change_names_the_record_that_brought_it_and_counts_up() -> None:
    story = story_of_ann()
    kept = Kept(KEYS)
    kept.take(story.entries)
    story.revoke("cookie:c1", story.email("ann@example.com"), "2026-01-04 10:00")
    kept.take(story.entries[1:])
    linked = kept.updates()[-1]
    assert (linked["identifier"], linked["links"], linked["version"]) == ("cookie:c1", [], 2)
    assert linked["cause"] == '["w1","identity","","e02"]'
    assert linked["occurred_at"] == story.entries[1][1].occurred_at


def test_all_of_a_person_hear_of_an_earlier_member_and_of_what_brought_it() -> None:
    story = Story()
    story.contact("C1", "2026-01-05 10:00", emails=["ann@example.com"], users=["u1"])
    kept = Kept(KEYS)
    kept.take(story.entries)
    story.form("c1", "2026-01-02 10:00", "ann@example.com")
    kept.take(story.entries[1:])
    people = [update for update in kept.updates() if update["type"] == "identifier.resolved"][3:]
    assert {update["identifier"] for update in people} == {
        "contact:generic/C1",
        "user:u1",
        story.email("ann@example.com"),
    }
    assert {update["profile"] for update in people} == {story.profile(story.email("ann@example.com"))}
    assert {update["cause"] for update in people} == {'["w1","web","c1","e02"]'}


def test_what_one_person_lets_go_of_passes_on_from_person_to_person_with_what_brought_it() -> None:
    """Two identifiers a person: Ann's address leaves C1 for C2, so u1 leaves C2 for C3. No record touches u1 or C3."""
    story = Story()
    story.settings("2026-01-01 00:00", identifiers_per_person=2)
    story.contact("C1", "2026-01-01 10:00", emails=["ann@example.com"])
    story.contact("C2", "2026-01-02 10:00", emails=["ann@example.com"])
    story.contact("C2", "2026-01-03 10:00", users=["u1"])
    story.contact("C3", "2026-01-04 10:00", users=["u1"])
    kept = Kept(KEYS)
    kept.take(story.entries)
    before = len(kept.updates())
    story.contact("C1", "2026-01-05 10:00", emails=[])
    kept.take(story.entries[-1:])
    people = kept.updates()[before:]
    assert {update["cause"] for update in people} == {'["w1","generic","","e06"]'}
    passed = {update["identifier"]: update["profile"] for update in people}
    assert passed["contact:generic/C2"] == story.profile(story.email("ann@example.com"))
    assert passed["user:u1"] == passed["contact:generic/C3"] == story.profile("user:u1")


def test_an_identifier_that_no_record_names_any_more_has_no_profile() -> None:
    story = story_of_ann()
    kept = Kept(KEYS)
    kept.take(story.entries)
    topic, form, _ = story.entries[0]
    corrected = Story()
    corrected.page("c1", "2026-01-02 10:00")
    page = corrected.entries[0][1].model_copy(update={"revision": 1})
    assert page.identity == form.identity
    kept.take([(topic, page, encode(page))])
    latest = {update["identifier"]: update for update in kept.updates()}
    assert latest[story.email("ann@example.com")]["profile"] == ""
    assert latest["cookie:c1"]["links"] == []
    assert kept.rows("identifier") == []


def test_a_record_of_an_unknown_type_is_skipped_and_counted() -> None:
    story = story_of_ann()
    topic, form, value = story.entries[0]
    kept = Kept(KEYS)
    counts = kept.take([(topic, form, value.replace(b'"type":"form"', b'"type":"heatmap"')), (topic, form, value)])
    assert (counts.facts, counts.duplicates, counts.skipped) == (1, 0, 1)
