"""Identity over HTTP: what was consumed is looked up, what was decided is appended and takes effect."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.oracle.story import KEYS, Story
from wanamaker_identity.app import create_app
from wanamaker_identity.projection import IdentityProjection
from wanamaker_identity.settings import IdentitySettings
from wanamaker_shared.contracts import decisions
from wanamaker_shared.contracts.identifiers import email_key, profile_id
from wanamaker_shared.eventlog.embedded import EmbeddedLog
from wanamaker_shared.eventlog.port import Batch, LogUnavailable, NewRecord, StoredRecord
from wanamaker_shared.eventlog.runner import prepare_tables
from wanamaker_shared.service.database import Database, SqliteDatabase
from wanamaker_shared.service.keys import write_keys

KEY = KEYS["w1"]
ANN = f"email:{email_key(KEY, 'ann@example.com')}"
READER, ADMIN = {"Authorization": "Bearer reads"}, {"Authorization": "Bearer changes"}


@dataclass
class Served:
    client: httpx.AsyncClient
    database: Database
    log: EmbeddedLog
    projection: IdentityProjection

    async def take(self, story: Story) -> None:
        for topic, _, value in story.entries:
            await self._apply(topic, value)

    async def consume_decisions(self) -> list[Any]:
        """Take in what was appended to `decisions`; the records."""
        found = []
        for at, end in sorted((await self.log.end_positions([decisions.TOPIC])).items()):
            async for batch in self.log.read(*at, 0, end):
                for record in batch.records:
                    found.append(decisions.adapter.validate_json(record.value))
                    await self._apply(decisions.TOPIC, record.value)
        return found

    async def get(self, path: str, **params: Any) -> Any:
        answer = await self.client.get(path, params=params, headers=READER)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def _apply(self, topic: str, value: bytes) -> None:
        batch = Batch(topic, 0, 0, 1, (StoredRecord(0, "", value),))
        await self.database.write(lambda connection: self.projection.apply(connection, batch))


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    keys = {"workspace": "w1", "write_key": "a", "secret_key": "b", "analyst_key": "reads", "admin_key": "changes"}
    write_keys(tmp_path / "keys.json", {**keys, "workspace_key": KEY.hex(), "webhooks": {}})
    settings = IdentitySettings(data=tmp_path)
    projection = IdentityProjection(settings.keyring)
    database = SqliteDatabase(tmp_path / "g1.db")
    await prepare_tables(projection, database)
    log = EmbeddedLog(tmp_path / "log", process="identity-serve", partitions=2)
    app = create_app(settings, log=log, database=database, clock=lambda: 1_900_000_000)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://i") as client:
        yield Served(client, database, log, projection)


def a_person() -> Story:
    """Ann on two cookies, as a contact, and as a user of the owner's server."""
    story = Story()
    story.page("c0", "2026-01-01 10:00")
    story.form("c1", "2026-01-02 10:00", "ann@example.com")
    story.identify("c2", "2026-01-03 10:00", "ann@example.com", "u1", trust="server")
    story.contact("C1", "2026-01-04 10:00", emails=["ann@example.com"])
    return story


async def test_a_person_is_found_by_any_identifier_and_any_member_s_id(served: Served) -> None:
    await served.take(a_person())
    names = [ANN, "user:u1", "contact:generic/C1"]
    by_address = await served.get("/v1/profiles", identifier="email: Ann@Example.com")
    assert by_address["id"] == profile_id(KEY, ANN)
    assert [f"{each['kind']}:{each['id']}" for each in by_address["identifiers"]] == names
    assert [each["via"] for each in by_address["identifiers"]] == ["form", "identify", "contact.revised"]
    assert by_address["identifiers"][0]["since"] == "2026-01-02T10:00:00Z"
    for identifier in (*names, "cookie:c1", "cookie:c2"):
        assert await served.get("/v1/profiles", identifier=identifier) == by_address
    for member in (*names, "cookie:c1"):
        assert await served.get(f"/v1/profiles/{profile_id(KEY, member)}") == by_address


