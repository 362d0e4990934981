"""Five hundred heads and five hundred bodies that drip, beside honest traffic: all are cut off, and nobody else notices."""

from __future__ import annotations

import asyncio
import time
from base64 import b64encode
from typing import Any

import httpx
import pytest

from .test_socket import head

pytestmark = pytest.mark.e2e

EACH = 500
CUT_WITHIN = 15.0
PAGE = {"type": "page", "anonymousId": "c1", "context": {"page": {"url": "https://shop.test/"}}}


async def drip(port: int, begin: bytes) -> float:
    """Send the beginning, then a byte a second; how many seconds the server bore it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    started = time.monotonic()
    writer.write(begin)

    async def on() -> None:
        while True:
            writer.write(b"x")
            await asyncio.sleep(1)

    dripping = asyncio.ensure_future(on())
    try:
        await asyncio.wait_for(_until_cut(reader), CUT_WITHIN + 15)
    finally:
        dripping.cancel()
        writer.close()
    return time.monotonic() - started


async def _until_cut(reader: asyncio.StreamReader) -> None:
    try:
        while await reader.read(4096):
            pass
    except ConnectionError:
        return


async def test_slow_senders_are_cut_off_and_honest_ones_served(port: int, keys: dict[str, Any]) -> None:
    key = keys["write_key"]
    slow_head = (
        f"POST /v1/batch HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {b64encode(key.encode()).decode()}\r\nX-Slow: "
    )
    attack = asyncio.gather(
        *(drip(port, slow_head.encode()) for _ in range(EACH)),
        *(drip(port, head(key, "Content-Length: 5000") + b'{"batch":[') for _ in range(EACH)),
    )
    answers: list[int] = []
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", auth=(key, "")) as honest:
        while not attack.done():
            answers.append((await honest.post("/v1/page", json={**PAGE, "messageId": str(len(answers))})).status_code)
            await asyncio.sleep(0.02)
    borne = await attack
    assert len(borne) == 2 * EACH
    assert max(borne) < CUT_WITHIN
    assert set(answers) == {200}
    assert len(answers) > 20
