"""`consume`: what is in the inbox becomes facts once, however often, in whatever order and batches it comes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, select

from tests.crm_bridge.signing import SECRET, keyring
from wanamaker_crm_bridge.connections import Connections
from wanamaker_crm_bridge.emitting import failed_record
from wanamaker_crm_bridge.inbox import inbox_record
from wanamaker_crm_bridge.mapping import Failure, Webhook
from wanamaker_crm_bridge.projection import BridgeProjection
from wanamaker_crm_bridge.tables import fetch_queue, metadata, outbox
from wanamaker_shared.contracts import crm_events, crm_webhooks, failed_events
from wanamaker_shared.contracts.record import precedence
from wanamaker_shared.eventlog.port import Batch, StoredRecord
from wanamaker_shared.eventlog.projection import Counts
from wanamaker_shared.eventlog.runner import prepare_tables, step
from wanamaker_shared.service.database import Database, SqliteDatabase
from wanamaker_shared.service.postgres import PostgresDatabase

RING = keyring(a={"generic": (SECRET,)}, b={"generic": (SECRET,)})
CONTACT = {"id": "C1", "email": "ann@example.com"}
DEAL = {
    "type": "deal.updated",
    "id": "e1",
    "deal": {"id": "D1", "status": "won", "contacts": [CONTACT]},
}
MERGE = {"type": "contact.merged", "id": "e2", "from": "C2", "into": "C1"}
BROKEN = {"type": "deal.updated", "id": "e3", "deal": {"id": "D2", "amount": "many", "contacts": ["C9"]}}
UNKNOWN = {"type": "ticket.created"}


def delivery(event: Any, name: str, *, workspace: str = "a", received_at: int = 1_000_000, revision: int = 0) -> bytes:
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    webhook = Webhook(workspace, "generic", name, received_at, body, revision)
    return inbox_record(webhook, dialect="generic", verified_by="test").value


def batch(values: Sequence[bytes], start: int = 0) -> Batch:
    records = tuple(StoredRecord(start + n, "a/generic", value) for n, value in enumerate(values))
    return Batch(crm_webhooks.TOPIC, 0, start, start + len(values), records)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = SqliteDatabase(tmp_path / "bridge.db", durable=False)
    await prepare_tables(BridgeProjection(RING, Connections()), database)
    yield database
    await database.close()


async def take_in(database: Database, values: Sequence[bytes], start: int = 0) -> Counts:
    return await step(BridgeProjection(RING, Connections()), database, batch(values, start), group="crm-bridge")


async def emitted(database: Database, topic: str) -> list[bytes]:
    return await database.read(lambda connection: emitted_of(connection, topic))


def emitted_of(connection: Connection, topic: str) -> list[bytes]:
    return list(connection.scalars(select(outbox.c.value).where(outbox.c.topic == topic).order_by(outbox.c.id)))


async def test_each_delivery_becomes_its_facts(database: Database) -> None:
    assert await take_in(database, [delivery(DEAL, "m1"), delivery(MERGE, "m2")]) == Counts(facts=2)
    events = [crm_events.adapter.validate_json(value) for value in await emitted(database, crm_events.TOPIC)]
    assert [event.type for event in events] == ["deal.revised", "contact.revised", "contact.merged"]
    keys = await database.read(lambda connection: list(connection.scalars(select(outbox.c.key).order_by(outbox.c.id))))
    assert keys == ["a/generic/deal:D1", "a/generic/contact:C1", "a/generic/contact:C1"]


async def test_what_was_accepted_before_domains_were_stated_is_mapped_as_then(database: Database) -> None:
    before = delivery(DEAL, "m1").replace(b'"mapping_version":2,', b"")
    await take_in(database, [before, delivery(DEAL, "m2")])
    events = [crm_events.adapter.validate_json(value) for value in await emitted(database, crm_events.TOPIC)]
    contacts = [event for event in events if isinstance(event, crm_events.ContactRevised)]
    assert [contact.properties.get("email_domains") for contact in contacts] == [None, ["example.com"]]


async def test_a_delivery_that_comes_again_emits_nothing(database: Database) -> None:
    await take_in(database, [delivery(DEAL, "m1")])
    before = await emitted(database, crm_events.TOPIC)
    again = [
        delivery(DEAL, "m1", received_at=2_000_000),
        delivery(DEAL, "m1", received_at=3_000_000),
        delivery(DEAL, "m1"),
    ]
    assert await take_in(database, again, 1) == Counts(duplicates=3)
    assert await emitted(database, crm_events.TOPIC) == before


async def test_within_one_batch_too(database: Database) -> None:
    twice = [delivery(DEAL, "m1"), delivery(DEAL, "m1", received_at=2_000_000)]
    assert await take_in(database, twice) == Counts(facts=1, duplicates=1)
    assert len(await emitted(database, crm_events.TOPIC)) == 2


async def test_the_same_delivery_id_of_another_workspace_is_another_delivery(database: Database) -> None:
    assert await take_in(database, [delivery(DEAL, "m1")]) == Counts(facts=1)
    assert await take_in(database, [delivery(DEAL, "m1", workspace="b")], 1) == Counts(facts=1)
    keys = [crm_events.adapter.validate_json(value).workspace for value in await emitted(database, crm_events.TOPIC)]
    assert keys == ["a", "a", "b", "b"]


async def test_a_higher_revision_is_mapped_again(database: Database) -> None:
    await take_in(database, [delivery(DEAL, "m1")])
    assert await take_in(database, [delivery(DEAL, "m1", revision=1, received_at=9)], 1) == Counts(duplicates=1)
    revisions = [
        crm_events.adapter.validate_json(value).revision for value in await emitted(database, crm_events.TOPIC)
    ]
    assert revisions == [0, 0, 1, 1]


async def test_what_cannot_be_mapped_goes_to_failed_events_with_its_place_and_reason(database: Database) -> None:
    value = delivery(BROKEN, "m1")
    assert await take_in(database, [delivery(DEAL, "m0"), value, delivery(b"{", "m2")]) == Counts(facts=3)
    first, second = [
        failed_events.adapter.validate_json(value) for value in await emitted(database, failed_events.TOPIC)
    ]
    assert first.where == "crm-webhooks/0/1"
    assert first.reason.startswith("event item 0: deal.amount must be a decimal number")
    assert (first.workspace, first.source, first.origin) == ("a", "generic", "crm-bridge")
    assert second.reason.startswith("body: body is not JSON")
    assert [crm_events.adapter.validate_json(value).type for value in await emitted(database, crm_events.TOPIC)] == [
        "deal.revised",
        "contact.revised",
        "contact.revised",
    ]


async def test_however_much_of_a_delivery_fails_its_bytes_are_kept_once(database: Database) -> None:
    many = json.dumps([{"type": "deal.deleted"}] * 1000).encode()
    assert await take_in(database, [delivery(many, "m1")]) == Counts(facts=1)
    (failed,) = [failed_events.adapter.validate_json(value) for value in await emitted(database, failed_events.TOPIC)]
    assert "event 19 item 0: deal is missing; and 980 more; correct it" in failed.reason


async def test_each_mapping_of_a_delivery_fails_under_an_id_of_its_own(database: Database) -> None:
    """So that one that was sent in again and failed again can be seen, and a rebuild says nothing new."""
    await take_in(database, [delivery(BROKEN, "m1"), delivery(BROKEN, "m1", revision=1), delivery(BROKEN, "m2")])
    failed = [failed_events.adapter.validate_json(value) for value in await emitted(database, failed_events.TOPIC)]
    assert len({each.event_id for each in failed}) == len(failed) == 3
    again = failed_record(Webhook("a", "generic", "m1", 9, b"", 1), [Failure("x", "y")], "elsewhere", b"")
    assert failed_events.adapter.validate_json(again.value).event_id == failed[1].event_id


async def test_a_failed_event_holds_the_inbox_record_so_that_it_can_be_replayed(database: Database) -> None:
    import base64

    value = delivery(BROKEN, "m1")
    await take_in(database, [value])
    (failed,) = [failed_events.adapter.validate_json(value) for value in await emitted(database, failed_events.TOPIC)]
    assert base64.b64decode(failed.personal.v["raw"]) == value


async def test_unknown_types_are_skipped_and_counted(database: Database) -> None:
    stranger = json.dumps({"type": "webhook.sent", "workspace": "a"}).encode()
    assert await take_in(database, [delivery(UNKNOWN, "m1"), stranger, delivery(MERGE, "m2")]) == Counts(1, 0, 2)
    assert await emitted(database, failed_events.TOPIC) == []


async def test_what_was_skipped_counts_once_however_it_comes_again(database: Database) -> None:
    assert await take_in(database, [delivery(UNKNOWN, "m1")]) == Counts(skipped=1)
    again = [delivery(UNKNOWN, "m1"), delivery(UNKNOWN, "m1", revision=1), delivery(UNKNOWN, "m1", revision=2)]
    assert await take_in(database, again, 1) == Counts(duplicates=3)


async def test_a_record_that_is_no_record_is_set_aside_and_the_others_count(database: Database) -> None:
    unknown_workspace = delivery(DEAL, "m9", workspace="c")
    values = [delivery(DEAL, "m1"), b"\x00", unknown_workspace, delivery(MERGE, "m2")]
    assert await take_in(database, values) == Counts(facts=2)
    reasons = [
        failed_events.adapter.validate_json(value).reason for value in await emitted(database, failed_events.TOPIC)
    ]
    assert len(reasons) == 2
    assert "the workspace of this webhook is not in keys.json" in reasons[1]
    assert len(await emitted(database, crm_events.TOPIC)) == 3


async def test_no_fact_and_no_failure_shows_an_address_outside_personal(database: Database) -> None:
    await take_in(
        database, [delivery(DEAL, "m1"), delivery(BROKEN | {"deal": {"id": "D", "amount": "ann@example.com"}}, "m2")]
    )
    for topic in (crm_events.TOPIC, failed_events.TOPIC):
        for value in await emitted(database, topic):
            document = json.loads(value)
            document.pop("personal", None)
            assert "ann" not in json.dumps(document)


@pytest.mark.postgres
async def test_postgresql_gives_the_same(database: Database, postgres_url: str) -> None:
    other = PostgresDatabase(postgres_url, "crm_bridge_g1")
    try:
        await prepare_tables(BridgeProjection(RING, Connections()), other)
        values = [
            delivery(DEAL, "m1"),
            b"{}",
            delivery(BROKEN, "m2"),
            delivery(DEAL, "m1", received_at=5),
            delivery(MERGE, "ü"),
        ]
        assert await take_in(other, values) == await take_in(database, values) == Counts(facts=3, duplicates=1)
        assert await take_in(other, values[:1], 5) == await take_in(database, values[:1], 5) == Counts(duplicates=1)
        assert await emitted(other, crm_events.TOPIC) == await emitted(database, crm_events.TOPIC)
    finally:
        await other.close()


_deliveries = st.lists(
    st.builds(
        lambda event, name, at, revision, workspace: delivery(
            event, name, received_at=at, revision=revision, workspace=workspace
        ),
        st.sampled_from([DEAL, MERGE, BROKEN]),
        st.sampled_from(["m1", "m2"]),
        st.sampled_from([1_000_000, 2_000_000]),
        st.sampled_from([0, 0, 1]),
        st.sampled_from(["a", "b"]),
    ),
    max_size=6,
)


@given(values=_deliveries, data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_facts_that_count_do_not_depend_on_order_repetition_or_cuts(
    values: list[bytes], data: st.DataObject
) -> None:
    """Compared by the readers' rule: of several records with one identity the one with precedence.

    One delivery id stands for one body here, as it does for every sender that keeps to Standard Webhooks.
    """
    bodies: dict[tuple[str, str], Any] = {}
    kept = [v for v in values if bodies.setdefault(_whose(v), _body(v)) == _body(v)]
    order = data.draw(
        st.permutations(kept + data.draw(st.lists(st.sampled_from(kept), max_size=2) if kept else st.just([])))
    )
    cut = data.draw(st.integers(0, len(order)))
    assert _counting([kept]) == _counting([order[:cut], order[cut:]])


def _whose(value: bytes) -> tuple[str, str]:
    document = json.loads(value)
    return document["workspace"], document["event_id"]


def _body(value: bytes) -> str:
    return str(json.loads(value)["personal"]["v"]["body"])


def _counting(batches: list[list[bytes]]) -> dict[Any, bytes]:
    """The records of crm-events that count after the batches."""
    engine = create_engine("sqlite://")
    projection = BridgeProjection(RING, Connections())
    best: dict[Any, tuple[Any, bytes]] = {}
    with engine.begin() as connection:
        metadata.create_all(connection)
        for values in batches:
            projection.apply(connection, batch(values))
        for value in emitted_of(connection, crm_events.TOPIC):
            record = crm_events.adapter.validate_json(value)
            ranked = (precedence(record, value), value)
            best[record.identity] = min(best.get(record.identity, ranked), ranked)
        assert connection.scalars(select(fetch_queue.c.fetch_id)).all() == []
    engine.dispose()
    return {identity: value for identity, (_, value) in best.items()}
