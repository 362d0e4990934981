"""Whatever of its messages and readings arrives, in whatever order and how often: the present deal is what Salesforce has."""

from __future__ import annotations

import hmac
import json
import random
from dataclasses import dataclass, field
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.crm_bridge.crms.bridge import said
from tests.crm_bridge.crms.salesforce import ORGANIZATION, Salesforce, long_id, numbered, shown, soap
from tests.crm_bridge.signing import NOW
from wanamaker_crm_bridge.dialects import DIALECTS
from wanamaker_crm_bridge.dialects.salesforce import READING
from wanamaker_crm_bridge.mapping import Context, Mapped, Webhook
from wanamaker_shared.contracts.crm_events import CrmEvent

T = NOW - 86_400
DEAL = long_id(numbered("Opportunity", 3))
PEOPLE = [long_id(numbered("Contact", n)) for n in range(3)]
FIELDS = ("StageName", "IsWon", "IsClosed", "Amount", "LeadSource", "IsDeleted")

_stages = st.sampled_from(["Prospecting", "Closed Won", "Closed Lost"])
_changes = st.one_of(
    st.tuples(st.just("StageName"), _stages),
    st.tuples(st.just("Amount"), st.sampled_from([None, 10, 10.5])),
    st.tuples(st.just("LeadSource"), st.sampled_from([None, "Web"])),
    st.tuples(st.just("deleted"), st.booleans()),
    st.tuples(st.just("add"), st.integers(0, 2)),
    st.tuples(st.just("drop"), st.integers(0, 2)),
    st.tuples(st.just("move"), st.tuples(st.integers(0, 2), st.integers(0, 2))),
)
_tellings = st.lists(st.sampled_from(["reading", "message", "thin message"]), max_size=2)


@dataclass
class Story:
    """What is done in Salesforce, and the bodies that tell of it."""

    salesforce: Salesforce = field(default_factory=Salesforce)
    told: list[tuple[str, bytes]] = field(default_factory=list)

    def change(self, what: str, value: Any, at: int) -> None:
        role = value if what in ("add", "drop") else value[0] if what == "move" else 0
        known = self.salesforce.rows["OpportunityContactRole"].get(long_id(numbered("OpportunityContactRole", role)))
        live = known is not None and not known["IsDeleted"]
        if what == "deleted":
            self.salesforce.rows["Opportunity"][DEAL]["IsDeleted"] = value
            self.salesforce.put("Opportunity", 3, at)
        elif what == "add":
            self._role(at, role, ContactId=PEOPLE[role], IsDeleted=False)
        elif what == "drop" and live:
            self._role(at, role, IsDeleted=True)
        elif what == "move" and live:
            self._role(at, role, ContactId=PEOPLE[value[1]])
        elif what in FIELDS:
            self.salesforce.put("Opportunity", 3, at, **{what: value})

    def _role(self, at: int, number: int, **fields: Any) -> None:
        key = self.salesforce.put("OpportunityContactRole", number, at, OpportunityId=DEAL, **fields)
        row = self.salesforce.rows["OpportunityContactRole"][key]
        names = ("OpportunityId", "ContactId", "IsDeleted", "SystemModstamp")
        self.told.append(("salesforce", soap(("OpportunityContactRole", {"Id": key, **{n: row[n] for n in names}}))))

    def tell(self, how: str) -> None:
        if how != "reading":
            names = FIELDS if how == "message" else ("StageName", "IsWon", "IsClosed")
            told = self.salesforce.told("Opportunity", DEAL, *names, "SystemModstamp")
            self.told.append(("salesforce", soap(told)))
            return
        rows = {kind: list(found.values()) for kind, found in self.salesforce.rows.items()}
        lists = {"opportunities": "Opportunity", "roles": "OpportunityContactRole", "history": "OpportunityHistory"}
        document = {name: [shown(kind, row, [*row]) for row in rows[kind]] for name, kind in lists.items()}
        for row in document["history"]:
            del row["SystemModstamp"]  # the reader does not ask for it
        self.told.append((READING, orjson.dumps({"organization": ORGANIZATION, "asked": {}, **document})))


def mapped(dialect: str, body: bytes, received: int) -> Mapped:
    webhook = Webhook("w", "salesforce", f"m{received}", received * 1_000_000, body, headers={})
    return DIALECTS[dialect](webhook, Context(bytes(32)))


def verdict(events: list[CrmEvent]) -> str | None:
    told = sorted((e for e in events if e.type in ("deal.deleted", "deal.restored")), key=lambda event: event.order)
    return told[-1].type if told else None


