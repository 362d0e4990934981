"""Requests to erase people: a CRM's and an admin's become decisions, stay pending, and show at whoever has the identifier."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.oracle.dedup import winners
from tests.oracle.story import Story, at
from wanamaker_identity import app, erasure_relay
from wanamaker_identity.erasing import decision_id
from wanamaker_identity.erasure_relay import relay_erasures, relaying_erasures
from wanamaker_identity.repository.erasures import undecided
from wanamaker_identity.settings import IdentitySettings
from wanamaker_shared.contracts import decisions
from wanamaker_shared.contracts.crm_events import ContactErased
from wanamaker_shared.contracts.decisions import PersonErase
from wanamaker_shared.contracts.identifiers import profile_id
from wanamaker_shared.eventlog.port import LogUnavailable

from .crowd import KEYS, crowds
from .harness import Entry, Kept
from .test_api import ADMIN, ANN, KEY, READER, Served, a_person, served

__all__ = ["served"]
C1 = "contact:generic/C1"


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests relay step by step; the task of `serve` would at moments of its own."""
    monkeypatch.setattr(app, "relaying_erasures", lambda *_: nullcontext())


def erased(contact: str = "C1", when: str = "2026-02-01 10:00") -> Story:
    story = Story()
    story.contact_erased(contact, when)
    return story


async def relayed(served: Served, said: Any = frozenset()) -> list[Any]:
    await relay_erasures(served.database, served.log, said)
    return await served.consume_decisions()


async def test_what_a_crm_erased_is_a_pending_erasure_of_the_person(served: Served) -> None:
    await served.take(a_person())
    assert (await served.get("/v1/profiles", identifier=ANN))["erasure"] is None
    await served.take(erased())
    (decision,) = await relayed(served)
    assert (decision.type, decision.identifier, decision.via) == ("person.erase", C1, "contact.erased")
    assert decision.occurred_at == at("2026-02-01 10:00")
    pending = {"status": "pending", "requested_at": "2026-02-01T10:00:00Z", "identifier": C1}
    for identifier in (ANN, C1, "user:u1", "cookie:c1"):
        assert (await served.get("/v1/profiles", identifier=identifier))["erasure"] == pending
    assert (await served.get("/v1/profiles", identifier="cookie:c0"))["erasure"] is None


async def test_a_decision_is_appended_once_and_has_the_same_bytes_again(served: Served) -> None:
    await served.take(erased())
    said = await relay_erasures(served.database, served.log, frozenset())
    assert await relay_erasures(served.database, served.log, said) == said, "not consumed yet"
    (first,) = await served.consume_decisions()
    assert await relay_erasures(served.database, served.log, said) == frozenset()
    assert len(await served.consume_decisions()) == 1
    assert first.event_id == decision_id("w1", "generic", "e01")


async def test_serve_relays_by_itself(served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasure_relay, "SECONDS", 0.0)
    monkeypatch.setattr(app, "relaying_erasures", relaying_erasures)
    await served.take(erased())
    another = app.create_app(IdentitySettings(data=tmp_path), log=served.log, database=served.database)
    async with asyncio.timeout(30), another.router.lifespan_context(another):
        while not (found := await served.consume_decisions()):  # noqa: ASYNC110  the log tells nobody of an append
            await asyncio.sleep(0)
    assert found[0].identifier == C1


