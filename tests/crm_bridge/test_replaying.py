"""Failed webhooks and records of crm-events, mended and sent in again through the crm-bridge: each counts once."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from tests.collector.test_poison import VALUES
from tests.crm_bridge.conftest import inbox_of
from tests.crm_bridge.signing import signed
from wanamaker_crm_bridge.connections import Connections
from wanamaker_crm_bridge.projection import BridgeProjection
from wanamaker_crm_bridge.settings import BridgeSettings
from wanamaker_shared.contracts import crm_events, crm_webhooks, failed_events
from wanamaker_shared.contracts.failed_events import EventFailed
from wanamaker_shared.contracts.record import Personal, encode
from wanamaker_shared.eventlog.outbox import outbox_table
from wanamaker_shared.eventlog.port import EventLog, NewRecord
from wanamaker_shared.eventlog.projection import Counts
from wanamaker_shared.eventlog.runner import prepare_tables, step
from wanamaker_shared.service.database import Database, SqliteDatabase

BROKEN = {"type": "deal.updated", "id": "e3", "deal": {"id": "D2", "amount": "many", "currency": "EUR"}}
MENDED = {"type": "deal.updated", "id": "e3", "deal": {"id": "D2", "amount": "100.00", "currency": "EUR"}}


class Bridge:
    """Both processes of the crm-bridge, `consume` a batch at a time and relaying by hand."""

    def __init__(self, client: httpx.AsyncClient, log: EventLog, database: Database, settings: BridgeSettings) -> None:
        self.client, self.log = client, log
        self._database = database
        self._projection = BridgeProjection(settings.keyring, Connections())
        self._admin = {"Authorization": f"Bearer {settings.keyring.workspaces['default'].admin_key}"}
        self._position: dict[int, int] = {}

    async def deliver(self, event: Any, name: str = "msg_1") -> None:
        body = json.dumps(event).encode()
        sent = await self.client.post("/webhooks/generic", content=body, headers=signed(body, delivery_id=name))
        assert sent.status_code == 200

    async def consume(self) -> Counts:
        """What is new in the inbox; failed events are relayed to the log."""
        counts = Counts()
        for at, end in (await self.log.end_positions([crm_webhooks.TOPIC])).items():
            async for batch in self.log.read(*at, self._position.get(at.partition, 0), end):
                self._position[at.partition] = batch.next
                new = await step(self._projection, self._database, batch, group="crm-bridge")
                counts = Counts(
                    counts.facts + new.facts, counts.duplicates + new.duplicates, counts.skipped + new.skipped
                )
        return counts

    async def emitted(self, topic: str) -> list[NewRecord]:
        table = outbox_table(self._projection.metadata)
        rows = await self._database.read(
            lambda connection: connection.execute(
                table.select().where(table.c.topic == topic).order_by(table.c.id)
            ).all()
        )
        return [NewRecord(row.topic, row.key, bytes(row.value)) for row in rows]

    async def relay_failed(self) -> list[str]:
        """The failed_ids of what `consume` set aside until now."""
        records = await self.emitted(failed_events.TOPIC)
        await self.log.append(records)
        return [failed_events.adapter.validate_json(record.value).event_id for record in records]

    async def get(self, path: str = "") -> Any:
        return (await self.client.get(f"/v1/failed{path}", headers=self._admin)).json()

    async def replay(self, failed_id: str, body: Any = None) -> httpx.Response:
        content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        return await self.client.post(f"/v1/failed/{failed_id}/replay", content=content, headers=self._admin)

    async def events(self) -> list[Any]:
        return [crm_events.adapter.validate_json(record.value) for record in await self.emitted(crm_events.TOPIC)]


@pytest.fixture
async def bridge(
    client: httpx.AsyncClient, log: EventLog, settings: BridgeSettings, tmp_path: Path
) -> AsyncIterator[Bridge]:
    database = SqliteDatabase(tmp_path / "bridge.db", durable=False)
    await prepare_tables(BridgeProjection(settings.keyring, Connections()), database)
    yield Bridge(client, log, database, settings)
    await database.close()


async def test_a_mended_body_is_mapped_once(bridge: Bridge) -> None:
    await bridge.deliver(BROKEN)
    await bridge.consume()
    (failed_id,) = await bridge.relay_failed()
    shown = await bridge.get(f"/{failed_id}")
    assert (json.loads(shown["raw"]), shown["replayed_by"]) == (BROKEN, "crm-bridge")
    assert await bridge.events() == []

    first = (await bridge.replay(failed_id, MENDED)).json()
    assert await bridge.consume() == Counts(duplicates=1)
    (event,) = await bridge.events()
    assert (event.deal_id, event.properties["amount"], event.revision) == ("D2", "100.00", 1)
    one, two = await inbox_of(bridge.log)
    assert (one.identity, one.received_at) == (two.identity, two.received_at)

    assert (await bridge.replay(failed_id, MENDED)).json() == first
    assert await bridge.consume() == Counts(duplicates=1)
    assert len(await bridge.events()) == 1
    shown = await bridge.get(f"/{failed_id}")
    assert (shown["status"], json.loads(shown["edited"])) == ("replayed", MENDED)


async def test_what_still_cannot_be_mapped_is_told_at_once_and_changes_nothing(bridge: Bridge) -> None:
    await bridge.deliver(BROKEN)
    await bridge.consume()
    (failed_id,) = await bridge.relay_failed()
    for body in (None, {**BROKEN, "id": "e4"}):
        answer = await bridge.replay(failed_id, body)
        assert (answer.status_code, "amount" in answer.json()["detail"]) == (422, True), answer.text
        assert "many" not in answer.text
    assert len(await inbox_of(bridge.log)) == 1


async def set_aside(bridge: Bridge, record: bytes, where: str = "crm-events/0/0") -> str:
    failed = EventFailed(
        workspace="default",
        source="identity",
        event_id="f1",
        occurred_at=5,
        received_at=5,
        origin="identity",
        where=where,
        reason="the fault of old code",
        personal=Personal(key="", v={"raw": base64.b64encode(record).decode()}),
    )
    await bridge.log.append([NewRecord(failed_events.TOPIC, "default/identity", encode(failed))])
    return failed.event_id


async def test_a_record_that_a_consumer_set_aside_is_said_again_with_its_bytes(bridge: Bridge) -> None:
    await bridge.deliver(MENDED)
    await bridge.consume()
    (said,) = await bridge.emitted(crm_events.TOPIC)
    failed_id = await set_aside(bridge, said.value)
    for _ in range(2):
        assert (await bridge.replay(failed_id)).status_code == 200
        await bridge.consume()
    assert await bridge.emitted(crm_events.TOPIC) == [said, said]


async def test_an_edited_record_is_a_higher_revision_of_itself(bridge: Bridge) -> None:
    await bridge.deliver(MENDED)
    await bridge.consume()
    (said,) = await bridge.emitted(crm_events.TOPIC)
    failed_id = await set_aside(bridge, said.value)
    record = orjson.loads(said.value)
    edited = {**record, "properties": {**record["properties"], "amount": "7.00"}}
    assert (await bridge.replay(failed_id, edited)).status_code == 200
    await bridge.consume()
    one, two = await bridge.events()
    assert (two.identity, two.revision, two.properties["amount"]) == (one.identity, 1, "7.00")


@pytest.mark.parametrize(
    ("change", "status"), [({"event_id": "x"}, 409), ({"workspace": "x"}, 409), ({"deal_id": 7}, 422)]
)
async def test_an_edited_record_stays_the_record_it_is(bridge: Bridge, change: dict[str, Any], status: int) -> None:
    await bridge.deliver(MENDED)
    await bridge.consume()
    (said,) = await bridge.emitted(crm_events.TOPIC)
    failed_id = await set_aside(bridge, said.value)
    assert (await bridge.replay(failed_id, {**orjson.loads(said.value), **change})).status_code == status


async def test_poison_as_an_edit_is_told_or_taken(bridge: Bridge) -> None:
    await bridge.deliver(BROKEN)
    await bridge.consume()
    (webhook,) = await bridge.relay_failed()
    record = await set_aside(bridge, b"{}")
    places = (
        b"@",
        b'{"type":@,"id":"e3","deal":@}',
        b'{"type":"deal.updated","id":@,"occurred_at":@,"deal":{"id":"D2","amount":@,"closed_at":@,"contacts":@,@:1}}',
        b'{"type":"deal.revised","workspace":"default","source":"c","event_id":"e","occurred_at":5,"received_at":5,"deal_id":@,'
        b'"properties":{"x":@},"more":@}',
    )
    for name, value in VALUES.items():
        for place in places:
            for failed_id in (webhook, record):
                answer = await bridge.replay(failed_id, place.replace(b"@", value))
                assert answer.status_code in (200, 409, 422), (name, place)
    await bridge.consume()


async def test_a_kept_webhook_that_is_none_says_so(bridge: Bridge) -> None:
    failed_id = await set_aside(bridge, b"\x00", where="crm-webhooks/0/0")
    answer = await bridge.replay(failed_id)
    assert (answer.status_code, "send it again from the CRM" in answer.json()["detail"]) == (409, True)


async def test_the_collectors_events_are_the_collectors(bridge: Bridge) -> None:
    failed_id = await set_aside(bridge, b"{}", where="web-events/0/0")
    answer = await bridge.replay(failed_id)
    assert (answer.status_code, "by way of the crm-bridge" in answer.json()["detail"]) == (409, True)


@pytest.mark.parametrize("name", ["record", "record-1"])
def test_no_connection_speaks_the_dialect_of_replays(name: str) -> None:
    assert Connections().crm_of(name) == "generic"
