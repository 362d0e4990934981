"""Reconciling Pipedrive: what no webhook told is found, what one told is no news, and the API's limits are kept."""

from __future__ import annotations

import httpx
import orjson
import pytest

from tests.crm_bridge.crms.bridge import ADMIN, Bridge, said
from tests.crm_bridge.crms.pipedrive import Pipedrive, iso
from tests.crm_bridge.signing import NOW
from tests.crm_bridge.test_pipedrive import EXPECTED, T, bridge, deliver, pipedrive, won_deal
from wanamaker_crm_bridge.dialects.pipedrive import map_webhook
from wanamaker_crm_bridge.dialects.pipedrive_reading import map_reading
from wanamaker_crm_bridge.mapping import Context, Mapped, Webhook
from wanamaker_shared.contracts.crm_events import CrmEvent, DealDeleted, DealRestored

__all__ = ["bridge", "pipedrive"]


@pytest.mark.parametrize("version", ["v1", "v2"])
async def test_what_webhooks_told_is_no_news(bridge: Bridge, pipedrive: Pipedrive, version: str) -> None:
    won_deal(pipedrive)
    await deliver(bridge, *pipedrive.deliveries(version))
    await bridge.settle()
    before = await bridge.facts()
    found = await bridge.reconcile(iso(T - 60))
    assert (found["state"], found["lists_read"], found["missed"], found["news"]) == ("done", 5, 0, [])
    assert await bridge.facts() == before, "readings after webhooks said it already"


async def test_what_no_webhook_told_is_found_and_named(bridge: Bridge, pipedrive: Pipedrive) -> None:
    won_deal(pipedrive)
    await deliver(bridge, *pipedrive.deliveries())
    await bridge.settle()
    pipedrive.change("deals", 9, T + 60, value=1500)
    pipedrive.outgoing.clear()
    found = await bridge.reconcile(iso(T + 10))
    assert [(each["about"], each["at"]) for each in found["news"]] == [("deal:9", "2026-01-04T10:01:00.999999Z")]
    assert said(await bridge.facts(), "deal", "9") == EXPECTED | {"amount": "1500"}


async def test_an_object_that_changed_in_what_we_do_not_read_is_no_news(bridge: Bridge, pipedrive: Pipedrive) -> None:
    won_deal(pipedrive)
    await deliver(bridge, *pipedrive.deliveries())
    await bridge.settle()
    pipedrive.change("deals", 9, T + 60, probability=50)
    pipedrive.outgoing.clear()
    assert (await bridge.reconcile(iso(T + 10)))["missed"] == 0


async def test_a_deal_won_once_more_as_before_is_news(bridge: Bridge, pipedrive: Pipedrive) -> None:
    won_deal(pipedrive)
    pipedrive.change("deals", 9, T + 9, status="lost")
    pipedrive.change("deals", 9, T + 10, status="lost", stage_id=2)
    await deliver(bridge, *pipedrive.deliveries())
    await bridge.settle()
    pipedrive.change("deals", 9, T + 60, status="won")
    pipedrive.change("deals", 9, T + 70, status="lost")
    pipedrive.outgoing.clear()
    assert (await bridge.reconcile(iso(T + 20)))["missed"] == 1


async def test_the_first_run_reads_everything_page_by_page(bridge: Bridge, pipedrive: Pipedrive) -> None:
    won_deal(pipedrive)
    for number in range(250):
        pipedrive.create("deals", 1000 + number, T, value=number, status="won", won_time=iso(T))
    pipedrive.create("deals", 5, T, is_archived=True, status="lost")
    pipedrive.create("deals", 6, T)
    pipedrive.delete("deals", 6, T + 5)
    pipedrive.participants[1003] = [501]
    found = await bridge.reconcile()
    assert (found["state"], found["pages"]) == ("done", 7)
    facts = await bridge.facts()
    assert said(facts, "deal", "9") == EXPECTED
    assert [said(facts, "deal", str(1000 + number))["amount"] for number in range(250)] == [str(n) for n in range(250)]
    assert said(facts, "deal", "1003")["contacts"] == ["501"]
    assert said(facts, "deal", "5")["status"] == "lost"
    assert [fact.deal_id for fact in facts if fact.type == "deal.deleted"] == ["6"]  # type: ignore[attr-defined]
    assert len(said(facts, "contact", "501")["email_keys"]) == 1
    again = await bridge.reconcile(iso(0))
    assert (again["missed"], await bridge.facts()) == (0, facts)


async def test_a_deletion_told_twice_is_one(bridge: Bridge, pipedrive: Pipedrive) -> None:
    won_deal(pipedrive)
    pipedrive.delete("deals", 9, T + 8.4)
    await deliver(bridge, *pipedrive.deliveries())
    await bridge.settle()
    assert (await bridge.reconcile(iso(T + 8)))["missed"] == 0


async def test_a_deal_that_was_merged_away_is_no_news_among_the_deleted(bridge: Bridge, pipedrive: Pipedrive) -> None:
    won_deal(pipedrive)
    pipedrive.create("deals", 10, T + 6)
    pipedrive.merge("deals", 10, 9, T + 8)
    await deliver(bridge, *pipedrive.deliveries())
    await bridge.settle()
    assert (await bridge.reconcile(iso(T + 7)))["missed"] == 0
    merges = [(fact.from_id, fact.into_id) for fact in await bridge.facts() if fact.type == "deal.merged"]  # type: ignore[attr-defined]
    assert set(merges) == {("10", "9")}


