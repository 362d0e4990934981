"""Pipedrive and Zoho in any order: the present deal is the CRM's, however webhooks and readings come; no bytes are too strange.

Mapped without a bridge, so that many histories can be tried: what is read is what the reader makes of the fake's answers.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.crm_bridge.crms.bridge import said
from tests.crm_bridge.crms.faults import no_sleep
from tests.crm_bridge.crms.pipedrive import COMPANY, TOKEN, Pipedrive
from tests.crm_bridge.crms.zoho import ACCESS, STAGES, Zoho
from tests.crm_bridge.signing import NOW, workspace
from wanamaker_crm_bridge.connections import Connections
from wanamaker_crm_bridge.dialects import DIALECTS
from wanamaker_crm_bridge.mapping import Context, Dialect, Fetch, Webhook
from wanamaker_crm_bridge.readers.api import Apis
from wanamaker_crm_bridge.readers.pipedrive import PipedriveReader
from wanamaker_crm_bridge.readers.zoho import ZohoReader
from wanamaker_shared.contracts.crm_events import CrmEvent

T = NOW - 86_400
KEY = bytes(range(32))

Change = tuple[str, Any]
TICKS = st.integers(0, 15)
"""Tenths of a second between two changes: several in one second are the rule."""


def mapped(dialect: str, body: bytes, *, readable: bool) -> list[CrmEvent]:
    webhook = Webhook("w", "crm", "d", NOW * 1_000_000, body)
    outcome = DIALECTS[dialect](webhook, Context(KEY, readable=readable))
    assert outcome.failures == ()
    return list(outcome.events)


def apis(connection: str, access: dict[str, str], answer: Callable[[httpx.Request], httpx.Response]) -> Apis:
    keys = replace(workspace("w", {}), crm_access={connection: access})
    client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    return Apis(client, {"w": keys}, Connections(), no_sleep)


def in_any_order(parts: list[list[CrmEvent]], seed: int) -> list[CrmEvent]:
    """Shuffled, and some twice; known by their ids as the log's readers know them."""
    chance = random.Random(seed)
    all_parts = [*parts, *(part for part in parts if chance.random() < 0.5)]
    chance.shuffle(all_parts)
    known: dict[str, CrmEvent] = {}
    for event in (event for part in all_parts for event in part):
        known.setdefault(event.event_id, event)
    return list(known.values())


DEAL_CHANGES = st.one_of(
    st.tuples(st.just("value"), st.integers(0, 3)),
    st.tuples(st.just("stage_id"), st.integers(1, 3)),
    st.tuples(st.just("status"), st.sampled_from(["open", "won", "lost"])),
    st.tuples(st.just("person_id"), st.sampled_from([None, 1, 2])),
)


def pipedrive_shows(pipedrive: Pipedrive) -> dict[str, Any]:
    """The deal as Pipedrive has it, written down once more without the product."""
    deal = pipedrive.objects["deals"][9]
    return {
        "status": deal["status"],
        "amount": str(deal["value"]),
        "stage": str(deal["stage_id"]),
        "closed_at": deal["won_time"] if deal["status"] == "won" else None,
        "contacts": [] if deal["person_id"] is None else [str(deal["person_id"])],
    }


@given(
    changes=st.lists(st.tuples(TICKS, DEAL_CHANGES, st.booleans()), max_size=6),
    version=st.sampled_from(["v1", "v2"]),
    readable=st.booleans(),
    seed=st.integers(0, 999),
)
def test_any_order_of_pipedrives_webhooks_and_readings_is_the_deal_that_it_shows(
    changes: list[tuple[int, Change, bool]], version: str, readable: bool, seed: int
) -> None:
    """With readings some webhooks may be lost; the last state is read in the end."""
    pipedrive = Pipedrive()
    now = float(T)
    reader = PipedriveReader(apis("crm", {"api_token": TOKEN}, pipedrive.answer), clock=lambda: now)
    loop = asyncio.new_event_loop()
    parts: list[list[CrmEvent]] = []

    def read() -> None:
        answer = loop.run_until_complete(reader.fetch("w", "crm", Fetch("q", "pipedrive-api", {"deals": "9"})))
        parts.append(mapped("pipedrive-api", answer, readable=True))

    try:
        pipedrive.create("deals", 9, now)
        for ticks, (name, value), lost in changes:
            now += 0.05 + ticks / 10
            pipedrive.change("deals", 9, now, **{name: value})
            if readable and lost:
                pipedrive.outgoing.pop()
                read()
        parts += [mapped("pipedrive", body, readable=readable) for body in pipedrive.deliveries(version)]
        if readable:
            now += 3
            read()
    finally:
        loop.close()
    found = said(in_any_order(parts, seed), "deal", "9")
    expected = pipedrive_shows(pipedrive)
    assert {name: found[name] for name in expected} == expected


