"""The demo company's HubSpot: told thinly, it comes to the deals and contacts that the simulation told whole."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from typing import Any

import pytest

from tests.crm_bridge.crms.bridge import said
from wanamaker_crm_bridge.connections import Connections, parse_connections
from wanamaker_crm_bridge.dialects import DIALECTS
from wanamaker_crm_bridge.mapping import MAPPING_VERSION, Context
from wanamaker_crm_bridge.mapping import Webhook as Delivery
from wanamaker_crm_bridge.senders import delivery_of
from wanamaker_crm_bridge.signatures import Request
from wanamaker_shared.contracts.crm_events import CrmEvent
from wanamaker_standalone.demo import hubspot, spreadsheet
from wanamaker_standalone.simulation.simulate import simulate
from wanamaker_standalone.simulation.values import Spreadsheet, Webhook

KEY = bytes(range(32))
RECEIVED = 1_800_000_000_000_000
STAGES = {
    "qualifiedtobuy": "qualified",
    "presentationscheduled": "proposal",
    "contractsent": "negotiation",
    "closedwon": "closed_won",
    "closedlost": "closed_lost",
}
WORDS = {"marketingqualifiedlead": "mql", "salesqualifiedlead": "sql"}


@pytest.fixture(scope="module")
def told() -> list[Webhook]:
    return [step for step in simulate(1, 40, date(2026, 3, 31)).steps if isinstance(step, Webhook)]


def facts(webhooks: list[Webhook], connections: Connections) -> list[CrmEvent]:
    found: list[CrmEvent] = []
    for webhook in webhooks:
        dialect = connections.crm_of(webhook.connection)
        body = json.dumps(webhook.body).encode()
        delivery = Delivery("w", webhook.connection, webhook.event_id, RECEIVED, body, mapping_version=MAPPING_VERSION)
        outcome = DIALECTS[dialect](delivery, Context(KEY, connections.of(webhook.connection)))
        assert not outcome.failures
        found += outcome.events
    return found


def test_its_deals_and_contacts_are_those_of_the_simulation(told: list[Webhook]) -> None:
    whole = facts(told, Connections())
    retold = [step for step in hubspot.told(told) if isinstance(step, Webhook)]
    thin = facts(retold, parse_connections(hubspot.CONNECTIONS))
    assert {event.source for event in thin} == {"hubspot"}
    for deal in {event.deal_id for event in whole if event.type == "deal.revised"}:  # type: ignore[attr-defined]
        expected, found = said(whole, "deal", deal), said(thin, "deal", str(hubspot.object_id(deal)))
        del expected["status"]
        expected.pop("company_domain", None)
        assert as_told(found) == ids(expected), deal
    for contact in {event.contact_id for event in whole if event.type == "contact.revised"}:  # type: ignore[attr-defined]
        expected, found = said(whole, "contact", contact), said(thin, "contact", str(hubspot.object_id(contact)))
        expected.pop("company_domain", None)
        assert as_told(found) == ids({name: value for name, value in expected.items() if value != []})


def as_told(found: dict[str, Any]) -> dict[str, Any]:
    if "stage" in found:
        found["stage"] = STAGES[found["stage"]]
    if "lifecycle_stage" in found:
        word = found.pop("lifecycle_stage")
        found["lifecycle"] = WORDS.get(word, word)
    return found


def ids(expected: dict[str, Any]) -> dict[str, Any]:
    """With HubSpot's numbers in place of the simulation's names."""
    if expected.get("company_id"):
        expected["company_id"] = str(hubspot.object_id(expected["company_id"]))
    if "contacts" in expected:
        expected["contacts"] = sorted(str(hubspot.object_id(each)) for each in expected["contacts"])
    return expected


def test_some_deals_are_in_a_spreadsheet_and_then_nowhere_else(told: list[Webhook]) -> None:
    kept = spreadsheet.kept_by_hand(told)
    (file,) = [step for step in kept if isinstance(step, Spreadsheet)]
    rows = {row["Deal ID"]: row for row in csv.DictReader(io.StringIO(file.content.decode()))}
    whole = facts(told, Connections())
    assert len(rows) > 3
    assert {row["Status"] for row in rows.values()} == {"open", "won", "lost"}
    for deal, row in rows.items():
        expected = said(whole, "deal", deal)
        assert (row["Status"], row["Amount"] or None) == (expected["status"], expected.get("amount"))
        assert len(row["E-mail"].split("; ")) == len(expected["contacts"])
    left = {
        event.deal_id
        for event in facts([s for s in kept if isinstance(s, Webhook)], Connections())
        if hasattr(event, "deal_id")
    }
    assert left.isdisjoint(rows)
    assert left | rows.keys() == {event.deal_id for event in whole if hasattr(event, "deal_id")}


def test_numbers_are_not_given_twice(told: list[Webhook]) -> None:
    names = {event.deal_id for event in facts(told, Connections()) if event.type == "deal.revised"}  # type: ignore[attr-defined]
    assert len({hubspot.object_id(name) for name in names}) == len(names)


def test_it_signs_as_hubspot_does() -> None:
    (verifier,) = Connections().verifiers_of("hubspot")
    headers = hubspot.signature("secret", b"[]", "1767607200000")
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    request = Request(raw, b"[]", "POST", hubspot.URL)
    assert delivery_of(verifier, "secret", request, 1_767_607_200) is not None
