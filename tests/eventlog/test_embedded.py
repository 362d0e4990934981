"""What only the embedded log promises: who writes a file, what damage looks like, what a full disk does."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from tests.eventlog.disk_full import disk_full_at
from tests.eventlog.following import PATIENCE, everything, from_the_start, numbered, take
from wanamaker_shared.contracts.topics import TOPICS
from wanamaker_shared.eventlog.embedded import EmbeddedLog
from wanamaker_shared.eventlog.embedded.blocks import trim
from wanamaker_shared.eventlog.partitions import partition_for
from wanamaker_shared.eventlog.port import LogCorrupt, LogUnavailable, NewRecord, TopicPartition


async def write(directory: Path, records: list[NewRecord], **settings: int) -> None:
    log = EmbeddedLog(directory, "writer", **settings)
    await log.append(records)
    await log.close()


async def test_a_second_writer_is_refused_by_name_and_may_come_once_the_first_has_gone(tmp_path: Path) -> None:
    first = EmbeddedLog(tmp_path, "collector-serve")
    with pytest.raises(LogUnavailable, match=r"web-events\.db is written by collector-serve \(pid \d+\) already"):
        EmbeddedLog(tmp_path, "collector-serve")
    await first.close()

    second = EmbeddedLog(tmp_path, "collector-serve")
    await second.append([NewRecord("web-events", "a", b"1")])
    await second.close()


async def test_a_process_owns_the_topics_of_its_contracts_and_reads_those_of_others(tmp_path: Path) -> None:
    collector, identity = EmbeddedLog(tmp_path, "collector-serve"), EmbeddedLog(tmp_path, "identity-consume")
    assert {path.name for path in tmp_path.glob("*.db")} == {
        "web-events.db",
        "tallies.db",
        "failed-events.collector-serve.db",
        "identity-updates.db",
        "failed-events.identity-consume.db",
    }
    await collector.append([NewRecord("web-events", "a", b"1")])
    with pytest.raises(LogUnavailable, match="web-events"):
        await identity.append([NewRecord("web-events", "a", b"2")])
    assert sum((await identity.end_positions(["web-events"])).values()) == 1
    for log in (collector, identity):
        await log.close()


async def test_a_topic_of_several_writers_has_a_partition_for_each(tmp_path: Path) -> None:
    writers = TOPICS["failed-events"].writers
    reader = EmbeddedLog(tmp_path, "reader")
    following = reader.subscribe(["failed-events"], "group", from_the_start)
    collector, attribution = EmbeddedLog(tmp_path, "collector-serve"), EmbeddedLog(tmp_path, "attribution-consume")
    await collector.append([NewRecord("failed-events", key, b"c") for key in ("a", "b", "c")])
    await attribution.append([NewRecord("failed-events", "a", b"a")])

    batches = await take(following, 4)

    assert {(batch.partition, record.value) for batch in batches for record in batch.records} == {
        (writers.index("collector-serve"), b"c"),
        (writers.index("attribution-consume"), b"a"),
    }
    ends = await reader.end_positions(["failed-events"])
    assert list(ends) == [TopicPartition("failed-events", partition) for partition in range(len(writers))]
    assert [record.key for record in (await everything(reader, "failed-events"))[0]] == ["a", "b", "c"]
    with pytest.raises(ValueError, match="reader does not write failed-events"):
        await reader.append([NewRecord("failed-events", "a", b"")])
    for log in (collector, attribution, reader):
        await log.close()


async def test_the_number_of_partitions_stays_what_the_file_was_made_with(tmp_path: Path) -> None:
    await write(tmp_path, numbered("topic", 50), partitions=3)
    await write(tmp_path, numbered("topic", 50), partitions=8)
    log = EmbeddedLog(tmp_path, "reader", partitions=8)
    ends = await log.end_positions(["topic"])
    assert [place.partition for place in ends] == [0, 1, 2]
    assert sum(ends.values()) == 100
    await log.close()


@pytest.mark.parametrize("where", ["key", "value", "length"])
async def test_a_changed_byte_is_found_and_named(tmp_path: Path, where: str) -> None:
    for number in range(5):
        await write(tmp_path, [NewRecord("topic", f"key-{number}", b"value-%d" % number)], partitions=1)
    path = tmp_path / "topic.db"
    sought = {"key": b"key-3", "value": b"value-3", "length": b"\x07\x00\x00\x00key-3"}[where]
    content = path.read_bytes()
    assert content.count(sought) == 1
    path.write_bytes(content.replace(sought, bytes([sought[0] ^ 1]) + sought[1:]))

    log = EmbeddedLog(tmp_path, "reader")
    with pytest.raises(LogCorrupt, match=r"topic\.db partition 0 offset 3"):
        await everything(log, "topic")
    with pytest.raises(LogCorrupt, match=r"topic\.db partition 0 offset 3"):
        await take(log.subscribe(["topic"], "group", from_the_start), 5)
    before = [record.value async for batch in log.read("topic", 0, 0, 3) for record in batch.records]
    assert before == [b"value-0", b"value-1", b"value-2"]
    await log.close()


async def test_a_missing_block_is_found_and_named(tmp_path: Path) -> None:
    for number in range(5):
        await write(tmp_path, [NewRecord("topic", "key", b"%d" % number)], partitions=1)
    with sqlite3.connect(tmp_path / "topic.db") as raw:
        raw.execute("DELETE FROM block WHERE first = 2")
    raw.close()

    log = EmbeddedLog(tmp_path, "reader")
    for start in (0, 2):
        with pytest.raises(LogCorrupt, match=r"topic\.db partition 0 offset 2: the records up to offset 2 are missing"):
            async for _ in log.read("topic", 0, start, 5):
                pass
    await log.close()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ("PRAGMA user_version=99", "has format 99; this version of Wanamaker reads format 1"),
        ("PRAGMA application_id=7", "not a Wanamaker topic"),
    ],
)
async def test_a_file_of_another_format_is_neither_read_nor_written(tmp_path: Path, damage: str, message: str) -> None:
    await write(tmp_path, numbered("topic", 5))
    raw = sqlite3.connect(tmp_path / "topic.db")
    raw.execute(damage)
    raw.close()

    log = EmbeddedLog(tmp_path, "writer")
    with pytest.raises(LogCorrupt, match=message):
        await log.end_positions(["topic"])
    with pytest.raises(LogCorrupt, match=message):
        await log.append(numbered("topic", 1))
    await log.close()


async def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "topic.db").write_bytes(b"not a database at all, " * 1000)
    log = EmbeddedLog(tmp_path, "writer")
    with pytest.raises(LogCorrupt, match=r"topic\.db: file is not a database"):
        await log.end_positions(["topic"])
    with pytest.raises(LogCorrupt, match=r"topic\.db: file is not a database"):
        await log.append(numbered("topic", 1))
    await log.close()


async def test_a_full_disk_is_said_and_takes_no_acknowledged_record(tmp_path: Path) -> None:
    log = EmbeddedLog(tmp_path, "writer")
    acknowledged = []
    refused = 0
    with disk_full_at(400_000):
        for number in range(120):
            try:
                await log.append([NewRecord("topic", "a", b"%03d" % number + bytes(10_000))])
                acknowledged.append(number)
            except LogUnavailable:
                refused += 1
        with pytest.raises(LogUnavailable, match=r"topic\.db"):
            await log.check()
    assert acknowledged
    assert refused
    await log.append([NewRecord("topic", "a", b"999")])
    await log.check()
    with disk_full_at(1), pytest.raises(LogUnavailable, match=r"topic\.try: .*File too large"):
        await log.check()
    await log.close()

    again = EmbeddedLog(tmp_path, "reader")
    stored = [int(record.value[:3]) for found in (await everything(again, "topic")).values() for record in found]
    assert sorted(stored) == [*acknowledged, 999]
    await again.close()


async def test_a_full_queue_makes_appends_wait_for_room(tmp_path: Path) -> None:
    log = EmbeddedLog(tmp_path, "writer", queue_bytes=5_000)
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*(log.append([NewRecord("topic", f"{number}", bytes(2_000))]) for number in range(200)))
        await log.append([NewRecord("topic", "larger than the queue", bytes(50_000))])
    assert sum((await log.end_positions(["topic"])).values()) == 201
    await log.close()


async def test_a_disk_that_hangs_is_said_within_the_deadline_and_room_comes_back(tmp_path: Path) -> None:
    log = EmbeddedLog(tmp_path, "writer", deadline=0.2, queue_bytes=5_000)
    await log.append([NewRecord("topic", "a", b"first")])
    other = sqlite3.connect(tmp_path / "topic.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")  # the writer thread now waits for the lock, as for a disk that hangs
    async with asyncio.timeout(PATIENCE):
        answers = await asyncio.gather(
            *(log.append([NewRecord("topic", "a", bytes(2_000))]) for _ in range(10)), return_exceptions=True
        )
        assert {type(answer) for answer in answers} == {LogUnavailable}
        other.execute("ROLLBACK")
        other.close()
        while True:
            try:
                await log.append([NewRecord("topic", "a", b"last")])
                break
            except LogUnavailable:
                continue
    assert (await everything(log, "topic"))[partition_for("a", log.partitions)][-1].value == b"last"
    await log.close()


async def test_retention_removes_old_blocks_and_readers_go_on_behind_them(tmp_path: Path) -> None:
    for number in range(6):
        await write(tmp_path, [NewRecord("topic", "a", b"%d" % number)], partitions=1)
    raw = sqlite3.connect(tmp_path / "topic.db", isolation_level=None)
    raw.execute("UPDATE block SET written_at = first")
    trim(raw, 1, older_than=4)
    log = EmbeddedLog(tmp_path, "writer", partitions=1)

    (batch,) = await take(log.subscribe(["topic"], "group", from_the_start), 2)

    assert (batch.start, batch.next) == (0, 6), "start is where the reader was, so that its position can be compared"
    assert [record.value for record in batch.records] == [b"4", b"5"]
    trim(raw, 1, older_than=1000)
    raw.close()
    assert await log.end_positions(["topic"]) == {TopicPartition("topic", 0): 6}
    await log.append([NewRecord("topic", "a", b"6")])
    assert await log.end_positions(["topic"]) == {TopicPartition("topic", 0): 7}
    await log.close()
