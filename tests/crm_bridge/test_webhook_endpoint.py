"""POST /webhooks/{connection}: 200 means that the raw request is in the log; everything else means that it is not."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Sequence

import httpx
import pytest

from tests.crm_bridge.conftest import inbox_of
from tests.crm_bridge.signing import NOW, OTHER_SECRET, signed
from wanamaker_crm_bridge.app import create_app
from wanamaker_crm_bridge.settings import BridgeSettings
from wanamaker_shared.eventlog.port import EventLog, LogUnavailable, NewRecord

BODY = b'{"type": "deal.deleted", "deal": {"id": "D1"}}'


async def test_200_means_that_the_raw_request_is_in_the_inbox(client: httpx.AsyncClient, log: EventLog) -> None:
    body = '{"any": "thing, read later: ä"}'.encode()
    headers = signed(body) | {"content-type": "application/json", "authorization": "Bearer never-kept"}
    answer = await client.post("/webhooks/generic", content=body, headers=headers)
    assert (answer.status_code, answer.json()) == (200, {"success": True, "id": "msg_1"})
    (record,) = await inbox_of(log)
    assert (record.workspace, record.source, record.event_id) == ("default", "generic", "msg_1")
    assert (record.dialect, record.verified_by) == ("generic", "standard-webhooks")
    assert record.received_at == record.occurred_at == NOW * 1_000_000 + 250_000
    assert record.headers == {"content-type": "application/json"}
    assert base64.b64decode(record.personal.v["body"]) == body


async def test_a_body_that_nobody_can_read_is_kept_all_the_same(client: httpx.AsyncClient, log: EventLog) -> None:
    for number, body in enumerate((b"", b"{", b'{"a": NaN}', b"\x00", b"[" * 10_000)):
        headers = signed(body, delivery_id=f"msg_{number}")
        assert (await client.post("/webhooks/generic", content=body, headers=headers)).status_code == 200
    assert len(await inbox_of(log)) == 5


async def test_a_delivery_that_comes_again_is_answered_200(client: httpx.AsyncClient, log: EventLog) -> None:
    for _ in range(2):
        assert (await client.post("/webhooks/generic", content=BODY, headers=signed(BODY))).status_code == 200
    assert len({record.identity for record in await inbox_of(log)}) == 1


@pytest.mark.parametrize(
    ("connection", "headers"),
    [
        ("generic", {}),
        ("generic", signed(BODY, secret=OTHER_SECRET)),
        ("generic", signed(BODY + b" ")),
        ("generic", signed(BODY, at=NOW - 301)),
        ("generic", signed(BODY, at=NOW + 302)),
        ("nobody", signed(BODY)),
        ("%00", signed(BODY)),
        ("%C3%A4", signed(BODY)),
        ("x" * 101, signed(BODY)),
    ],
)
async def test_an_unverified_request_is_one_and_the_same_401(
    client: httpx.AsyncClient, log: EventLog, connection: str, headers: dict[str, str]
) -> None:
    """Also for a connection that does not exist: an answer of its own would tell strangers which ones do."""
    answer = await client.post(f"/webhooks/{connection}", content=BODY, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "about:blank",
        "status": 401,
        "title": "Unauthorized",
        "detail": "The signature does not fit the connection, the body and the time.",
    }
    assert await inbox_of(log) == []


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
@pytest.mark.parametrize("value", [b"\xff\xfe", b"", b"v1," + b"\xe4" * 44, b"9" * 5000, b"nan"])
async def test_hostile_headers_are_401_never_500(client: httpx.AsyncClient, name: str, value: bytes) -> None:
    headers = [(key.encode(), text.encode()) for key, text in signed(BODY).items() if key != name]
    answer = await client.post("/webhooks/generic", content=BODY, headers=[*headers, (name.encode(), value)])
    assert answer.status_code == 401


async def test_a_body_announced_too_large_is_413(client: httpx.AsyncClient) -> None:
    body = b"x" * 100_001
    answer = await client.post("/webhooks/generic", content=body, headers=signed(body))
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_body_of_just_the_limit_is_taken_announced_or_not(client: httpx.AsyncClient) -> None:
    body = b"x" * 100_000

    async def in_parts() -> AsyncIterator[bytes]:
        yield body[:1]
        yield body[1:]

    contents: list[bytes | AsyncIterator[bytes]] = [body, in_parts()]
    for number, content in enumerate(contents):
        headers = signed(body, delivery_id=f"msg_{number}")
        assert (await client.post("/webhooks/generic", content=content, headers=headers)).status_code == 200


async def test_the_limit_holds_while_the_body_arrives(client: httpx.AsyncClient) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1
            yield b"x" * 10_000

    assert (await client.post("/webhooks/generic", content=endless(), headers=signed(b""))).status_code == 413
    assert sent <= 12


async def test_a_body_that_stalls_is_408(settings: BridgeSettings, log: EventLog) -> None:
    app = create_app(settings.model_copy(update={"webhook_seconds": 0.001}), log=log)
    answers: list[int] = []

    async def never() -> dict[str, object]:
        import asyncio

        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: dict[str, object]) -> None:
        if message["type"] == "http.response.start":
            status = message["status"]
            assert isinstance(status, int)
            answers.append(status)

    scope = {"type": "http", "method": "POST", "path": "/webhooks/generic", "headers": [], "query_string": b""}
    await app(scope, never, send)  # type: ignore[arg-type]
    assert answers == [408]


class DownLog:
    """A log whose disk is full."""

    async def append(self, records: Sequence[NewRecord]) -> None:
        raise LogUnavailable("disk full")

    async def end_positions(self, topics: Sequence[str]) -> dict[object, int]:
        raise LogUnavailable("disk full")

    async def close(self) -> None: ...


async def test_without_a_log_it_is_503_with_retry_after_and_not_ready(settings: BridgeSettings) -> None:
    app = create_app(settings, log=DownLog(), clock=lambda: NOW)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bridge.test") as client:
        answer = await client.post("/webhooks/generic", content=BODY, headers=signed(BODY))
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert (await client.get("/readyz")).status_code == 503
        assert (await client.get("/livez")).status_code == 200


async def test_operations_answer(client: httpx.AsyncClient) -> None:
    assert (await client.get("/livez")).status_code == 200
    assert (await client.get("/readyz")).json() == {"status": "ready"}
    await client.post("/webhooks/generic", content=BODY, headers=signed(BODY))
    assert 'wanamaker_webhooks_total{outcome="stored"}' in (await client.get("/metrics")).text
    document = (await client.get("/openapi.json")).json()
    assert set(document["paths"]["/webhooks/{connection}"]["post"]["responses"]) >= {"200", "401", "408", "413", "503"}
    assert (await client.get("/webhooks/generic")).status_code == 405