async def test_links_tell_their_cause(served: Served) -> None:
    await served.take(a_person())
    first, second = (await served.get("/v1/profiles", identifier=ANN))["links"]
    assert first == {
        "cookie": "c1",
        "identifier": ANN,
        "at": "2026-01-02T10:00:00Z",
        "source": "web",
        "event_id": "e02",
        "type": "form",
        "trust": "browser",
        "status": "active",
        "reason": None,
    }
    assert (second["cookie"], second["trust"], second["type"]) == ("c2", "server", "identify")


async def test_a_cookie_without_owner_is_a_profile(served: Served) -> None:
    await served.take(a_person())
    own = profile_id(KEY, "cookie:c0")
    expected: dict[str, Any] = {"id": own, "identifiers": [{"kind": "cookie", "id": "c0", "since": None, "via": None}]}
    expected |= {"links": [], "erasure": None, "next": None}
    assert await served.get("/v1/profiles", identifier="cookie:c0") == expected
    assert await served.get(f"/v1/profiles/{own}") == expected


async def test_a_cookie_is_whose_it_was_last(served: Served) -> None:
    story = Story()
    story.form("c1", "2026-01-02 10:00", "ann@example.com")
    story.form("c1", "2026-01-03 10:00", "bob@example.com")
    story.form("c1", "2026-01-02 12:00", "ann@example.com")
    await served.take(story)
    assert (await served.get("/v1/profiles", identifier="cookie:c1"))["id"] == profile_id(
        KEY, story.email("bob@example.com")
    )


async def test_links_come_in_pages(served: Served) -> None:
    story = Story()
    for minute in range(7):
        story.form(f"c{minute % 3}", f"2026-01-02 10:0{minute}", "ann@example.com", "u1", trust="server")
    await served.take(story)
    whole = (await served.get("/v1/profiles", identifier=ANN))["links"]
    paged, after = [], None
    for _ in range(4):
        page = await served.get("/v1/profiles", identifier=ANN, limit=2, **({"after": after} if after else {}))
        paged += page["links"]
        after = page["next"]
    assert after is None
    assert paged == whole
    assert len(whole) == 7


async def test_a_quarantined_link_names_its_limit(served: Served) -> None:
    story = Story()
    story.settings("2026-01-01 00:00", cookies_per_email=1, emails_per_cookie=1)
    story.form("c1", "2026-01-02 10:00", "ann@example.com")
    story.form("c2", "2026-01-03 10:00", "ann@example.com")
    story.form("c3", "2026-01-01 10:00", "ann@example.com")
    story.form("c3", "2026-01-01 11:00", "bob@example.com")
    await served.take(story)
    links = (await served.get("/v1/profiles", identifier=ANN))["links"]
    assert [(each["cookie"], each["status"], each["reason"]) for each in links] == [
        ("c3", "quarantined", "emails_per_cookie"),
        ("c1", "active", None),
        ("c2", "quarantined", "cookies_per_email"),
    ]


async def test_a_revoked_link_is_let_go_and_a_released_one_holds_again(served: Served) -> None:
    await served.take(a_person())
    body = {"a": "email:ann@example.com", "b": "cookie:c1", "reason": "a shared tablet"}
    answer = await served.client.post("/v1/links/revoke", json=body, headers=ADMIN)
    assert answer.status_code == 202
    (decision,) = await served.consume_decisions()
    assert decision.event_id == answer.json()["event_id"]
    assert (decision.type, decision.a, decision.b) == ("link.revoke", ANN, "cookie:c1")
    assert decision.personal.v == {"reason": "a shared tablet"}
    assert decision.occurred_at == 1_900_000_000_000_000
    links = (await served.get("/v1/profiles", identifier=ANN))["links"]
    assert [(each["cookie"], each["status"], each["reason"]) for each in links] == [
        ("c1", "revoked", "link.revoke"),
        ("c2", "active", None),
    ]
    assert (await served.get("/v1/profiles", identifier="cookie:c1"))["id"] == profile_id(KEY, "cookie:c1")

    story = Story()
    story.release("cookie:c1", ANN, "2040-01-01 00:00")
    await served.take(story)
    links = (await served.get("/v1/profiles", identifier="cookie:c1"))["links"]
    assert [(each["cookie"], each["status"], each["reason"]) for each in links] == [
        ("c1", "active", "link.release"),
        ("c2", "active", None),
    ]


