"""Failed events are found and sent in again alike on both logs: in parts, once, in the order of the log."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator

import pytest

from tests.eventlog.conftest import Build
from wanamaker_shared.contracts import failed_events, web_events
from wanamaker_shared.contracts.failed_events import EventFailed
from wanamaker_shared.contracts.record import Personal, encode
from wanamaker_shared.contracts.web_events import Tracked
from wanamaker_shared.eventlog.port import EventLog, NewRecord
from wanamaker_shared.failed.desk import Cursor, Desk, Done
from wanamaker_shared.failed.index import Filter, read_value
from wanamaker_shared.failed.ways import TopicWay
from wanamaker_shared.service.keys import Keyring

OPEN = Filter(status="open")


@pytest.fixture
async def log(build: Build) -> AsyncIterator[EventLog]:
    log = await build("collector-serve")
    yield log
    await log.close()


def record(n: int) -> bytes:
    return encode(
        Tracked(workspace="w", source="k", sender="c1", event_id=f"m{n}", occurred_at=n, received_at=n, event="E")
    )


def set_aside(n: int, *, workspace: str = "w") -> NewRecord:
    failed = EventFailed(
        workspace=workspace,
        source="identity",
        event_id=f"f{n}",
        occurred_at=n,
        received_at=n,
        origin="identity",
        where=f"web-events/0/{n}",
        reason="the fault of old code",
        personal=Personal(key="c1", v={"raw": base64.b64encode(record(n)).decode()}),
    )
    return NewRecord(failed_events.TOPIC, failed_events.key(workspace, "identity"), encode(failed))


async def test_a_filter_is_worked_off_in_parts_and_once(log: EventLog) -> None:
    way = TopicWay(web_events.TOPIC, web_events.adapter, lambda event: web_events.key(event.workspace, event.sender))
    desk = Desk("collector", log, Keyring([]), (way,), lambda: 99)
    await log.append([*(set_aside(n) for n in range(5)), set_aside(9, workspace="other")])

    done: list[Done] = []
    after: Cursor | None = None
    while True:
        part, after = await desk.replay_all("w", OPEN, after, 2, by="admin")
        assert len(part) <= 2
        done += part
        if after is None:
            break
    assert [(each.failed_id, each.status) for each in done] == [(f"f{n}", "replayed") for n in range(5)]
    assert await values_of(log, web_events.TOPIC) == [record(n) for n in range(5)]
    assert await desk.replay_all("w", OPEN, None, 10, by="admin") == ([], None)

    entry = (await desk.look()).find("w", "f3")
    assert entry is not None
    assert await read_value(log, entry) == set_aside(3).value
    (replay,) = desk.index.replays("f3")
    assert (replay.by, replay.at, replay.revision, replay.edited) == ("admin", 99, 0, False)


async def values_of(log: EventLog, topic: str) -> list[bytes]:
    return [
        stored.value
        for at, end in sorted((await log.end_positions([topic])).items())
        if end
        async for batch in log.read(*at, 0, end)
        for stored in batch.records
    ]