async def test_a_deletion_that_nobody_told(bridge: Bridge, pipedrive: Pipedrive) -> None:
    won_deal(pipedrive)
    await deliver(bridge, *pipedrive.deliveries())
    await bridge.settle()
    pipedrive.delete("deals", 9, T + 8)
    found = await bridge.reconcile(iso(T + 8))
    assert [each["what"] for each in found["news"]] == ["deal.deleted"]


def is_deleted(facts: list[CrmEvent], deal: str) -> bool:
    """As attribution reads it: the latest that was said."""
    said = [fact for fact in facts if isinstance(fact, DealDeleted | DealRestored) and fact.deal_id == deal]
    return isinstance(max(said, key=lambda fact: fact.order), DealDeleted)


async def test_a_restored_deal_that_nobody_told_of_counts_again(bridge: Bridge, pipedrive: Pipedrive) -> None:
    won_deal(pipedrive)
    pipedrive.delete("deals", 9, T + 8.4)
    await deliver(bridge, *pipedrive.deliveries())
    await bridge.settle()
    assert is_deleted(await bridge.facts(), "9")
    pipedrive.restore(9, T + 9.2)
    pipedrive.outgoing.clear()
    await bridge.reconcile(iso(T + 8))
    assert not is_deleted(await bridge.facts(), "9")


def test_a_deal_deleted_within_the_second_of_its_change_stays_deleted() -> None:
    """What was read of it says that it was there when it changed, and no more."""
    deal = {"id": 9, "update_time": iso(T), "status": "open"}
    there = reading(orjson.dumps({"company": 1, "read": (T + 9) * 1_000_000, "deals": [deal]}))
    meta = {"action": "delete", "entity": "deal", "entity_id": 9, "company_id": 1, "timestamp": f"{iso(T)[:-1]}.001Z"}
    body = orjson.dumps({"meta": meta, "data": None, "previous": deal})
    gone = map_webhook(Webhook("default", "pipedrive", "w", NOW * 1_000_000, body), Context(bytes(32), readable=True))
    assert is_deleted([*there.events, *gone.events], "9")


async def test_one_deal_with_too_many_people_stops_no_list(bridge: Bridge, pipedrive: Pipedrive) -> None:
    """A page that fails as a whole would end its list, and the run would never be done."""
    won_deal(pipedrive)
    for number in range(150):
        pipedrive.create("deals", 1000 + number, T, value=number)
    pipedrive.participants[9] = [*range(10_000, 11_200)]
    found = await bridge.reconcile()
    assert found["state"] == "done"
    facts = await bridge.facts()
    assert len(said(facts, "deal", "9")["contacts"]) == 1201
    assert said(facts, "deal", "1149")["amount"] == "149"


def test_a_page_that_cannot_be_read_is_told_and_the_next_one_follows() -> None:
    asked = {"run": "r", "list": "deals", "since": "0", "after": ""}
    body = orjson.dumps(
        {"company": 1, "read": 1, "asked": asked, "next": "c2", "participants": [{"deal": 9}], "deals": 7}
    )
    mapped = reading(body)
    assert [failure.item for failure in mapped.failures] == ["answer"]
    assert (mapped.run, [fetch.parameters["after"] for fetch in mapped.fetches]) == ("r", ["c2"])


def test_what_failed_midway_is_not_taken_for_said() -> None:
    """A reading that comes after it was mended is news then."""
    deal = {"id": 9, "update_time": iso(T), "status": "open", "person_id": []}
    mapped = reading(orjson.dumps({"company": 1, "read": 1, "deals": [deal]}))
    assert (mapped.events, mapped.standing, len(mapped.failures)) == ((), {}, 1)


def reading(body: bytes) -> Mapped:
    return map_reading(
        Webhook("default", "pipedrive", "fetch:q", NOW * 1_000_000, body), Context(bytes(32), readable=True)
    )


@pytest.mark.parametrize("fault", [429, 500, 503, httpx.ConnectError("refused")])
async def test_what_passes_by_itself_is_waited_for(
    bridge: Bridge, pipedrive: Pipedrive, fault: int | Exception
) -> None:
    won_deal(pipedrive)
    pipedrive.faults.pending = [fault, fault, fault]
    found = await bridge.reconcile()
    assert (found["state"], found["failed"]) == ("done", None)
    assert said(await bridge.facts(), "deal", "9")["amount"] == "1000.5"


async def test_a_budget_that_is_used_up_is_waited_for_and_nobody_is_pestered(
    bridge: Bridge, pipedrive: Pipedrive
) -> None:
    """Pipedrive answers 429 until the next day, and shuts out who goes on asking."""
    won_deal(pipedrive)
    pipedrive.faults.pending = [429] * 4
    headers = {"authorization": f"Bearer {ADMIN}"}
    started = (await bridge.client.post("/v1/reconcile/pipedrive", headers=headers)).json()
    bridge.now = int(started["run"]) / 1_000_000
    await bridge.settle()
    assert pipedrive.faults.asked == 4, "five lists, and one of them asked four times"
    pipedrive.faults.pending.extend([429] * 4 * 20)
    for _ in range(20):
        bridge.now += 601
        await bridge.settle()
    assert pipedrive.faults.asked == 4 * 21
    found = (await bridge.client.get(f"/v1/reconcile/pipedrive/{started['run']}", headers=headers)).json()
    assert (found["state"], found["failed"]) == ("reading", None)
    bridge.now += 601
    await bridge.settle()
    found = (await bridge.client.get(f"/v1/reconcile/pipedrive/{started['run']}", headers=headers)).json()
    assert found["state"] == "done"
    assert said(await bridge.facts(), "deal", "9") == EXPECTED
