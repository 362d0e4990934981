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
from wanamaker_crm_bridge.mapping import Context, Fetch, Webhook
from wanamaker_crm_bridge.readers.api import Apis
from wanamaker_crm_bridge.readers.hubspot import HubspotReader
from wanamaker_shared.contracts.crm_events import CrmEvent

KEY = bytes(range(32))
START = (NOW - 86_400) * 1000
EVERYTHING = Fetch("all", READING, {"deals": "9,10", "contacts": "501,502,503"})

Step = Callable[[Hubspot, int], None]


def change(kind: str, object_id: str, name: str, value: str) -> Step:
    return lambda hubspot, at: hubspot.change(kind, object_id, at, name, value)


def associate(deal: str, contact: str) -> Step:
    def toggle(hubspot: Hubspot, at: int) -> None:
        hubspot.associate(deal, contact, at, remove=contact in hubspot.contacts_of.get(deal, []))

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
    ),
    max_size=12,
)


def told(hubspot: Hubspot) -> bytes:
    """What the API says of everything now."""

    async def read() -> bytes:
        async with httpx.AsyncClient(transport=httpx.MockTransport(hubspot.answer)) as client:
            keys = replace(workspace("w", {}), crm_access={"hubspot": {"access_token": TOKEN}})
            apis = Apis(client, {"w": keys}, Connections(), no_sleep)
            return await HubspotReader(apis).fetch("w", "hubspot", EVERYTHING)

    return asyncio.run(read())


def mapped(dialect: str, body: bytes) -> list[CrmEvent]:
    outcome = DIALECTS[dialect](Webhook("w", "hubspot", "d", NOW * 1_000_000, body), Context(KEY))
    return list(outcome.events)


def truth(hubspot: Hubspot, deal: str) -> dict[str, Any]:
    history = hubspot.objects["deals"][deal].history
    ours = {"dealstage": "stage", "amount": "amount", "pipeline": "pipeline"}
    latest = {ours[name]: changes[-1][1] or None for name, changes in history.items() if name in ours}
    return latest | {"contacts": sorted(hubspot.contacts_of.get(deal, []))}


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
    bodies = []
    for number, step in enumerate(steps):
        step(hubspot, START + 1000 * (number + 1))
        if number in readings_after:
            bodies.append((READING, told(hubspot)))
    bodies += [("hubspot", hubspot.delivery([item])) for item in hubspot.outgoing if chance.random() < 0.7]
    bodies += [(READING, told(hubspot)), *chance.sample(bodies, len(bodies) // 2)]
    chance.shuffle(bodies)
    by_id: dict[str, CrmEvent] = {}
    for dialect, body in bodies:
        for event in mapped(dialect, body):
            before = by_id.setdefault(event.event_id, event)
            assert before.model_dump(exclude={"received_at"}) == event.model_dump(exclude={"received_at"})
    events = list(by_id.values())
    for deal in ("9", "10"):
        found = said(events, "deal", deal)
        assert {name: found.get(name) for name in truth(hubspot, deal)} == truth(hubspot, deal)


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