@given(st.lists(st.tuples(_changes, _tellings), max_size=8), st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_the_present_deal_is_salesforces(
    changes: list[tuple[tuple[str, Any], list[str]]], order: random.Random
) -> None:
    story = Story()
    story.salesforce.put("Opportunity", 3, T, StageName="Prospecting")
    for number, ((what, value), tellings) in enumerate(changes, start=1):
        story.change(what, value, T + number)
        for how in tellings:
            story.tell(how)
    story.tell("reading")
    bodies = [*story.told, *order.choices(story.told, k=3)]
    order.shuffle(bodies)
    events: dict[str, CrmEvent] = {}
    for number, (dialect, body) in enumerate(bodies):
        result = mapped(dialect, body, NOW + number)
        assert result.failures == ()
        events |= {event.event_id: event for event in result.events}
    row = story.salesforce.rows["Opportunity"][DEAL]
    found = list(events.values())
    if row["IsDeleted"]:
        assert verdict(found) == "deal.deleted"
        return
    assert verdict(found) == "deal.restored"
    present = said(found, "deal", DEAL)
    amount = None if row["Amount"] is None else str(row["Amount"])
    assert (present["stage"], present["amount"], present["original_source"]) == (
        row["StageName"],
        amount,
        row["LeadSource"],
    )
    won = {"Prospecting": "open", "Closed Won": "won", "Closed Lost": "lost"}
    assert present["status"] == won[row["StageName"]]
    roles = story.salesforce.rows["OpportunityContactRole"].values()
    assert present["contacts"] == sorted({role["ContactId"] for role in roles if not role["IsDeleted"]})


def test_what_stands_in_somebodys_log_is_known_for_ever() -> None:
    """Identities of version 1, worked out here by their rule (docs/adr/0018): whoever says it again must say the same."""
    at = 1_767_520_800_000_000  # 2026-01-04T10:00:00Z
    record = {
        "SystemModstamp": "2026-01-04T10:00:00.000Z",
        "StageName": "Closed Won",
        "Amount": "25000.0",
        "Name": "Ltd",
    }
    told = soap(
        ("Opportunity", {"Id": DEAL[:15], **record, "IsWon": "true", "CreatedDate": "2026-01-03T10:00:00.000Z"}),
        ("OpportunityContactRole", {"OpportunityId": DEAL, "ContactId": PEOPLE[1], **record, "IsDeleted": "true"}),
    )
    expected = [
        ["deal", DEAL, {"stage": "Closed Won"}, {}, at],
        ["deal", DEAL, {"amount": "25000"}, {}, at],
        ["deal", DEAL, {}, {"name": "Ltd"}, at],
        ["deal", DEAL, {"status": "won"}, {}, at],
        ["deal", DEAL, {"created_at": "2026-01-03T10:00:00Z"}, {}, at - 86_400_000_000],
        ["deal", DEAL, {"contacts_removed": [PEOPLE[1]]}, at + 1],
    ]
    texts = [json.dumps([ORGANIZATION, *said], sort_keys=True, separators=(",", ":")) for said in expected]
    ids = [hmac.new(bytes(32), text.encode(), "sha256").hexdigest() for text in texts]
    assert [event.event_id for event in mapped("salesforce", told, NOW).events] == ids


_names = st.sampled_from(
    "Id StageName Amount CurrencyIsoCode CloseDate CreatedDate IsWon IsClosed IsDeleted SystemModstamp AccountId Name Email "
    "OpportunityId ContactId Website Status ConvertedContactId ConvertedOpportunityId ConvertedDate MasterRecordId".split()
)
_texts = st.sampled_from(
    [DEAL, PEOPLE[0], "", "\x00", "\ud800", "true", "1e5", "EUR", "2026-01-01", "2026-01-01T00:00:00.000+0000", "a@b.c"]
)
_values = st.none() | st.booleans() | st.integers() | st.floats() | _texts | st.lists(_texts, max_size=1)


@given(
    kind=st.sampled_from(["Opportunity", "OpportunityContactRole", "Contact", "Lead", "Account", "Case"]),
    record=st.dictionaries(_names, _values, max_size=6),
    dialect=st.sampled_from(["salesforce", READING]),
)
@settings(max_examples=400, deadline=None)
def test_no_record_raises_and_what_is_made_can_be_written(kind: str, record: dict[str, Any], dialect: str) -> None:
    record = {"Id": DEAL, "SystemModstamp": "2026-01-04T10:00:00Z", **record}
    lists = ("opportunities", "contacts", "leads", "accounts", "roles", "history")
    body = {"organization": ORGANIZATION, "object": kind, "record": record, **{name: [record] for name in lists}}
    for event in mapped(dialect, json_of(body), NOW).events:
        assert b"\\u0000" not in event.model_dump_json().encode()


@given(st.dictionaries(st.sampled_from(["organization", "asked", "roles", "contacts", "history"]), _values, max_size=3))
def test_no_answer_raises(answer: dict[str, Any]) -> None:
    mapped(READING, json_of(answer), NOW)


def json_of(value: Any) -> bytes:
    return json.dumps(value).encode()
