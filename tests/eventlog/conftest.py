"""The adapters under the conformance suite, each as an `Installation`: a log that several processes could share."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from wanamaker_shared.eventlog.embedded import EmbeddedLog
from wanamaker_shared.eventlog.kafka import KafkaLog
from wanamaker_shared.eventlog.port import EventLog

PARTITIONS = 3


class Installation:
    """`open("writer")` and `open("reader")` are two processes' views of one log; all are closed after the test."""

    partitions = PARTITIONS

    def __init__(self, adapter: str, build: Callable[[str], EventLog]) -> None:
        self.adapter = adapter
        self.topic = f"topic-{uuid.uuid4().hex[:12]}"
        self._build = build
        self._opened: list[EventLog] = []

    def open(self, process: str = "writer") -> EventLog:
        log = self._build(process)
        self._opened.append(log)
        return log

    async def close(self) -> None:
        for log in reversed(self._opened):
            await log.close()


@pytest.fixture(params=["embedded", pytest.param("kafka", marks=pytest.mark.kafka)])
def adapter(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def build(request: pytest.FixtureRequest, adapter: str, tmp_path: Path) -> Callable[[str], EventLog]:
    if adapter == "embedded":
        return lambda process: EmbeddedLog(tmp_path / "log", process, partitions=PARTITIONS)
    servers = request.getfixturevalue("kafka_servers")
    prefix = f"{uuid.uuid4().hex[:8]}."
    return lambda process: KafkaLog(servers, process, prefix=prefix, partitions=PARTITIONS)


@pytest.fixture
async def installation(adapter: str, build: Callable[[str], EventLog]) -> AsyncIterator[Installation]:
    installation = Installation(adapter, build)
    yield installation
    await installation.close()
