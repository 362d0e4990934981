"""Reconciling Zoho CRM: what no notification led to is found, converted leads and deleted deals among it."""

from __future__ import annotations

from tests.crm_bridge.crms.bridge import Bridge, said
from tests.crm_bridge.crms.zoho import Zoho, local
from tests.crm_bridge.test_reconcile_pipedrive import is_deleted
from tests.crm_bridge.test_zoho import EXPECTED, T, bridge, deliver, won_deal, zoho

__all__ = ["bridge", "zoho"]


async def test_what_notifications_led_to_is_no_news(bridge: Bridge, zoho: Zoho) -> None:
    won_deal(zoho)
    await deliver(bridge, *zoho.deliveries())
    await bridge.settle()
    before = await bridge.facts()
    found = await bridge.reconcile(local(T - 60))
    assert (found["state"], found["lists_read"], found["missed"], found["news"]) == ("done", 5, 0, [])
    assert await bridge.facts() == before


async def test_what_no_notification_told_is_found_and_named(bridge: Bridge, zoho: Zoho) -> None:
    won_deal(zoho)
    await deliver(bridge, *zoho.deliveries())
    await bridge.settle()
    zoho.change("Deals", "9", T + 60, Stage="Closed Lost")
    found = await bridge.reconcile(local(T + 10))
    assert [(each["about"], each["what"]) for each in found["news"]] == [
        ("deal:9", "deal.revised amount, company_id, created_at, currency, original_source, pipeline, stage"),
        ("deal:9", "deal.revised closed_at, stage_means"),
    ]
    expected = EXPECTED | {"stage": "Closed Lost", "stage_means": {"Closed Lost": "lost"}, "closed_at": None}
    assert said(await bridge.facts(), "deal", "9") == expected


async def test_the_first_run_reads_everything_page_by_page(bridge: Bridge, zoho: Zoho) -> None:
    won_deal(zoho)
    for number in range(250):
        zoho.create("Deals", str(1000 + number), T, Stage="Closed Won", Amount=number)
    for number in range(5):
        zoho.create("Deals", str(5000 + number), T)
        zoho.delete("Deals", str(5000 + number), T + 5)
    found = await bridge.reconcile()
    assert (found["state"], found["pages"]) == ("done", 9)
    facts = await bridge.facts()
    assert said(facts, "deal", "9") == EXPECTED
    assert [said(facts, "deal", str(1000 + number))["amount"] for number in range(250)] == [str(n) for n in range(250)]
    deleted = sorted(fact.deal_id for fact in facts if fact.type == "deal.deleted")  # type: ignore[attr-defined]
    assert deleted == [str(5000 + number) for number in range(5)]
    again = await bridge.reconcile(local(0))
    assert (again["missed"], await bridge.facts()) == (0, facts)


async def test_a_run_in_which_nothing_changed_is_done(bridge: Bridge, zoho: Zoho) -> None:
    won_deal(zoho)
    found = await bridge.reconcile(local(T + 3600))
    assert (found["state"], found["statements"]) == ("done", 0)


async def test_a_lead_that_was_converted_is_its_contact(bridge: Bridge, zoho: Zoho) -> None:
    won_deal(zoho)
    zoho.create("Leads", "700", T, Email="ann@example.com", Lead_Status="Contacted", Full_Name="Ann L")
    await deliver(bridge, *zoho.deliveries())
    await bridge.settle()
    assert said(await bridge.facts(), "contact", "700")["lifecycle_stage"] == "Contacted"
    zoho.convert("700", "501", T + 20)
    found = await bridge.reconcile(local(T + 10))
    assert "contact.merged" in [each["what"] for each in found["news"]]
    await deliver(bridge, *zoho.deliveries())
    await bridge.settle()
    merges = [fact for fact in await bridge.facts() if fact.type == "contact.merged"]
    assert [(each.from_id, each.into_id) for each in merges] == [("700", "501")]  # type: ignore[attr-defined]


async def test_a_deletion_told_twice_is_no_news(bridge: Bridge, zoho: Zoho) -> None:
    """The notification has the time when it was sent, the list the time of the deletion."""
    won_deal(zoho)
    zoho.delete("Deals", "9", T + 8)
    zoho.delete("Contacts", "502", T + 9)
    await deliver(bridge, *zoho.deliveries())
    await bridge.settle()
    assert (await bridge.reconcile(local(T + 7)))["missed"] == 0
    assert {fact.deal_id for fact in await bridge.facts() if fact.type == "deal.deleted"} == {"9"}  # type: ignore[attr-defined]
    assert await bridge.failures() == []


async def test_a_deal_taken_back_from_the_recycle_bin_counts_from_its_next_change(bridge: Bridge, zoho: Zoho) -> None:
    """Zoho tells nobody that it was taken back, but that it changed later."""
    won_deal(zoho)
    zoho.delete("Deals", "9", T + 8)
    await deliver(bridge, *zoho.deliveries())
    await bridge.settle()
    zoho.create("Deals", "9", T + 1, Stage="Signed")
    zoho.outgoing.clear()
    await bridge.reconcile(local(T - 60))
    assert is_deleted(await bridge.facts(), "9"), "it is there, and nobody knows since when"
    zoho.change("Deals", "9", T + 20, Amount=5)
    await deliver(bridge, *zoho.deliveries())
    await bridge.settle()
    assert not is_deleted(await bridge.facts(), "9")
