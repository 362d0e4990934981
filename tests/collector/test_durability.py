"""2xx means durable: the log has taken everything before the answer begins; if it does not, the answer says so."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, MutableMapping, Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest

from wanamaker_collector.app import create_app
from wanamaker_collector.front_door import FrontDoor
from wanamaker_collector.settings import CollectorSettings
from wanamaker_shared.eventlog.port import LogUnavailable, NewRecord

from .conftest import Collector, Opened

PAGE = b'{"anonymousId":"c1","messageId":"m1"}'
MIXED = b'{"batch":[{"type":"page","anonymousId":"c1"},7]}'


class Recorder:
    """Stands between the door and its log, and writes down what happened in which order."""

    def __init__(self, log: Any = None) -> None:
        self.happened: list[str] = []
        self.taken: list[NewRecord] = []
        self.error: LogUnavailable | None = None
        self.may_return = asyncio.Event()
        self._log = log

    async def append(self, records: Sequence[NewRecord]) -> None:
        if self.error is not None:
            raise self.error
        if self._log is not None:
            await self._log.append(records)
        await self.may_return.wait()
        self.taken += records
        self.happened.append("durable")


async def post(door: FrontDoor, path: str, recorder: Recorder, body: bytes, key: str, *pieces: bytes) -> int:
    """Speak ASGI to the door; the status."""
    messages = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    messages.append({"type": "http.request", "body": body, "more_body": False})
    statuses: list[int] = []

    async def receive() -> MutableMapping[str, Any]:
        return messages.pop(0)

    async def send(message: Any) -> None:
        recorder.happened.append(message["type"])
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    authorization = b"Basic " + base64.b64encode(f"{key}:".encode())
    scope = {"type": "http", "method": "POST", "path": path, "headers": [(b"authorization", authorization)]}
    await door(scope, receive, send)
    return statuses[0]


@pytest.mark.parametrize(("path", "body", "count"), [("/v1/page", PAGE, 1), ("/v1/batch", MIXED, 2)])
async def test_nothing_is_answered_before_the_log_has_it(
    collector: Collector, path: str, body: bytes, count: int
) -> None:
    recorder = Recorder(collector.log)
    collector.door.log = recorder  # type: ignore[assignment]
    asking = asyncio.create_task(post(collector.door, path, recorder, body, collector.keys["write_key"]))
    done, _ = await asyncio.wait([asking], timeout=0.2)
    assert not done
    assert recorder.happened == []
    assert len(await collector.events()) + len(await collector.failed()) == count  # written, and still no answer
    recorder.may_return.set()
    assert await asking == 200
    assert recorder.happened == ["durable", "http.response.start", "http.response.body"]


@pytest.mark.parametrize("body", [b'{"batch":[{"type":"page","anonymousId":"c1"}]}', MIXED, b'{"batch":[7]}'])
async def test_a_log_that_takes_nothing_is_503(collector: Collector, body: bytes) -> None:
    recorder = Recorder()
    recorder.error = LogUnavailable("the disk is full")
    collector.door.log = recorder  # type: ignore[assignment]
    answer = await collector.browser.post("/v1/batch", content=body)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert answer.headers["content-type"] == "application/problem+json"
    assert "disk" not in answer.text


async def test_a_closed_log_is_503_and_not_ready(collector: Collector) -> None:
    await collector.log.close()
    assert (await collector.browser.post("/v1/page", content=PAGE)).status_code == 503
    assert (await collector.anonymous.get("/readyz")).status_code == 503


async def test_too_much_at_once_is_503_and_passes(tmp_path: Path, open_collector: Opened) -> None:
    collector = await open_collector(CollectorSettings(data=tmp_path, in_flight_bytes=1 << 20))
    recorder = Recorder()
    collector.door.log = recorder  # type: ignore[assignment]
    key = collector.keys["write_key"]
    body = orjson.dumps({"batch": [{"type": "page", "anonymousId": "c1", "properties": {"x": "y" * 30_000}}] * 30})
    waiting = [asyncio.create_task(post(collector.door, "/v1/batch", recorder, body, key)) for _ in range(2)]
    await asyncio.wait(waiting, timeout=0.2)
    refused = await collector.browser.post("/v1/page", content=PAGE)
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    recorder.may_return.set()
    assert await asyncio.gather(*waiting) == [200, 200]
    assert (await collector.browser.post("/v1/page", content=PAGE)).status_code == 200


async def test_a_body_in_pieces_is_read_to_the_limit_and_no_further(tmp_path: Path, open_collector: Opened) -> None:
    collector = await open_collector(CollectorSettings(data=tmp_path, body_bytes=2048))
    recorder = Recorder()
    recorder.may_return.set()
    collector.door.log = recorder  # type: ignore[assignment]
    key = collector.keys["write_key"]
    assert await post(collector.door, "/v1/page", recorder, PAGE[20:], key, PAGE[:10], PAGE[10:20]) == 200
    assert len(recorder.taken) == 1
    read: list[int] = []

    async def endless() -> AsyncIterator[bytes]:
        while True:
            read.append(1000)
            yield b"x" * 1000

    stream = endless()

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": await anext(stream), "more_body": True}

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await collector.door({"type": "http", "method": "POST", "path": "/v1/page", "headers": []}, receive, send)
    assert sent[0]["status"] == 413
    assert sum(read) == 3000


async def test_a_body_announced_as_too_long_is_not_read(collector: Collector) -> None:
    async def receive() -> MutableMapping[str, Any]:
        raise AssertionError("the body was read")

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    for length in (b"1048577", b"60000000", b"9" * 400):
        scope = {"type": "http", "method": "POST", "path": "/v1/page", "headers": [(b"content-length", length)]}
        await collector.door(scope, receive, send)
        assert sent[-2]["status"] == 413


async def test_a_client_that_hangs_up_gets_no_answer_and_leaves_no_trace(collector: Collector) -> None:
    messages: list[MutableMapping[str, Any]] = [
        {"type": "http.request", "body": PAGE[:9], "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> MutableMapping[str, Any]:
        return messages.pop(0)

    async def send(message: Any) -> None:
        raise AssertionError(f"answered {message}")

    await collector.door({"type": "http", "method": "POST", "path": "/v1/page", "headers": []}, receive, send)
    assert await collector.events() == []
    assert (await collector.browser.post("/v1/page", content=PAGE)).status_code == 200


async def test_the_app_opens_and_closes_its_own_log(tmp_path: Path, keys: dict[str, Any]) -> None:
    door = create_app(CollectorSettings(data=tmp_path))
    steps: asyncio.Queue[str] = asyncio.Queue()
    answered: asyncio.Queue[str] = asyncio.Queue()

    async def receive() -> MutableMapping[str, Any]:
        return {"type": await steps.get()}

    async def send(message: Any) -> None:
        answered.put_nowait(message["type"])

    living = asyncio.create_task(door({"type": "lifespan", "state": {}}, receive, send))
    steps.put_nowait("lifespan.startup")
    assert await answered.get() == "lifespan.startup.complete"
    recorder = Recorder()
    assert await post(door, "/v1/page", recorder, PAGE, keys["write_key"]) == 200
    steps.put_nowait("lifespan.shutdown")
    assert await answered.get() == "lifespan.shutdown.complete"
    await living
    assert await post(door, "/v1/page", recorder, PAGE, keys["write_key"]) == 503
