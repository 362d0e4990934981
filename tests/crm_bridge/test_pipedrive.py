"""Pipedrive: webhooks of both versions in any order, what is read from its API, and both together as one deal."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.crm_bridge.crms.bridge import Bridge, said
from tests.crm_bridge.crms.pipedrive import LOGIN, TOKEN, Pipedrive, basic
from tests.crm_bridge.signing import NOW
from wanamaker_crm_bridge.dialects.pipedrive import map_webhook
from wanamaker_crm_bridge.dialects.pipedrive_reading import map_reading
from wanamaker_crm_bridge.mapping import Context, Fetch, Webhook
from wanamaker_crm_bridge.readers.pipedrive import PipedriveReader
from wanamaker_shared.contracts.identifiers import linkable_email_key
from wanamaker_shared.eventlog.runner import run_until_caught_up

T = NOW - 86_400
"""A day before the tests' now, in seconds."""


@pytest.fixture
def pipedrive() -> Pipedrive:
    return Pipedrive()


@pytest.fixture
async def bridge(tmp_path: Path, pipedrive: Pipedrive) -> AsyncIterator[Bridge]:
    bridge = await Bridge(tmp_path, "pipedrive", LOGIN, {"api_token": TOKEN}, pipedrive.answer, "").open()
    yield bridge
    await bridge.close()


@pytest.fixture
async def deaf(tmp_path: Path, pipedrive: Pipedrive) -> AsyncIterator[Bridge]:
    """One that has no access to the API."""
    bridge = await Bridge(tmp_path, "pipedrive", LOGIN, {}, pipedrive.answer, "").open()
    yield bridge
    await bridge.close()


async def deliver(bridge: Bridge, *bodies: bytes) -> None:
    for body in bodies:
        answer = await bridge.client.post("/webhooks/pipedrive", content=body, headers=basic())
        assert answer.status_code == 200, answer.text


def won_deal(pipedrive: Pipedrive) -> None:
    pipedrive.create("organizations", 3, T, name="Example Ltd", website="https://www.Example.com/about")
    ann = [{"value": "Ann@Example.com", "primary": True, "label": "work"}]
    pipedrive.create("persons", 501, T, name="Ann Lee", first_name="Ann", last_name="Lee", emails=ann, org_id=3)
    pipedrive.create("deals", 9, T + 1.2, title="Big one", value=900, person_id=501, org_id=3)
    pipedrive.change("deals", 9, T + 3.1, value=1000.5)
    pipedrive.change("deals", 9, T + 3.4, stage_id=2)
    pipedrive.change("deals", 9, T + 5.9, status="won")


EXPECTED = {
    "status": "won",
    "pipeline": "1",
    "stage": "2",
    "amount": "1000.5",
    "currency": "EUR",
    "created_at": "2026-01-04T10:00:01Z",
    "closed_at": "2026-01-04T10:00:05Z",
    "company_id": "3",
    "contacts": ["501"],
}


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize("seed", range(5))
async def test_webhooks_alone_come_to_the_whole_deal_in_any_order(
    deaf: Bridge, pipedrive: Pipedrive, version: str, seed: int
) -> None:
    won_deal(pipedrive)
    bodies = pipedrive.deliveries(version) * 2
    random.Random(seed).shuffle(bodies)
    await deliver(deaf, *bodies)
    await deaf.settle()
    facts = await deaf.facts()
    assert said(facts, "deal", "9") == EXPECTED
    key = linkable_email_key(deaf.settings.keyring.hmac_key("default"), "ann@example.com")
    assert said(facts, "contact", "501") == {"email_keys": [key], "email_domains": ["example.com"], "company_id": "3"}
    assert said(facts, "company", "3") == {"name": "Example Ltd", "domain": "example.com"}
    assert len({fact.event_id for fact in facts}) == len(facts), "a statement is emitted once"
    assert (pipedrive.calls, await deaf.failures()) == ([], [])


async def test_what_the_webhook_left_out_is_read_from_the_api(bridge: Bridge, pipedrive: Pipedrive) -> None:
    won_deal(pipedrive)
    pipedrive.create("persons", 502, T, name="Bob", emails=[{"value": "bob@example.com", "primary": True}])
    pipedrive.create("persons", 503, T, name="Cy", emails=[])
    pipedrive.add_participant(9, 502, T + 7)
    pipedrive.add_participant(9, 503, T + 8)
    *_, last = pipedrive.deliveries()
    await deliver(bridge, last)
    await bridge.settle()
    facts = await bridge.facts()
    assert said(facts, "deal", "9") == EXPECTED | {"contacts": ["501", "502", "503"]}
    assert len(said(facts, "contact", "502")["email_keys"]) == 1
    assert said(facts, "contact", "503")["email_keys"] is None
    assert said(facts, "company", "3")["domain"] == "example.com"