ZOHO_CHANGES = st.one_of(
    st.tuples(st.just("Amount"), st.integers(0, 3)),
    st.tuples(st.just("Stage"), st.sampled_from(sorted(STAGES))),
    st.tuples(st.just("Contact_Name"), st.sampled_from([None, {"id": "1", "name": "A"}, {"id": "2", "name": "B"}])),
)


@given(changes=st.lists(st.tuples(TICKS, ZOHO_CHANGES), max_size=6), seed=st.integers(0, 999))
def test_any_order_of_zohos_readings_is_the_deal_that_it_shows(changes: list[tuple[int, Change]], seed: int) -> None:
    zoho = Zoho()
    now = float(T)
    reader = ZohoReader(apis("crm", ACCESS, zoho.answer), clock=lambda: now)
    loop = asyncio.new_event_loop()
    parts: list[list[CrmEvent]] = []

    def read() -> None:
        question = Fetch("q", "zoho-api", {"module": "Deals", "ids": "9"})
        parts.append(mapped("zoho-api", loop.run_until_complete(reader.fetch("w", "crm", question)), readable=True))

    try:
        zoho.create("Deals", "9", now, Stage="Qualification", Closing_Date="2026-01-31")
        for ticks, (name, value) in changes:
            now, zoho.lag = now + 0.05 + ticks / 10, ticks % 4
            zoho.change("Deals", "9", now, **{name: value})
            read()
        now += 3
        read()
        parts += [mapped("zoho", body, readable=True) for body in zoho.deliveries()]
    finally:
        loop.close()
    deal = zoho.records["Deals"]["9"]
    found = said(in_any_order(parts, seed), "deal", "9")
    assert found["stage"] == deal["Stage"]
    meaning = {"Open": "open", "Closed Won": "won", "Closed Lost": "lost"}[STAGES[deal["Stage"]]]
    assert found["stage_means"] == {deal["Stage"]: meaning}
    assert found["closed_at"] == ("2026-01-31" if meaning == "won" else None)
    assert found["amount"] == (str(deal["Amount"]) if "Amount" in deal else None)
    assert found["contacts"] == ([deal["Contact_Name"]["id"]] if deal.get("Contact_Name") else [])


NAMES = {
    "pipedrive": "meta data current previous entity object action entity_id id company_id timestamp update_time status "
    "value currency person_id org_id emails email won_time is_deleted merged_to_id deal person v2 delete create",
    "pipedrive-api": "company read asked run list since next deals persons organizations participants deal id "
    "update_time status value emails person_id website",
    "zoho": "module ids operation server_time affected_values record_id values Deals Contacts insert delete Stage Amount "
    "Contact_Name id",
    "zoho-api": "read asked run list since next Deals Leads Contacts Accounts deleted roles stages deal contacts id "
    "Modified_Time deleted_time Stage Amount Contact_Name Converted_Contact Website Email display_value forecast_type",
}


def strange(dialect: str) -> st.SearchStrategy[Any]:
    """Values of the right names in the wrong places."""
    words = st.sampled_from(NAMES[dialect].split())
    leaf = st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text("aZ0 é\x00\u2028", max_size=5),
        words,
        st.sampled_from(["2026-01-04T10:00:00Z", "2026-01-04 10:00:00", "9999-99-99", "\ud800", "1e999", str(COMPANY)]),
    )
    return st.recursive(
        leaf,
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(words, inner, max_size=5)),
        max_leaves=8,
    )


@pytest.mark.parametrize("dialect", sorted(NAMES))
@given(data=st.data())
def test_whatever_comes_is_mapped_or_failed_and_never_raises(dialect: str, data: st.DataObject) -> None:
    value = data.draw(st.dictionaries(st.sampled_from(NAMES[dialect].split()), strange(dialect), max_size=8))
    outcome(DIALECTS[dialect], json.dumps(value).encode())


@pytest.mark.parametrize("dialect", sorted(NAMES))
@given(body=st.binary(max_size=60))
def test_any_bytes_are_mapped_or_failed_and_never_raise(dialect: str, body: bytes) -> None:
    outcome(DIALECTS[dialect], body)


def outcome(dialect: Dialect, body: bytes) -> None:
    for readable in (True, False):
        found = dialect(Webhook("w", "crm", "d", NOW * 1_000_000, body), Context(KEY, readable=readable))
        assert all(failure.reason for failure in found.failures)
