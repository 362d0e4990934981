"""One deal through the real mappings: HubSpot's webhooks, its API read and a spreadsheet, in any order, some of them lost.

As long as the last reading came, the tables are the oracle's, and the same as if every webhook had come and nothing else.
"""

from __future__ import annotations

import csv
import io
import random
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.crm_bridge.crms.hubspot import Hubspot, iso
from tests.crm_bridge.judging import KEY, judged
from tests.crm_bridge.test_hubspot_any_order import told as reading_of
from tests.oracle import tables
from tests.oracle.dedup import Entry
from tests.oracle.story import KEYS
from wanamaker_crm_bridge.dialects import DIALECTS
from wanamaker_crm_bridge.mapping import Context, Webhook
from wanamaker_shared.contracts import crm_events
from wanamaker_shared.contracts.crm_events import CrmEvent
from wanamaker_shared.contracts.record import encode

from .check import check

START = 1_767_520_800_000
"""In HubSpot's milliseconds."""
RECEIVED = 1_767_607_200_000_000
HEADINGS = ("Record ID", "Deal Stage", "Pipeline", "Amount", "Currency", "Create Date", "Last Modified Date")
CHANGES: dict[str, list[str]] = {
    "dealstage": ["appointmentscheduled", "closedwon", "closedlost", "88"],
    "amount": ["10", "20.50"],
    "pipeline": ["default", "7001"],
}


@st.composite
def portals(draw: st.DrawFn) -> Hubspot:
    """A deal on its way, with one or two contacts."""
    hubspot = Hubspot()
    for contact in ("501", "502"):
        hubspot.create("contacts", contact, START, email=f"c{contact}@example.com", lifecyclestage="lead")
    hubspot.create("deals", "9", START + 1, dealstage="appointmentscheduled", deal_currency_code="EUR")
    hubspot.create("deals", "10", START + 1)
    hubspot.associate("9", "501", START + 2)
    for number in range(draw(st.integers(0, 5))):
        at = START + 1000 * (number + 1)
        if draw(st.integers(0, 4)) == 0:
            hubspot.associate("9", "502", at, remove="502" in hubspot.contacts_of["9"])
        else:
            name = draw(st.sampled_from(sorted(CHANGES)))
            hubspot.change("deals", "9", at, name, draw(st.sampled_from(CHANGES[name])))
    return hubspot


def mapped(dialect: str, body: bytes) -> list[CrmEvent]:
    outcome = DIALECTS[dialect](Webhook("w1", "hubspot", "d", RECEIVED, body), Context(KEY))
    assert not outcome.failures
    return list(outcome.events)


def sheet(hubspot: Hubspot) -> list[CrmEvent]:
    """What somebody exported of the deal today and imports in HubSpot's name."""
    deal = hubspot.objects["deals"]["9"]
    now = {name: changes[-1][1] for name, changes in deal.history.items()}
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADINGS)
    cells = (now["dealstage"], now.get("pipeline", ""), now.get("amount", ""), now["deal_currency_code"])
    writer.writerow(["9", *cells, iso(int(now["createdate"])), iso(deal.updated + 60_000)])
    with tempfile.TemporaryDirectory() as directory:
        outcome = judged(out.getvalue(), Path(directory), connection="hubspot", decimal="point")
    assert not outcome.failures
    return [event.model_copy(update={"workspace": "w1"}) for event in outcome.events]


def history(events: list[CrmEvent]) -> list[Entry]:
    return [(crm_events.TOPIC, event, encode(event)) for event in events]


@settings(
    max_examples=60,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
@given(portals(), st.integers(0, 2**32))
def test_it_is_one_deal_by_whichever_ways_it_was_told(hubspot: Hubspot, seed: int) -> None:
    chance = random.Random(seed)
    webhooks = [event for item in hubspot.outgoing for event in mapped("hubspot", hubspot.delivery([item]))]
    reading = [event for dialect, body in reading_of(hubspot) for event in mapped(dialect, body)]
    mixture = [*(event for event in webhooks if chance.random() < 0.6), *reading, *sheet(hubspot)]
    mixture += chance.sample(mixture, len(mixture) // 3)
    chance.shuffle(mixture)
    check(history(mixture), chance)  # the product's tables are the oracle's
    found, expected = tables(history(mixture), KEYS), tables(history([*webhooks, *reading]), KEYS)
    for name in ("deals", "conversions", "credits", "roi_credit"):
        assert found[name] == expected[name], name
    assert ("w1", "hubspot", "9") in found["deals"]
