"""HubSpot, any mixture: whichever webhooks come, in whatever order and how often, with readings between them, one last reading
makes it the deal that HubSpot has; and every statement is one record, by whatever way it came."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.crm_bridge.crms.bridge import said
from tests.crm_bridge.crms.faults import no_sleep
from tests.crm_bridge.crms.hubspot import TOKEN, Hubspot
from tests.crm_bridge.signing import NOW, workspace
from wanamaker_crm_bridge.connections import Connections
from wanamaker_crm_bridge.dialects import DIALECTS
from wanamaker_crm_bridge.dialects.hubspot import READING
from wanamaker_crm_bridge.mapping import Context, Fetch, Webhook, page
from wanamaker_crm_bridge.readers.api import Apis
from wanamaker_crm_bridge.readers.hubspot import HubspotReader
from wanamaker_shared.contracts import crm_events
from wanamaker_shared.contracts.crm_events import CrmEvent, DealDeleted, DealRestored
from wanamaker_shared.contracts.record import encode

KEY = bytes(range(32))
START = (NOW - 86_400) * 1000
EVERYTHING = (
    Fetch("all", READING, {"deals": "9,10", "contacts": "501,502,503"}),
    page(READING, run="1", of="archived", since="0"),
)

Step = Callable[[Hubspot, int], None]


def change(kind: str, object_id: str, name: str, value: str) -> Step:
    def changed(hubspot: Hubspot, at: int) -> None:
        if hubspot.objects[kind][object_id].archived_at is None:
            hubspot.change(kind, object_id, at, name, value)

    return changed


def associate(deal: str, contact: str) -> Step:
    def toggle(hubspot: Hubspot, at: int) -> None:
        if hubspot.objects["deals"][deal].archived_at is None:
            hubspot.associate(deal, contact, at, remove=contact in hubspot.contacts_of.get(deal, []))

    return toggle


def bin_or_back(deal: str) -> Step:
    def toggle(hubspot: Hubspot, at: int) -> None:
        gone = hubspot.objects["deals"][deal].archived_at is not None
        (hubspot.restore if gone else hubspot.archive)(deal, at)

    return toggle


_steps = st.lists(
    st.one_of(
        st.builds(
            change,
            st.just("deals"),
            st.sampled_from(["9", "10"]),
            st.sampled_from(["dealstage", "amount", "pipeline"]),
            st.sampled_from(["1", "2", "88", ""]),
        ),
        st.builds(
            change,
            st.just("contacts"),
            st.sampled_from(["501", "502"]),
            st.sampled_from(["email", "lifecyclestage"]),
            st.sampled_from(["a@example.com", "b@example.com", "lead"]),
        ),
        st.builds(associate, st.sampled_from(["9", "10"]), st.sampled_from(["501", "502", "503"])),
        st.builds(bin_or_back, st.sampled_from(["9", "10"])),
    ),
    max_size=12,
)


def told(hubspot: Hubspot) -> list[tuple[str, bytes]]:
    """What the API says of everything now, and of what is in the bin."""

    async def read() -> list[tuple[str, bytes]]:
        async with httpx.AsyncClient(transport=httpx.MockTransport(hubspot.answer)) as client:
            keys = replace(workspace("w", {}), crm_access={"hubspot": {"access_token": TOKEN}})
            apis = Apis(client, {"w": keys}, Connections(), no_sleep)
            reader = HubspotReader(apis)
            return [(READING, await reader.fetch("w", "hubspot", asked)) for asked in EVERYTHING]

    return asyncio.run(read())


def mapped(dialect: str, body: bytes) -> list[CrmEvent]:
    outcome = DIALECTS[dialect](Webhook("w", "hubspot", "d", NOW * 1_000_000, body), Context(KEY))
    return list(outcome.events)


def truth(hubspot: Hubspot, deal: str) -> dict[str, Any]:
    history = hubspot.objects["deals"][deal].history
    ours = {"dealstage": "stage", "amount": "amount", "pipeline": "pipeline"}
    latest = {ours[name]: changes[-1][1] or None for name, changes in history.items() if name in ours}
    return latest | {"contacts": sorted(hubspot.contacts_of.get(deal, []))}


def is_deleted(events: list[CrmEvent], deal: str) -> bool:
    existence = [e for e in events if isinstance(e, DealDeleted | DealRestored) and e.deal_id == deal]
    return isinstance(max(existence, key=lambda event: event.order, default=None), DealDeleted)


@settings(max_examples=150, deadline=None)
@given(_steps, st.randoms(use_true_random=False), st.lists(st.integers(0, 11), max_size=2))
def test_the_last_reading_makes_it_what_hubspot_has(
    steps: list[Step], chance: random.Random, readings_after: list[int]
) -> None:
    hubspot = Hubspot()
    for contact in ("501", "502", "503"):
        hubspot.create("contacts", contact, START)
    for deal in ("9", "10"):
        hubspot.create("deals", deal, START)
    bodies: list[tuple[str, bytes]] = []
    for number, step in enumerate(steps):
        step(hubspot, START + 1000 * (number + 1))
        if number in readings_after:
            bodies += told(hubspot)
    bodies += [("hubspot", hubspot.delivery([item])) for item in hubspot.outgoing if chance.random() < 0.7]
    bodies += [*told(hubspot), *chance.sample(bodies, len(bodies) // 2)]
    chance.shuffle(bodies)
    by_id: dict[str, CrmEvent] = {}
    for dialect, body in bodies:
        for event in mapped(dialect, body):
            before = by_id.setdefault(event.event_id, event)
            assert before.model_dump(exclude={"received_at"}) == event.model_dump(exclude={"received_at"})
    events = list(by_id.values())
    for deal in ("9", "10"):
        if hubspot.objects["deals"][deal].archived_at is not None:
            assert is_deleted(events, deal)
            continue
        assert not is_deleted(events, deal)
        found = said(events, "deal", deal)
        assert {name: found.get(name) for name in truth(hubspot, deal)} == truth(hubspot, deal)


def item(kind: str, **more: Any) -> dict[str, Any]:
    return {"portalId": 1, "subscriptionType": kind, "objectId": 9, **more}


def associated(kind: str, one: int, other: int, *, removed: bool) -> dict[str, Any]:
    ends = {"associationType": kind, "fromObjectId": one, "toObjectId": other}
    return item(f"{kind.partition('_')[0].lower()}.associationChange", **ends, associationRemoved=removed)


ITEMS = [
    *(item("deal.propertyChange", propertyName="amount", propertyValue=value) for value in ("1", "2", "")),
    *(item("deal.propertyChange", propertyName="dealstage", propertyValue=value) for value in ("1", "2")),
    *(associated("DEAL_TO_CONTACT", 9, 501, removed=removed) for removed in (False, True)),
    *(associated("CONTACT_TO_DEAL", 501, 9, removed=removed) for removed in (False, True)),
    *(item(f"deal.{what}") for what in ("creation", "deletion", "restore")),
    item("deal.merge", primaryObjectId=9, mergedObjectIds=[10, 11]),
    item("contact.merge", primaryObjectId=501, mergedObjectIds=[502], newObjectId=777),
    item("contact.privacyDeletion", objectId=501),
]
_told = st.lists(
    st.builds(
        lambda told, later, attempt: told | {"occurredAt": START + later, "attemptNumber": attempt, "eventId": attempt},
        st.sampled_from(ITEMS),
        st.integers(0, 1),
        st.integers(0, 1),
    ),
    max_size=8,
)


@given(_told, st.randoms(use_true_random=False), st.integers(1, 4))
def test_changes_of_one_moment_are_the_same_records_in_whatever_order_and_bundles(
    told: list[dict[str, Any]], chance: random.Random, together: int
) -> None:
    """Also two of one property: which of them holds is decided by what they say, and never by what came first."""
    shuffled = [*told, *chance.sample(told, len(told) // 2)]
    chance.shuffle(shuffled)
    bundles = [shuffled[start : start + together] for start in range(0, len(shuffled), together)]
    one_by_one = {encode(event) for each in told for event in mapped("hubspot", json.dumps([each]).encode())}
    bundled = {encode(event) for each in bundles for event in mapped("hubspot", json.dumps(each).encode())}
    assert bundled == one_by_one
    orders = {crm_events.adapter.validate_json(record).order for record in one_by_one}
    assert len(orders) == len(one_by_one), "no two records have one place"


_leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from(["9", "", "deal.propertyChange", "dealstage", "2026-01-01T00:00:00Z"])
)
_names = st.sampled_from(
    "portal deals contacts archived pipelines deals_contacts stages metadata id from to toObjectId asked run next list "
    "propertiesWithHistory dealstage amount updatedAt properties subscriptionType objectTypeId objectId portalId occurredAt "
    "propertyName propertyValue mergedObjectIds associationType fromObjectId associationTypes label".split()
)
_json = st.recursive(
    _leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_names, inner, max_size=5), max_leaves=25
)


@given(_json, st.sampled_from(["hubspot", READING]))
def test_whatever_a_body_is_nothing_is_raised(body: Any, dialect: str) -> None:
    for sent in (
        body,
        [body],
        {"portal": "1", "deals": [body], "pipelines": body, "deals_contacts": body, "asked": body},
    ):
        mapped(dialect, json.dumps(sent).encode())
