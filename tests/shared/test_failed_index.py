"""The index of failed events holds the newest of each partition, once each, and reads only what is new."""

from __future__ import annotations

import asyncio
import base64
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from wanamaker_shared.contracts import failed_events
from wanamaker_shared.contracts.failed_events import EventFailed, EventReplayed
from wanamaker_shared.contracts.record import Personal, encode
from wanamaker_shared.eventlog.embedded import EmbeddedLog
from wanamaker_shared.eventlog.port import Batch, NewRecord
from wanamaker_shared.failed.index import FailedIndex, Filter


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[EmbeddedLog]:
    log = EmbeddedLog(tmp_path, "collector-serve")
    yield log
    await log.close()


def failure(n: int) -> NewRecord:
    record = EventFailed(
        workspace="w",
        source="k",
        event_id=f"f{n}",
        occurred_at=n,
        received_at=n,
        origin="collector",
        where="/v1/page[0]",
        reason="bad",
        personal=Personal(key="", v={"raw": base64.b64encode(b"{}").decode()}),
    )
    return NewRecord(failed_events.TOPIC, failed_events.key("w", "collector"), encode(record))


def replayed(n: int) -> NewRecord:
    record = EventReplayed(
        workspace="w",
        source="admin",
        event_id=f"r{n}",
        occurred_at=n,
        received_at=n,
        origin="collector",
        retry_of=f"f{n}",
        topic="web-events",
        as_source="k",
        as_event_id=f"m{n}",
        sha256="",
    )
    return NewRecord(failed_events.TOPIC, failed_events.key("w", "collector"), encode(record))


def known(index: FailedIndex) -> list[str]:
    return sorted((entry.failed_id for entry in index.matching("w", Filter())), key=lambda name: int(name[1:]))


async def test_only_the_newest_are_held(log: EmbeddedLog) -> None:
    index = FailedIndex(most=10)
    await log.append([failure(n) for n in range(25)])
    await index.refresh(log)
    assert known(index) == [f"f{n}" for n in range(15, 25)]
    await log.append([failure(n) for n in range(25, 29)])
    await index.refresh(log)
    assert known(index) == [f"f{n}" for n in range(19, 29)]


async def test_the_replays_of_what_is_forgotten_are_forgotten_too(log: EmbeddedLog) -> None:
    index = FailedIndex(most=10)
    for n in range(25):
        await log.append([failure(n), replayed(n)])
        await index.refresh(log)
    assert known(index) == [f"f{n}" for n in range(15, 25)]
    assert sorted(index._replays) == [f"f{n}" for n in range(15, 25)]


async def test_what_the_relay_brought_twice_is_one(log: EmbeddedLog) -> None:
    index = FailedIndex()
    await log.append([failure(1), failure(2), failure(1)])
    await index.refresh(log)
    assert known(index) == ["f1", "f2"]
    assert [entry.offset for entry in index.matching("w", Filter())] == [0, 1]


async def test_what_was_read_is_not_read_again(log: EmbeddedLog, monkeypatch: pytest.MonkeyPatch) -> None:
    index = FailedIndex()
    await log.append([failure(1)])
    await index.refresh(log)
    starts = watch(log, monkeypatch)
    await index.refresh(log)
    assert starts == []
    await log.append([failure(2)])
    await index.refresh(log)
    assert (starts, known(index)) == ([1], ["f1", "f2"])


async def test_of_a_long_log_only_the_end_is_read(log: EmbeddedLog, monkeypatch: pytest.MonkeyPatch) -> None:
    await log.append([failure(n) for n in range(25)])
    starts = watch(log, monkeypatch)
    await FailedIndex(most=10).refresh(log)
    assert starts == [15]


async def test_nothing_changes_while_somebody_looks(log: EmbeddedLog) -> None:
    """The look is in a thread of its own: entries that came in under it would end it."""
    index = FailedIndex()
    await log.append([failure(n) for n in range(3)])
    begun, go_on = threading.Event(), threading.Event()

    def look() -> int:
        entries = index.matching("w", Filter())
        next(entries)
        begun.set()
        assert go_on.wait(10)
        return 1 + len(list(entries))

    looking = asyncio.ensure_future(index.ask(log, look))
    await asyncio.to_thread(begun.wait, 10)
    await log.append([failure(7)])
    refreshing = asyncio.ensure_future(index.refresh(log))
    for _ in range(20):  # had it a chance, it would take it here
        await log.end_positions([failed_events.TOPIC])
    assert not refreshing.done()
    go_on.set()
    assert await looking == 3
    await refreshing
    assert len(known(index)) == 4


def watch(log: EmbeddedLog, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Where each reading begins."""
    starts: list[int] = []
    read = log.read

    def watched(topic: str, partition: int, start: int, end: int, *, max_records: int = 1000) -> AsyncIterator[Batch]:
        starts.append(start)
        return read(topic, partition, start, end, max_records=max_records)

    monkeypatch.setattr(log, "read", watched)
    return starts


async def test_a_type_of_a_later_version_is_passed_over(log: EmbeddedLog) -> None:
    await log.append([NewRecord(failed_events.TOPIC, "w/collector", b'{"type":"event.forgotten"}'), failure(1)])
    index = FailedIndex()
    await index.refresh(log)
    assert known(index) == ["f1"]
