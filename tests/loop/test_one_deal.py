"""However a CRM's truth about a deal is told, by webhooks, its API or spreadsheets, it is one deal and the oracle's tables.

The truth is what the deal was from each moment on. A webhook tells each changed property in a record of its own, a reconciliation
what changed in one, a spreadsheet the whole deal as of any moment, changed or not. Whoever tells, in whatever order, how often,
and whether the stages were mapped before or after: the tables are those of the plain history with one record a moment.
"""

from __future__ import annotations

import random
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.oracle import tables
from tests.oracle.alphabet import numbered
from tests.oracle.clock import DAY
from tests.oracle.dedup import Entry
from tests.oracle.letters import ADDRESSES, Draw, envelope_of
from tests.oracle.story import CONNECTION, KEYS, at
from wanamaker_shared.contracts import crm_events
from wanamaker_shared.contracts import settings as settings_topic
from wanamaker_shared.contracts.identifiers import email_key
from wanamaker_shared.contracts.record import Record, encode

from .check import check

NOON = at("2026-03-22 12:00")
VALUES: dict[str, list[Any]] = {
    "pipeline": ["sales", "renewals"],
    "stage": ["S1", "S1", "S1", "S2", "S2", "S2", "Closed Won", "closedlost"],
    "status": ["won", "open", None],
    "amount": ["100.01", "50.00", "7"],
    "currency": ["EUR", "PLN"],
    "closed_at": ["2026-03-25", None],
    "contacts": [["C1"], ["C2"], ["C1", "C2"]],
}
SELDOM = {"status", "currency", "closed_at"}
MAPS = [
    {"*": {"*": {"S1": "mql", "S2": "won"}}},
    {CONNECTION: {"sales": {"S1": "won", "S2": "lost"}, "renewals": {"S1": "sql", "S2": "won"}}},
    {CONNECTION: {"sales": {"S1": "sql", "S2": "won"}, "*": {"S1": "won", "S2": "mql"}}},
    {"*": {"sales": {"new": "opportunity"}, "*": {"Closed Won": "open"}}},
]
Truth = list[tuple[int, dict[str, Any]]]
"""(moment, what the deal was from then on)."""


@st.composite
def truths(draw: Draw) -> Truth:
    truth: Truth = []
    state: dict[str, Any] = {"stage": "new", "contacts": ["C1"]}
    for day in sorted(draw(st.sets(st.integers(0, 9), min_size=1, max_size=4))):
        few = st.lists(st.sampled_from(sorted(VALUES)), max_size=3, unique=True)
        names = draw(st.one_of(st.just(["pipeline", "stage"]), st.just(["pipeline", "stage"]), few))
        if not truth or not SELDOM.issuperset(names):
            state = state | {name: draw(st.sampled_from(VALUES[name])) for name in names}
        truth.append((NOON + day * DAY, state))
    return truth


def plain(truth: Truth) -> list[Record]:
    return [revised(moment, state) for moment, state in truth]


@st.composite
def tellings(draw: Draw, truth: Truth) -> list[Record]:
    """The same by a mixture of tellers, who leave nothing out and now and then repeat themselves."""
    told: list[Record] = []
    before: dict[str, Any] = {}
    for place, (moment, state) in enumerate(truth):
        changed = {name: value for name, value in state.items() if name not in before or before[name] != value}
        tellers = draw(st.sets(st.sampled_from(["webhook", "reconcile", "spreadsheet"]), min_size=1))
        if "webhook" in tellers or place == 0:
            told += [revised(moment, {name: changed[name]}) for name in draw(st.permutations(sorted(changed)))]
        if "reconcile" in tellers:
            told.append(revised(moment, changed))
        if "spreadsheet" in tellers:
            told.append(revised(moment, state))
        if draw(st.booleans()):  # a file of a later day, before anything else changed
            told.append(revised(moment + DAY // 2, state))
        before = state
    return told


def revised(moment: int, stated: dict[str, Any]) -> Record:
    properties = {name: value for name, value in stated.items() if name != "contacts"}
    return crm_events.DealRevised(
        **envelope_of("w1", CONNECTION, moment), deal_id="D1", properties=properties, contacts=stated.get("contacts")
    )


@settings(
    max_examples=120,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
@given(st.data(), truths(), st.lists(st.sampled_from(MAPS), min_size=1, max_size=2), st.integers(0, 2**32))
def test_it_is_one_deal_whoever_tells_it(
    data: st.DataObject, truth: Truth, maps: list[dict[str, Any]], seed: int
) -> None:
    around = people_and_maps(maps)
    told = data.draw(tellings(truth))
    told += data.draw(st.lists(st.sampled_from(told), max_size=4))  # the same again
    history = entries(around, told)
    check(history, random.Random(seed))  # the product's tables are the oracle's
    found, expected = tables(history, KEYS), tables(entries(around, plain(truth)), KEYS)
    for name in ("deals", "conversions", "credits", "roi_credit"):
        assert found[name] == expected[name], name
    assert [key for key in found["deals"] if key[0] == "w1"] == [("w1", CONNECTION, "D1")]


def people_and_maps(maps: list[dict[str, Any]]) -> list[tuple[str, Record]]:
    told: list[tuple[str, Record]] = []
    for contact, address in zip(("C1", "C2"), ADDRESSES, strict=True):
        about = envelope_of("w1", CONNECTION, NOON - DAY)
        stated = {"email_keys": [email_key(KEYS["w1"], address)]}
        told.append((crm_events.TOPIC, crm_events.ContactRevised(**about, contact_id=contact, properties=stated)))
    for day, each in enumerate(maps):
        about = envelope_of("w1", "attribution", NOON + day * 5 * DAY)
        told.append((settings_topic.TOPIC, settings_topic.SettingsRevised(**about, stated={"stage_maps": each})))
    return told


def entries(around: list[tuple[str, Record]], deal: list[Record]) -> list[Entry]:
    """Records that say the same at the same time are one fact, told again."""
    ids: dict[bytes, int] = {}
    told = numbered(around)
    for record in deal:
        number = ids.setdefault(encode(record), len(ids))
        told.append((crm_events.TOPIC, record.model_copy(update={"event_id": f"d{number}"})))
    return [(topic, record, encode(record)) for topic, record in told]
