"""Where events go while the log does not acknowledge: what clients are answered, and what /readyz and /sink-health say."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.eventlog.disk_full import disk_full_at
from tests.eventlog.failing_log import FailingLog, drained, spooled
from tests.eventlog.following import everything
from wanamaker_collector.app import create_app
from wanamaker_collector.settings import CollectorSettings
from wanamaker_collector.sink import open_sink, readiness
from wanamaker_shared.contracts import failed_events, web_events
from wanamaker_shared.eventlog.embedded import EmbeddedLog
from wanamaker_shared.eventlog.port import LogUnavailable, NewRecord
from wanamaker_shared.eventlog.spool import SpooledLog

from .conftest import Collector

PAGE = {"anonymousId": "c1", "messageId": "m1"}
MIXED = {"batch": [{"type": "page", "anonymousId": "c1"}, 7]}


@pytest.fixture
def log() -> FailingLog:
    return FailingLog()


@pytest.fixture
async def sink(tmp_path: Path, log: FailingLog) -> AsyncIterator[SpooledLog]:
    sink = await spooled(tmp_path / "spool", log, limit=3 << 20)
    yield sink
    await sink.close()


@pytest.fixture
async def client(sink: SpooledLog, tmp_path: Path, keys: dict[str, Any]) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(CollectorSettings(data=tmp_path), sink, keys) as client:
        yield client


def client_of(settings: CollectorSettings, sink: SpooledLog, keys: dict[str, Any]) -> httpx.AsyncClient:
    door = create_app(settings)
    door.log = sink
    transport = httpx.ASGITransport(door)
    return httpx.AsyncClient(transport=transport, base_url="http://collector", auth=(keys["write_key"], ""))


async def test_200_is_the_log_and_202_the_spool(client: httpx.AsyncClient, log: FailingLog, sink: SpooledLog) -> None:
    assert (await client.post("/v1/page", json=PAGE)).status_code == 200
    log.down = True
    answer = await client.post("/v1/page", json=PAGE)
    assert (answer.status_code, answer.json()) == (202, {"success": True, "accepted": 1, "failed": 0, "results": []})
    mixed = await client.post("/v1/batch", json=MIXED)
    assert (mixed.status_code, mixed.json()["accepted"], mixed.json()["failed"]) == (202, 1, 1)
    log.down = False
    await drained(sink)
    assert (await client.post("/v1/page", json=PAGE)).status_code == 200
    assert [record.topic for record in log.taken] == ["web-events"] * 3 + ["failed-events", "web-events"]


async def test_clients_that_know_200_only_are_answered_so(
    sink: SpooledLog, log: FailingLog, tmp_path: Path, keys: dict[str, Any]
) -> None:
    log.down = True
    async with client_of(CollectorSettings(data=tmp_path, spooled_status="200"), sink, keys) as client:
        assert (await client.post("/v1/page", json=PAGE)).status_code == 200
    assert sink.waiting["records"] == 1


async def test_health_while_the_log_acknowledges_and_while_it_does_not(
    client: httpx.AsyncClient, log: FailingLog, sink: SpooledLog
) -> None:
    assert (await client.get("/readyz")).json() == {"status": "ready"}
    healthy = await client.get("/sink-health")
    assert (healthy.status_code, healthy.json()) == (200, {"status": "ok"})

    log.down = True
    await client.post("/v1/page", json=PAGE)
    ready = await client.get("/readyz")
    assert (ready.status_code, ready.json()) == (
        200,
        {"status": "ready", "log": "unavailable", "spool": {"records": 1, "bytes": sink.waiting["bytes"]}},
    )
    ill = await client.get("/sink-health")
    assert (ill.status_code, ill.headers["retry-after"]) == (503, "1")
    assert ill.headers["content-type"] == "application/problem+json"
    assert ill.json()["detail"] == "the log is down"
    metrics = (await client.get("/metrics")).text
    assert "\nwanamaker_spool_records 1.0" in metrics
    assert f"\nwanamaker_spool_bytes {float(sink.waiting['bytes'])}" in metrics

    log.down = False
    await drained(sink)
    assert (await client.get("/readyz")).json() == {"status": "ready"}
    assert (await client.get("/sink-health")).status_code == 200


async def test_a_full_spool_is_503_and_not_ready_until_there_is_room(
    client: httpx.AsyncClient, log: FailingLog, sink: SpooledLog
) -> None:
    log.down = True
    event = {"type": "page", "anonymousId": "c1", "properties": {"x": "y" * 30_000}}
    statuses = [(await client.post("/v1/batch", json={"batch": [event] * 25})).status_code for _ in range(5)]
    assert statuses == [202, 202, 202, 202, 503]
    refused = await client.post("/v1/batch", json={"batch": [event] * 25})
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert (await client.get("/readyz")).status_code == 503
    log.down = False
    await drained(sink)
    assert (await client.get("/readyz")).status_code == 200
    assert len(log.taken) == 4 * 25


async def test_a_spool_whose_disk_refuses_is_503_and_not_ready(
    client: httpx.AsyncClient, log: FailingLog, sink: SpooledLog
) -> None:
    log.down = True
    large = {"batch": [{"type": "page", "anonymousId": "c1", "properties": {"x": "y" * 30_000}}] * 20}
    with disk_full_at(400_000):
        assert (await client.post("/v1/batch", json=large)).status_code == 503
        assert (await client.get("/readyz")).status_code == 503
        log.down = False
        await drained(sink)  # what could not be spooled keeps nobody from a log that is back
        assert (await client.post("/v1/batch", json=large)).status_code == 200
    assert len(log.taken) == 20


async def test_the_embedded_log_is_a_sink_too(collector: Collector) -> None:
    assert (await collector.anonymous.get("/sink-health")).status_code == 200
    with disk_full_at(1):
        assert (await collector.anonymous.get("/sink-health")).status_code == 503
        assert (await collector.anonymous.get("/readyz")).status_code == 503
    assert (await collector.anonymous.get("/readyz")).status_code == 200
    await collector.log.close()
    assert (await collector.anonymous.get("/sink-health")).status_code == 503


async def test_what_was_spooled_for_kafka_is_in_the_embedded_log_once_the_collector_starts_without_it(
    tmp_path: Path, keys: dict[str, Any], log: FailingLog
) -> None:
    log.down = True
    sink = await spooled(tmp_path / "spool", log)
    async with client_of(CollectorSettings(data=tmp_path), sink, keys) as client:
        assert (await client.post("/v1/batch", json=MIXED)).status_code == 202
        assert (await client.post("/v1/page", json=PAGE)).status_code == 202
    await sink.close()

    for _ in range(2):  # the second finds nothing
        embedded = await open_sink(CollectorSettings(data=tmp_path), "collector-serve")
        assert await readiness(embedded) is None
        events = await everything(embedded, web_events.TOPIC)  # type: ignore[arg-type]
        assert sum(map(len, events.values())) == 2
        assert sum(map(len, (await everything(embedded, failed_events.TOPIC)).values())) == 1  # type: ignore[arg-type]
        await embedded.close()


async def test_an_embedded_log_that_was_never_on_kafka_gets_no_spool(tmp_path: Path) -> None:
    await (await open_sink(CollectorSettings(data=tmp_path), "collector-serve")).close()
    assert not (tmp_path / "spool").exists()


async def test_what_the_embedded_log_does_not_take_stays_spooled_and_the_collector_does_not_start(
    tmp_path: Path, log: FailingLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(_: EmbeddedLog, records: object) -> None:
        raise LogUnavailable("the disk is full")

    log.down = True
    sink = await spooled(tmp_path / "spool", log)
    await sink.append([NewRecord(web_events.TOPIC, "default/c1", b"{}")])
    await sink.close()
    with monkeypatch.context() as refusing:
        refusing.setattr(EmbeddedLog, "append", full)
        with pytest.raises(LogUnavailable, match="the disk is full"):
            await open_sink(CollectorSettings(data=tmp_path), "collector-serve")
    log.down = False
    again = await spooled(tmp_path / "spool", log)
    await drained(again)
    assert log.values == [b"{}"]
    await again.close()


@pytest.mark.parametrize("kafka", ["127.0.0.1:1", None])
async def test_a_collector_whose_spool_is_another_ones_does_not_start(
    tmp_path: Path, keys: dict[str, Any], kafka: str | None
) -> None:
    first = await spooled(tmp_path / "spool", FailingLog())
    door = create_app(CollectorSettings(data=tmp_path, kafka=kafka))
    messages = [{"type": "lifespan.startup"}]
    sent: list[Any] = []

    async def receive() -> Any:
        return messages.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    with pytest.raises(LogUnavailable, match="each collector needs a spool of its own"):
        await door({"type": "lifespan", "state": {}}, receive, send)
    assert sent[0]["type"] == "lifespan.startup.failed"
    await first.close()