async def test_an_e_mail_may_be_named_by_its_key_or_its_hash(served: Served) -> None:
    await served.take(a_person())
    sha = "b4c9a289323b21a01c3e940f150eb9b8c542587f1abfd8f0e1cc1ffc5e475514"  # of user@example.com
    for named, meant in ((ANN, ANN), (f"email:{sha}", f"email:{email_key(KEY, 'user@example.com')}")):
        answer = await served.client.post("/v1/links/revoke", json={"a": named, "b": "cookie:c1"}, headers=ADMIN)
        assert answer.json()["a"] == meant


@pytest.mark.parametrize(
    "identifier",
    [
        "ann@example.com",
        "email:",
        "email:ann",
        "email:test@example.com",
        "phone:1",
        "contact:C1",
        "contact:/C1",
        "user:null",
        "cookie:c\x001",
    ],
)
async def test_a_bad_identifier_is_a_problem_that_does_not_repeat_it(served: Served, identifier: str) -> None:
    answer = await served.client.get("/v1/profiles", params={"identifier": identifier}, headers=READER)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert identifier not in answer.text


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("cookie:c1", "cookie:c2"),
        ("cookie:c1", "contact:generic/C1"),
        ("email:ann@example.com", "email: ANN@example.com"),
        ("cookie:c1", "email:nobody"),
        ("cookie:c1", "user:u\x001"),
    ],
)
async def test_what_cannot_be_joined_cannot_be_decided_upon(served: Served, a: str, b: str) -> None:
    answer = await served.client.post("/v1/links/revoke", json={"a": a, "b": b}, headers=ADMIN)
    assert answer.status_code == 400
    assert await served.consume_decisions() == []


async def test_who_may_do_what(served: Served) -> None:
    pair = {"a": "cookie:c1", "b": "user:u1"}
    assert (await served.client.get("/v1/profiles/x")).status_code == 401
    assert (await served.client.get("/v1/profiles/x", headers={"Authorization": "Bearer b"})).status_code == 403
    assert (await served.client.post("/v1/links/revoke", json=pair, headers=READER)).status_code == 403
    assert (await served.client.delete("/v1/profiles/x", headers=READER)).status_code == 403
    assert (await served.client.get("/v1/profiles/x", headers=ADMIN)).status_code == 404


@pytest.mark.parametrize("after", ["x", "WzFd", "bm90IGpzb24", "é"])
async def test_a_cursor_that_is_none_is_a_problem(served: Served, after: str) -> None:
    await served.take(a_person())
    answer = await served.client.get("/v1/profiles", params={"identifier": ANN, "after": after}, headers=READER)
    assert answer.status_code == 400


async def test_a_log_that_cannot_take_it_is_503(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(records: list[NewRecord]) -> None:
        raise LogUnavailable("no room")

    monkeypatch.setattr(served.log, "append", refuse)
    body = {"a": "cookie:c1", "b": "user:u1"}
    answer = await served.client.post("/v1/links/release", json=body, headers=ADMIN)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


async def test_ready_and_described(served: Served) -> None:
    assert (await served.client.get("/readyz")).json() == {"status": "ready"}
    described = json.loads((await served.client.get("/openapi.json")).text)
    assert {"/v1/profiles", "/v1/profiles/{profile_id}", "/v1/links/revoke", "/v1/links/release"} <= set(
        described["paths"]
    )
