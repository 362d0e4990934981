"""Replays while the log does not acknowledge: what is in the spool is not in the log yet, and no revision is given twice."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path

import orjson

from tests.eventlog.failing_log import drained
from wanamaker_shared.contracts import failed_events, web_events
from wanamaker_shared.contracts.failed_events import EventFailed
from wanamaker_shared.contracts.record import Personal, encode
from wanamaker_shared.contracts.web_events import Tracked
from wanamaker_shared.eventlog.embedded import EmbeddedLog
from wanamaker_shared.eventlog.port import LogUnavailable, NewRecord
from wanamaker_shared.eventlog.spool import SpooledLog
from wanamaker_shared.eventlog.spool.spool import Spool
from wanamaker_shared.failed.desk import Desk
from wanamaker_shared.failed.ways import TopicWay
from wanamaker_shared.service.keys import Keyring


class ReadOnly(EmbeddedLog):
    """A log that can be read and, while `full`, takes nothing."""

    full = False

    async def append(self, records: Sequence[NewRecord]) -> None:
        if self.full:
            raise LogUnavailable("the disk is full")
        await super().append(records)


def record(event: str) -> bytes:
    return encode(
        Tracked(workspace="w", source="k", sender="c1", event_id="m1", occurred_at=1, received_at=1, event=event)
    )


FAILED = EventFailed(
    workspace="w",
    source="identity",
    event_id="f1",
    occurred_at=1,
    received_at=1,
    origin="identity",
    where="web-events/0/0",
    reason="the fault of old code",
    personal=Personal(key="c1", v={"raw": base64.b64encode(record("as it was")).decode()}),
)


async def test_edits_while_replays_are_spooled_are_each_newer_than_the_one_before(tmp_path: Path) -> None:
    log = ReadOnly(tmp_path / "log", "collector-serve")
    spool = Spool(tmp_path / "spool", "collector-serve", limit=1 << 24, deadline=5.0, queue_bytes=1 << 24)
    both = SpooledLog(log, log, spool, topics=[web_events.TOPIC], deadline=5.0, longest_pause=0.01)
    await both.start()
    way = TopicWay(web_events.TOPIC, web_events.adapter, lambda event: web_events.key(event.workspace, event.sender))
    desk = Desk("collector", both, Keyring([]), (way,), lambda: 99)
    await both.append([NewRecord(failed_events.TOPIC, failed_events.key("w", "identity"), encode(FAILED))])
    entry = (await desk.look()).find("w", "f1")
    assert entry is not None

    log.full = True
    revisions = []
    for event in ("A", "B", "B", "C"):
        done = await desk.replay(entry, record(event), by="admin")
        assert done.replay is not None
        revisions.append(done.replay.revision)
    assert revisions == [1, 2, 2, 3]
    log.full = False
    await drained(both)
    again = await desk.replay(entry, record("C"), by="admin")
    assert again.replay is not None
    assert again.replay.revision == 3

    stored = [
        orjson.loads(each.value)
        for at, end in (await both.end_positions([web_events.TOPIC])).items()
        async for batch in both.read(*at, 0, end)
        for each in batch.records
    ]
    assert max(stored, key=lambda event: event["revision"])["event"] == "C"
    assert [replay.revision for replay in desk.index.replays("f1")] == [1, 2, 3]
    await both.close()
