"""SQLite and PostgreSQL hold the same bytes after the same records, and answer the API's questions alike."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from tests.oracle.story import KEYS, Story
from wanamaker_identity.projection import IdentityProjection
from wanamaker_identity.repository import lookup
from wanamaker_identity.tables import metadata
from wanamaker_shared.contracts.identifiers import profile_id
from wanamaker_shared.eventlog.compare import lines
from wanamaker_shared.eventlog.port import Batch, StoredRecord
from wanamaker_shared.eventlog.runner import prepare_tables
from wanamaker_shared.service.database import Database, SqliteDatabase
from wanamaker_shared.service.postgres import PostgresDatabase

from .harness import Entry, keyring


def a_busy_workspace() -> list[Entry]:
    """All that the projection does: links, both limits, decisions, changing contacts, too large a component, replacements."""
    story = Story()
    story.settings("2026-01-01 00:00", cookies_per_email=2, emails_per_cookie=2, identifiers_per_person=3)
    for cookie in ("c1", "c2", "c3", "ć4"):
        story.page(cookie, "2026-01-01 10:00")
        story.form(cookie, "2026-01-02 10:00", "ann@example.com")
    for email in ("ann@example.com", "bob@example.com", "eve@example.com"):
        story.identify("kiosk", "2026-01-03 10:00", email)
    story.identify("s", "2026-01-03 11:00", "bob@example.com", "u1", trust="server")
    story.identify("s", "2026-01-03 10:30", user="u1", previous="u0", trust="server")
    for contact in ("C1", "C2", "C3", "C4"):
        story.contact(contact, "2026-01-04 10:00", emails=["ann@example.com"], users=["u1"])
    story.contact("C1", "2026-01-05 10:00", emails=["bob@example.com"])
    story.contact_merged("C2", "C5", "2026-01-06 10:00")
    story.deal("D1", "2026-01-06 11:00", ["C9"])
    story.revoke("cookie:c1", story.email("ann@example.com"), "2026-01-07 10:00")
    story.release("contact:generic/C4", story.email("ann@example.com"), "2026-01-07 11:00")
    again = [
        (topic, record, value.replace(b'"revision":0', b'"revision":1').replace(b'"type":"form"', b'"type":"track"'))
        for topic, record, value in story.entries[2:5]
    ]
    return [*story.entries, *again]


async def filled(database: Database, entries: list[Entry], size: int) -> Database:
    projection = IdentityProjection(keyring(KEYS))
    await prepare_tables(projection, database)
    for topic in projection.topics:
        values = [StoredRecord(n, "", value) for n, (of, _, value) in enumerate(entries) if of == topic]
        for start in range(0, len(values), size):
            batch = Batch(topic, 0, 0, size, tuple(values[start : start + size]))
            await database.write(partial(projection.apply, batch=batch))
    return database


def questions(connection: Connection) -> list[Any]:
    """All people and links, two links a page."""
    answers: list[Any] = [lookup.find_by_profile(connection, "w1", "\x00")]
    for identifier in (
        "cookie:c1",
        "cookie:c2",
        "cookie:kiosk",
        "cookie:ć4",
        "user:u1",
        "contact:generic/C3",
        "user:no",
    ):
        person = lookup.find_by_identifier(connection, "w1", identifier)
        found = lookup.find_by_profile(connection, "w1", profile_id(KEYS["w1"], identifier))
        assert (person is None) == (found is None)
        answers.append(person)
        after = None
        while person is not None:
            page = lookup.page_of_links(connection, "w1", person, after=after, limit=2)
            answers += [(tuple(each.link), each.tie, each.crowded) for each in page]
            if len(page) < 2:
                break
            after = lookup.place_of(page[-1].link)
    return answers


@pytest.mark.postgres
async def test_both_hold_and_answer_the_same(tmp_path: Path, postgres_url: str) -> None:
    entries = a_busy_workspace()
    sqlite = await filled(SqliteDatabase(tmp_path / "g1.db"), entries, 100)
    postgres = await filled(PostgresDatabase(postgres_url, "identity_g1"), list(reversed(entries)), 3)
    try:
        held = [
            await each.read(lambda c: [line.encode() for line in lines(c, metadata)]) for each in (sqlite, postgres)
        ]
        assert held[0] == held[1]
        assert len(held[0]) > 100
        answered = [await each.read(questions) for each in (sqlite, postgres)]
        assert answered[0] == answered[1]
    finally:
        await sqlite.close()
        await postgres.close()