async def test_merges_deletions_and_restored_deals(deaf: Bridge, pipedrive: Pipedrive) -> None:
    won_deal(pipedrive)
    pipedrive.create("deals", 10, T + 10, person_id=502)
    pipedrive.create("persons", 502, T + 10, name="Bob")
    pipedrive.create("deals", 11, T + 11)
    pipedrive.create("deals", 12, T + 12)
    pipedrive.merge("deals", 10, 9, T + 20)
    pipedrive.merge("persons", 502, 501, T + 21)
    pipedrive.delete("deals", 11, T + 22)
    pipedrive.delete("deals", 12, T + 23)
    pipedrive.restore(12, T + 24)
    pipedrive.delete("persons", 501, T + 25)
    await deliver(deaf, *reversed(pipedrive.deliveries()))
    await deaf.settle()
    facts = await deaf.facts()
    merged = {(f.type, f.from_id, f.into_id) for f in facts if f.type.endswith(".merged")}  # type: ignore[attr-defined]
    assert merged == {("deal.merged", "10", "9"), ("contact.merged", "502", "501")}
    gone = sorted((f.occurred_at, f.type, f.deal_id) for f in facts if f.type in ("deal.deleted", "deal.restored"))  # type: ignore[attr-defined]
    assert [(kind, deal) for _, kind, deal in gone] == [
        ("deal.deleted", "11"),
        ("deal.deleted", "12"),
        ("deal.restored", "12"),
    ]
    assert said(facts, "deal", "9") == EXPECTED
    assert await deaf.failures() == []


async def test_version_1_tells_deletions_and_restored_deals(deaf: Bridge, pipedrive: Pipedrive) -> None:
    pipedrive.create("deals", 12, T)
    pipedrive.delete("deals", 12, T + 1)
    pipedrive.restore(12, T + 2)
    pipedrive.delete("deals", 12, T + 3)
    await deliver(deaf, *pipedrive.deliveries("v1"))
    await deaf.settle()
    kinds = [fact.type for fact in sorted(await deaf.facts(), key=lambda fact: fact.order)]
    assert [kind for kind in kinds if kind != "deal.revised"] == ["deal.deleted", "deal.restored", "deal.deleted"]


@pytest.mark.parametrize("won_time", [None, "2026-01-04T10:00:05Z"])
async def test_a_deal_that_was_opened_again_is_not_closed(
    deaf: Bridge, pipedrive: Pipedrive, won_time: str | None
) -> None:
    """Also if Pipedrive still tells when it was won."""
    won_deal(pipedrive)
    pipedrive.change("deals", 9, T + 9, status="open", won_time=won_time)
    await deliver(deaf, *pipedrive.deliveries())
    await deaf.settle()
    assert said(await deaf.facts(), "deal", "9") == EXPECTED | {"status": "open", "closed_at": None}


@pytest.mark.parametrize("version", ["v1", "v2"])
async def test_without_the_api_a_deal_has_the_person_that_webhooks_name(
    deaf: Bridge, pipedrive: Pipedrive, version: str
) -> None:
    won_deal(pipedrive)
    pipedrive.change("deals", 9, T + 9, person_id=502)
    await deliver(deaf, *pipedrive.deliveries(version))
    await deaf.settle()
    assert said(await deaf.facts(), "deal", "9")["contacts"] == ["502"]
    pipedrive.change("deals", 9, T + 10, person_id=None)
    await deliver(deaf, *pipedrive.deliveries(version))
    await deaf.settle()
    assert said(await deaf.facts(), "deal", "9")["contacts"] == []


async def test_what_a_webhook_left_out_is_asked_two_seconds_later(bridge: Bridge, pipedrive: Pipedrive) -> None:
    won_deal(pipedrive)
    await deliver(bridge, *pipedrive.deliveries())
    await run_until_caught_up(bridge.projection, bridge.consume_log, bridge.database, "crm-bridge")
    for later, asked in ((0, False), (1.9, False), (0.2, True)):
        bridge.now += later
        assert bool(await bridge.ask()) is asked


async def test_what_has_nothing_to_say_is_skipped(deaf: Bridge, pipedrive: Pipedrive) -> None:
    meta = {
        "action": "create",
        "entity": "activity",
        "entity_id": "4",
        "company_id": "1",
        "timestamp": "2026-01-04T10:00:00Z",
    }
    await deliver(deaf, json.dumps({"meta": meta, "data": {"id": 4}, "previous": None}).encode())
    await deaf.settle()
    assert (await deaf.facts(), await deaf.failures()) == ([], [])


