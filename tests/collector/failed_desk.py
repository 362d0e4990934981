"""What an operator does with failed events, in a few words: make some, list, look, send in again."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import httpx
import orjson

from wanamaker_shared.contracts import failed_events
from wanamaker_shared.contracts.failed_events import EventFailed
from wanamaker_shared.contracts.record import Personal, encode
from wanamaker_shared.eventlog.port import NewRecord

from .conftest import NOW, Collector

DAY = 86_400_000_000
FORM = {
    "type": "track",
    "event": "Form Submitted",
    "messageId": "m1",
    "anonymousId": "guest",
    "timestamp": "2026-01-05T09:59:00Z",
    "properties": {"form": "demo", "email": "ann@example.com"},
}
MENDED = {**FORM, "anonymousId": "c1"}


def admin(collector: Collector, key: str | None = None) -> dict[str, str]:
    return {"Authorization": f"Bearer {key or collector.keys['admin_key']}"}


async def fail(collector: Collector, *events: Any, server: bool = False) -> list[str]:
    """Send them in one batch; the failed_ids."""
    client = collector.server if server else collector.browser
    body = {"sentAt": "2026-01-05T10:00:01Z", "batch": list(events)}
    return [each["failed_id"] for each in (await client.post("/v1/batch", json=body)).json()["results"]]


async def append_failed(
    collector: Collector, *raws: bytes, origin: str = "collector", where: str = "/v1/batch[0]"
) -> list[str]:
    """As another version of the code, or another service, set them aside."""
    records = [
        EventFailed(
            workspace="default",
            source=source_of(collector),
            event_id=f"{origin}-{n}",
            occurred_at=NOW,
            received_at=NOW,
            origin=origin,
            where=where,
            reason="the fault of old code",
            personal=Personal(key="", v={"raw": base64.b64encode(raw).decode()}),
        )
        for n, raw in enumerate(raws)
    ]
    key = failed_events.key("default", origin)
    await collector.log.append([NewRecord(failed_events.TOPIC, key, encode(record)) for record in records])
    return [record.event_id for record in records]


def source_of(collector: Collector, key: str = "write_key") -> str:
    """The id of the key."""
    return hashlib.sha256(collector.keys[key].encode()).hexdigest()[:12]


async def get(collector: Collector, path: str = "", **query: Any) -> Any:
    answer = await collector.anonymous.get(f"/v1/failed{path}", params=query, headers=admin(collector))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def post(collector: Collector, path: str, body: Any = None) -> httpx.Response:
    content = body if isinstance(body, bytes) or body is None else orjson.dumps(body)
    return await collector.anonymous.post(f"/v1/failed/{path}", content=content, headers=admin(collector))


async def replay(collector: Collector, failed_id: str, body: Any = None) -> Any:
    answer = await post(collector, f"{failed_id}/replay", body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def replay_all(collector: Collector, **wanted: Any) -> Any:
    answer = await collector.anonymous.post("/v1/failed/replay", json=wanted, headers=admin(collector))
    assert answer.status_code == 200, answer.text
    return answer.json()
