"""A topic read whole: every record once, whatever was there and comes later, with one look for all who wait."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from pathlib import Path

from wanamaker_shared.contracts import tracking_links
from wanamaker_shared.eventlog.embedded import EmbeddedLog
from wanamaker_shared.eventlog.port import EventLog, LogUnavailable, NewRecord, TopicPartition
from wanamaker_shared.eventlog.whole_topic import WholeTopic

TOPIC = tracking_links.TOPIC


class Counting(EmbeddedLog):
    """Counts the looks; while `gate` is closed they wait, and `away` makes them fail."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory, "collector-serve", partitions=3)
        self.looks = 0
        self.away = False
        self.gate, self.begun = asyncio.Event(), asyncio.Event()
        self.gate.set()

    async def end_positions(self, topics: Collection[str]) -> dict[TopicPartition, int]:
        self.looks += 1
        self.begun.set()
        await self.gate.wait()
        if self.away:
            raise LogUnavailable("away")
        return await super().end_positions(topics)


async def append(writer: EventLog, *values: str) -> None:
    await writer.append([NewRecord(TOPIC, value, value.encode()) for value in values])


async def test_what_is_there_and_what_comes_later(tmp_path: Path) -> None:
    """Also when the topic's file is made by another process later on."""
    reading, taken = Counting(tmp_path / "log"), list[bytes]()
    topic = WholeTopic(lambda: reading, TOPIC, lambda stored: taken.append(stored.value))
    await topic.catch_up()
    assert taken == []
    writing = EmbeddedLog(tmp_path / "log", "attribution-serve", partitions=2)
    await append(writing, "a", "b", "c")
    await topic.catch_up()
    await append(writing, "d")
    await topic.catch_up()
    await topic.catch_up()
    assert sorted(taken) == [b"a", b"b", b"c", b"d"]
    assert taken[-1] == b"d"
    await writing.close()
    await reading.close()


async def test_those_who_wait_share_one_look_that_began_after_they_asked(tmp_path: Path) -> None:
    reading, taken = Counting(tmp_path / "log"), list[bytes]()
    topic = WholeTopic(lambda: reading, TOPIC, lambda stored: taken.append(stored.value))
    reading.gate.clear()
    first = asyncio.create_task(topic.catch_up())
    await reading.begun.wait()
    others = [asyncio.create_task(topic.catch_up()) for _ in range(50)]
    await asyncio.sleep(0)
    reading.gate.set()
    await asyncio.gather(first, *others)
    assert reading.looks == 2, "the first may have missed what the others ask for; one more is enough for all of them"
    await reading.close()


async def test_a_log_that_was_away_is_read_from_where_it_stopped(tmp_path: Path) -> None:
    reading, taken = Counting(tmp_path / "log"), list[bytes]()
    topic = WholeTopic(lambda: reading, TOPIC, lambda stored: taken.append(stored.value))
    writing = EmbeddedLog(tmp_path / "log", "attribution-serve", partitions=2)
    await append(writing, "a")
    await topic.catch_up()
    await append(writing, "b")
    reading.gate.clear()
    reading.begun.clear()
    asking = [asyncio.create_task(topic.catch_up())]
    await reading.begun.wait()
    asking += [asyncio.create_task(topic.catch_up()) for _ in range(2)]
    await asyncio.sleep(0)
    reading.away = True
    reading.gate.set()
    failed = await asyncio.gather(*asking, return_exceptions=True)
    assert [type(error) for error in failed] == [LogUnavailable] * 3, "who waits is not told that it was read"
    reading.away = False
    await topic.catch_up()
    assert taken == [b"a", b"b"]
    await writing.close()
    await reading.close()