async def test_no_address_and_no_name_stands_outside_personal(bridge: Bridge, pipedrive: Pipedrive) -> None:
    won_deal(pipedrive)
    await deliver(bridge, *pipedrive.deliveries())
    await bridge.settle()
    for fact in await bridge.facts():
        shown = str(fact.model_dump(exclude={"personal"})).lower()
        assert not any(word in shown for word in ("ann", "lee", "big one"))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "body is not JSON"),
        (b"[]", "body must be an object"),
        (b"\xff", "body is not UTF-8"),
        (b"{}", "meta is missing"),
        (b'{"meta": {"entity": "deal"}}', "meta.entity_id is missing"),
        (b'{"meta": {"entity": "deal", "entity_id": 1, "company_id": 1}}', "meta.timestamp is missing"),
        (b'{"meta": {"object": "deal", "id": 1, "company_id": 1, "timestamp": 1}, "current": 7}', "current must be an"),
        (
            b'{"meta": {"object": "deal", "id": 1, "company_id": 1, "timestamp": 1}, "current": {"currency": "??"}}',
            "currency must be an ISO 4217 code",
        ),
    ],
)
async def test_what_cannot_be_read_is_a_failed_event_with_its_reason(deaf: Bridge, body: bytes, reason: str) -> None:
    await deliver(deaf, body)
    await deaf.settle()
    assert await deaf.facts() == []
    (said_reason,) = await deaf.failures()
    assert reason in said_reason


@pytest.mark.parametrize(
    "headers",
    [
        {},
        basic("pipedrive:wrong"),
        basic(""),
        {"authorization": "Basic %%%"},
        {"authorization": "Bearer x"},
        {"authorization": "Basic"},
        {"authorization": "\xff\xfe"},
    ],
)
async def test_who_does_not_know_the_password_is_refused(deaf: Bridge, headers: dict[str, str]) -> None:
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    answer = await deaf.client.post("/webhooks/pipedrive", content=b"{}", headers=raw)
    assert answer.status_code == 401


@pytest.mark.parametrize("version", ["v1", "v2", "api"])
async def test_a_field_of_ones_own_may_hold_the_websites_user_id(
    tmp_path: Path, pipedrive: Pipedrive, version: str
) -> None:
    toml = '[pipedrive]\nuser_id = "9dc80c50"'
    access = {"api_token": TOKEN} if version == "api" else {}
    bridge = await Bridge(tmp_path, "pipedrive", LOGIN, access, pipedrive.answer, toml).open()
    try:
        pipedrive.create("persons", 501, T, name="Ann", emails=[], custom_fields={"9dc80c50": "u-77", "other": 1})
        pipedrive.create("persons", 502, T, name="Bob", emails=[], custom_fields={"9dc80c50": None})
        if version == "api":
            await bridge.reconcile()
        else:
            await deliver(bridge, *pipedrive.deliveries(version))
            await bridge.settle()
        facts = await bridge.facts()
    finally:
        await bridge.close()
    assert said(facts, "contact", "501")["user_ids"] == ["u-77"]
    assert said(facts, "contact", "502")["user_ids"] is None


class TestOneSecond:
    """Pipedrive tells in whole seconds when an object changed; automations change it several times in one."""

    def twice(self, pipedrive: Pipedrive) -> list[bytes]:
        pipedrive.create("deals", 9, T + 1.1, value=1)
        pipedrive.change("deals", 9, T + 1.3, value=2)
        pipedrive.change("deals", 9, T + 1.5, value=3, status="won")
        return pipedrive.deliveries()

    @pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
    async def test_the_last_state_of_a_second_holds_in_whatever_order_they_come(
        self, deaf: Bridge, pipedrive: Pipedrive, order: tuple[int, ...]
    ) -> None:
        bodies = self.twice(pipedrive)
        await deliver(deaf, *(bodies[index] for index in order))
        await deaf.settle()
        assert said(await deaf.facts(), "deal", "9")["amount"] == "3"

    async def test_what_is_read_when_the_second_is_over_holds_against_its_webhooks(
        self, bridge: Bridge, pipedrive: Pipedrive
    ) -> None:
        first, *_ = self.twice(pipedrive)
        await deliver(bridge, first)
        await bridge.settle()
        assert said(await bridge.facts(), "deal", "9")["amount"] == "3"

    async def test_what_is_read_within_the_second_hides_no_webhook(self, bridge: Bridge, pipedrive: Pipedrive) -> None:
        """What was read may be old already when the next webhook comes."""
        hasty = PipedriveReader(bridge.apis, clock=lambda: T + 1.4)
        pipedrive.create("deals", 9, T + 1.1, value=1)
        reading = await hasty.fetch("default", "pipedrive", Fetch("q", "pipedrive-api", {"deals": "9"}))
        pipedrive.change("deals", 9, T + 1.5, value=2)
        *_, last = pipedrive.deliveries()
        context = Context(bytes(32), readable=True)
        facts = [
            *map_reading(Webhook("default", "pipedrive", "fetch:q", NOW * 1_000_000, reading), context).events,
            *map_webhook(Webhook("default", "pipedrive", "w", NOW * 1_000_000, last), context).events,
        ]
        assert said(facts, "deal", "9")["amount"] == "2"