async def test_what_goes_wrong_once_does_not_end_the_relaying(
    served: Served, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody would notice: `serve` answers on, and requests of CRMs to erase people would wait for its next start."""
    monkeypatch.setattr(erasure_relay, "SECONDS", 0.0)
    tried: list[None] = []

    def fails_first(connection: Any, *, limit: int) -> Any:
        tried.append(None)
        if len(tried) == 1:
            raise KeyError("ann@example.com")
        return undecided(connection, limit=limit)

    monkeypatch.setattr(erasure_relay, "undecided", fails_first)
    await served.take(erased())
    async with asyncio.timeout(30), relaying_erasures(served.database, served.log):
        while not await served.consume_decisions():  # noqa: ASYNC110  the log tells nobody of an append
            await asyncio.sleep(0)
    written = "".join(capsys.readouterr())
    assert written.count("erasures of CRMs were not relayed") == 1
    assert "ann@example.com" not in written


async def test_the_log_away_is_no_loss(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    await served.take(erased())

    async def refuse(records: object) -> None:
        raise LogUnavailable("away")

    with monkeypatch.context() as patch:
        patch.setattr(served.log, "append", refuse)
        with pytest.raises(LogUnavailable):
            await relay_erasures(served.database, served.log, frozenset())
    assert len(await relayed(served)) == 1


async def test_an_erasure_follows_the_person_through_merges(served: Served) -> None:
    story = a_person()
    story.contact("C2", "2026-01-05 10:00", emails=["bob@example.com"])
    await served.take(story)
    await served.take(erased("C2"))
    await relayed(served)
    assert (await served.get("/v1/profiles", identifier=ANN))["erasure"] is None
    merged = Story()
    merged.entries += story.entries
    merged.contact_merged("C2", "C1", "2026-03-01 10:00")
    await served.take(merged)
    assert (await served.get("/v1/profiles", identifier=ANN))["erasure"]["identifier"] == "contact:generic/C2"


async def test_an_admin_asks_to_erase_a_person(served: Served) -> None:
    await served.take(a_person())
    answer = await served.client.delete(f"/v1/profiles/{profile_id(KEY, 'user:u1')}", headers=ADMIN)
    assert answer.status_code == 202
    asked = answer.json()
    (decision,) = await served.consume_decisions()
    assert asked == {
        "status": "pending",
        "requested_at": "2030-03-17T17:46:40Z",
        "identifier": ANN,
        "event_id": decision.event_id,
    }
    assert (decision.identifier, decision.via) == (ANN, "api")
    assert (await served.get("/v1/profiles", identifier=C1))["erasure"]["identifier"] == ANN


async def test_a_browser_s_erasure_becomes_that_of_whom_it_belongs_to(served: Served) -> None:
    await served.take(a_person())
    own = profile_id(KEY, "cookie:c0")
    assert (await served.client.delete(f"/v1/profiles/{own}", headers=ADMIN)).json()["identifier"] == "cookie:c0"
    await served.consume_decisions()
    assert (await served.get(f"/v1/profiles/{own}"))["erasure"]["identifier"] == "cookie:c0"
    assert (await served.get("/v1/profiles", identifier=ANN))["erasure"] is None
    later = Story()
    later.entries += a_person().entries
    later.form("c0", "2026-01-09 10:00", "ann@example.com")
    await served.take(later)
    assert (await served.get("/v1/profiles", identifier=ANN))["erasure"]["identifier"] == "cookie:c0"
    later.form("c0", "2026-01-10 10:00", "bob@example.com")
    await served.take(later)
    assert (await served.get("/v1/profiles", identifier=ANN))["erasure"] is None
    assert (await served.get("/v1/profiles", identifier="cookie:c0"))["erasure"]["identifier"] == "cookie:c0"


async def test_nobody_is_not_erased(served: Served) -> None:
    answer = await served.client.delete("/v1/profiles/x", headers=ADMIN)
    assert answer.status_code == 404
    assert await served.consume_decisions() == []


async def test_erasures_are_listed_in_order_and_in_pages(served: Served) -> None:
    story = a_person()
    for day in (3, 1, 2):
        story.contact_erased(f"C{day}", f"2026-02-0{day} 10:00")
    await served.take(story)
    await relayed(served)
    listed = (await served.get("/v1/erasures"))["erasures"]
    assert [(each["identifier"], each["requested_at"][:10], each["profile"]) for each in listed] == [
        (C1, "2026-02-01", profile_id(KEY, ANN)),
        ("contact:generic/C2", "2026-02-02", None),
        ("contact:generic/C3", "2026-02-03", None),
    ]
    assert {(each["status"], each["via"]) for each in listed} == {("pending", "contact.erased")}
    pages: list[Any] = []
    after: dict[str, str] = {}
    while True:
        page = await served.get("/v1/erasures", limit=1, **after)
        pages += page["erasures"]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert pages == listed


@pytest.mark.parametrize("after", ["x", "WzFd", "bm90IGpzb24", "é", "WzE4NDQ2NzQ0MDczNzA5NTUxNjE1LCJhIiwiYiIsImMiXQ"])
async def test_a_cursor_that_is_none_is_a_problem(served: Served, after: str) -> None:
    for path, asked in (("/v1/erasures", {}), ("/v1/profiles", {"identifier": "cookie:c0"})):
        answer = await served.client.get(path, params={**asked, "after": after}, headers=READER)
        assert answer.status_code == 400


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(crowds(), st.data())
def test_what_waits_is_what_no_decision_says(told: list[Entry], data: st.DataObject) -> None:
    """Whatever came first."""
    with Kept(KEYS) as kept:
        kept.take(told, data.draw(st.lists(st.integers(0, len(told)))))
        waits, decided = kept.rows("erased_contact"), kept.rows("decision")
    counted = winners(told)
    said = {
        (each.source, each.sender, each.event_id)
        for each in counted
        if isinstance(each, decisions.Decision | PersonErase)
    }
    waiting = {
        decision_id(each.workspace, each.source, each.event_id): (each.occurred_at, each.received_at, each.contact_id)
        for each in counted
        if isinstance(each, ContactErased)
    }
    expected = {name: row for name, row in waiting.items() if ("identity", "", name) not in said}
    assert {
        row["decision"]: (row["at"], row["received_at"], row["identifier"].removeprefix("contact:crm/"))
        for row in waits
    } == expected
    erasing = {(each.identifier, each.via, each.occurred_at) for each in counted if isinstance(each, PersonErase)}
    assert {(row["identifier"], row["via"], row["at"]) for row in decided if row["identifier"] is not None} == erasing
