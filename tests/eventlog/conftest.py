"""The adapters under the conformance suite, each as an `Installation`: a log that several processes could share."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import cast

import pytest

from tests.eventlog.failing_log import LIMIT
from tests.eventlog.following import PATIENCE
from wanamaker_shared.eventlog.embedded import EmbeddedLog
from wanamaker_shared.eventlog.kafka import KafkaLog
from wanamaker_shared.eventlog.port import EventLog
from wanamaker_shared.eventlog.spool import SpooledLog
from wanamaker_shared.eventlog.spool.spool import Spool

PARTITIONS = 3

Build = Callable[[str], Awaitable[EventLog]]
"""process → its view of the log, once that is ready."""


class Installation:
    """`open("writer")` and `open("reader")` are two processes' views of one log; all are closed after the test."""

    partitions = PARTITIONS

    def __init__(self, adapter: str, build: Build) -> None:
        self.adapter = adapter
        self.topic = f"topic-{uuid.uuid4().hex[:12]}"
        self._build = build
        self._opened: list[EventLog] = []

    async def open(self, process: str = "writer") -> EventLog:
        log = await self._build(process)
        self._opened.append(log)
        return log

    async def close(self) -> None:
        for log in reversed(self._opened):
            await log.close()


@pytest.fixture(params=["embedded", "spooled", pytest.param("kafka", marks=pytest.mark.kafka)])
def adapter(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def build(request: pytest.FixtureRequest, adapter: str, tmp_path: Path) -> Build:
    if adapter != "kafka":

        async def on_files(process: str) -> EventLog:
            log = EmbeddedLog(tmp_path / "log", process, partitions=PARTITIONS)
            return log if adapter == "embedded" else await behind_a_spool(log, tmp_path / f"spool-{process}")

        return on_files

    servers = request.getfixturevalue("kafka_servers")
    prefix = f"{uuid.uuid4().hex[:8]}."

    async def on_kafka(process: str) -> EventLog:
        return KafkaLog(servers, process, prefix=prefix, partitions=PARTITIONS)

    return on_kafka


async def behind_a_spool(log: EventLog, directory: Path) -> EventLog:
    """While the log acknowledges, and what it did not is sent on, a spool before it is not to be noticed.

    What it does while the log does not is its own: test_spool.py. Its `append` also says where the records are; whoever
    does not look at that has an `EventLog`.
    """
    spool = Spool(directory, "conformance", limit=LIMIT, deadline=PATIENCE, queue_bytes=LIMIT)
    spooled = SpooledLog(log, log, spool, topics=["topic"], deadline=PATIENCE, longest_pause=0.01)
    await spooled.start()
    return cast(EventLog, spooled)


@pytest.fixture
async def installation(adapter: str, build: Build) -> AsyncIterator[Installation]:
    installation = Installation(adapter, build)
    yield installation
    await installation.close()
