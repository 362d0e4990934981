"""A collector in front of a real embedded log in a temporary directory, with a clock that stands."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from wanamaker_collector.app import create_app
from wanamaker_collector.front_door import FrontDoor
from wanamaker_collector.settings import CollectorSettings
from wanamaker_shared.eventlog.embedded import EmbeddedLog
from wanamaker_shared.service.keys import Keyring, new_workspace, read_keyring, write_keys

from .process import port

__all__ = ["port"]

NOW = 1_767_607_201_000_000
"""2026-01-05T10:00:01Z"""


@dataclass(slots=True)
class Collector:
    """The door, a client with the write key and one with the secret key, and what the log holds."""

    door: FrontDoor
    log: EmbeddedLog
    keys: Mapping[str, str]
    browser: httpx.AsyncClient
    server: httpx.AsyncClient
    anonymous: httpx.AsyncClient
    now: Clock

    async def events(self) -> list[dict[str, Any]]:
        """The web events in the log, in the order they were appended to their partitions."""
        return await self._all("web-events")

    async def failed(self) -> list[dict[str, Any]]:
        return await self._all("failed-events")

    async def _all(self, topic: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for (_, partition), end in sorted((await self.log.end_positions([topic])).items()):
            async for batch in self.log.read(topic, partition, 0, end):
                found += [orjson.loads(record.value) for record in batch.records]
        return found


@dataclass(slots=True)
class Clock:
    at: int = field(default=NOW)

    def __call__(self) -> int:
        return self.at


@pytest.fixture
def keys(tmp_path: Path) -> dict[str, Any]:
    document = new_workspace("default")
    document["workspaces"] = [new_workspace("other")]
    write_keys(tmp_path / "keys.json", document)
    return document


@pytest.fixture
def keyring(tmp_path: Path, keys: dict[str, Any]) -> Keyring:
    return read_keyring(tmp_path / "keys.json")


@pytest.fixture
async def collector(tmp_path: Path, keys: dict[str, Any], open_collector: Opened) -> Collector:
    return await open_collector(CollectorSettings(data=tmp_path, form_events=("Quote Requested",)))


Opened = Callable[[CollectorSettings], Awaitable[Collector]]


@pytest.fixture
async def open_collector(tmp_path: Path, keys: dict[str, Any]) -> AsyncIterator[Opened]:
    opened: list[Collector] = []

    async def open_one(settings: CollectorSettings) -> Collector:
        log = EmbeddedLog(tmp_path / "log", process="collector-serve")
        clock = Clock()
        door = create_app(settings, log=log, clock=clock)
        door.log = log

        def client(key: str | None) -> httpx.AsyncClient:
            auth = None if key is None else (key, "")
            return httpx.AsyncClient(transport=httpx.ASGITransport(door), base_url="http://collector", auth=auth)

        write, secret = client(keys["write_key"]), client(keys["secret_key"])
        opened.append(Collector(door, log, keys, write, secret, client(None), clock))
        return opened[-1]

    yield open_one
    for one in opened:
        for client in (one.browser, one.server, one.anonymous):
            await client.aclose()
        await one.log.close()
