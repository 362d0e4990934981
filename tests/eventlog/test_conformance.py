"""What every adapter of the port must do. Run against each: a test here never asks which one it has."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Collection, Mapping

import pytest

from tests.eventlog.conftest import Installation
from tests.eventlog.following import PATIENCE, by_key, everything, from_the_start, numbered, starting_at, take
from wanamaker_shared.eventlog.partitions import partition_for
from wanamaker_shared.eventlog.port import LogCorrupt, LogUnavailable, NewRecord, TopicPartition


async def test_records_of_a_key_are_in_its_partition_in_the_order_they_were_appended(
    installation: Installation,
) -> None:
    log, topic = await installation.open(), installation.topic
    records = numbered(topic, 500)
    for start in range(0, 500, 50):
        await log.append(records[start : start + 50])

    stored = await everything(log, topic)

    assert sorted(stored) == list(range(installation.partitions))
    for partition, found in stored.items():
        assert [record.offset for record in found] == list(range(len(found)))
        assert {partition_for(record.key, installation.partitions) for record in found} <= {partition}
    values = {key: values for found in stored.values() for key, values in by_key(found).items()}
    assert values == {f"key-{key}": [b"%d" % number for number in range(key, 500, 7)] for key in range(7)}


async def test_what_was_appended_is_there_after_reopening_and_offsets_go_on(installation: Installation) -> None:
    topic = installation.topic
    log = await installation.open()
    await log.append([NewRecord(topic, "a", b"before")])
    await log.close()

    again = await installation.open()
    await again.append([NewRecord(topic, "a", b"after")])

    partition = partition_for("a", installation.partitions)
    stored = (await everything(again, topic))[partition]
    assert [(record.offset, record.key, record.value) for record in stored] == [(0, "a", b"before"), (1, "a", b"after")]


async def test_a_batch_is_one_partition_and_begins_where_the_one_before_ended(installation: Installation) -> None:
    log, topic = await installation.open(), installation.topic
    await log.append(numbered(topic, 200))

    batches = await take(log.subscribe([topic], "group", from_the_start, max_records=30), 200)

    at = dict.fromkeys(range(installation.partitions), 0)
    for batch in batches:
        assert batch.topic == topic
        assert batch.start == at[batch.partition]
        assert [record.offset for record in batch.records] == list(range(batch.start, batch.next))
        assert 1 <= len(batch.records) <= 30
        at[batch.partition] = batch.next
    assert {TopicPartition(topic, partition): end for partition, end in at.items()} == await log.end_positions([topic])


async def test_a_subscription_goes_on_at_the_positions_it_is_given(installation: Installation) -> None:
    log, topic = await installation.open(), installation.topic
    await log.append(numbered(topic, 100))
    ends = await log.end_positions([topic])
    positions = {place: end // 2 for place, end in ends.items() if place.partition != 0}
    asked: list[TopicPartition] = []

    async def lookup(places: Collection[TopicPartition]) -> Mapping[TopicPartition, int]:
        asked.extend(places)
        return positions

    expected = sum(end - positions.get(place, 0) for place, end in ends.items())
    batches = await take(log.subscribe([topic], "group", lookup), expected)

    first = {TopicPartition(batch.topic, batch.partition): batch.start for batch in reversed(batches)}
    assert first == {place: positions.get(place, 0) for place in ends}
    assert sorted(asked) == sorted(ends)


async def test_concurrent_appends_are_each_stored_once(installation: Installation) -> None:
    log, topic = await installation.open(), installation.topic
    await asyncio.gather(*(log.append([record]) for record in numbered(topic, 300)))

    stored = [record for found in (await everything(log, topic)).values() for record in found]

    assert sorted(int(record.value) for record in stored) == list(range(300))


async def test_every_group_gets_every_record(installation: Installation) -> None:
    log, topic = await installation.open(), installation.topic
    reader = await installation.open("reader")
    subscriptions = [
        asyncio.create_task(take(each.subscribe([topic], group, from_the_start), 50))
        for each, group in ((log, "one"), (log, "two"), (reader, "three"))
    ]
    await log.append(numbered(topic, 50))

    for batches in await asyncio.gather(*subscriptions):
        values = [int(record.value) for batch in batches for record in batch.records]
        assert sorted(values) == list(range(50))


async def test_a_reader_may_come_before_the_topic(installation: Installation) -> None:
    topic = installation.topic
    waiting = asyncio.create_task(
        take((await installation.open("reader")).subscribe([topic], "group", from_the_start), 1)
    )
    await asyncio.sleep(0)
    await (await installation.open()).append([NewRecord(topic, "a", b"first")])

    assert [record.value for batch in await waiting for record in batch.records] == [b"first"]


async def test_an_idle_subscription_wakes_within_20_ms_of_an_append(installation: Installation) -> None:
    log, topic = await installation.open(), installation.topic
    await log.append([NewRecord(topic, "a", b"0")])
    batches = (await installation.open("reader")).subscribe([topic], "group", from_the_start)
    await take(batches, 1)
    delays = []
    for number in range(1, 26):
        waiting = asyncio.create_task(take(batches, 1))
        await log.append([NewRecord(topic, "a", b"%d" % number)])
        appended = time.perf_counter()
        (batch,) = await waiting
        delays.append(time.perf_counter() - appended)
        assert [record.value for record in batch.records] == [b"%d" % number]

    # The median, for other work on the machine delays single ones; without a wake-up it is above 100 ms.
    assert statistics.median(delays) < 0.020


async def test_no_partition_and_no_topic_waits_for_a_busy_one_to_be_done(installation: Installation) -> None:
    log, busy = await installation.open(), installation.topic
    quiet = f"{busy}-quiet"
    await log.append([NewRecord(busy, "same", b"%d" % number) for number in range(2000)])
    await log.append([NewRecord(quiet, f"key-{number}", b"") for number in range(20)])

    batches = log.subscribe([busy, quiet], "group", from_the_start, max_records=10)
    order: list[str] = []
    async with asyncio.timeout(PATIENCE):
        while order.count(quiet) < 20:
            batch = await anext(batches)
            order += [batch.topic] * len(batch.records)

    assert order.count(busy) < 2000


def flat(batches: list[list[int]]) -> list[int]:
    return [offset for batch in batches for offset in batch]


async def test_read_gives_exactly_the_range_that_was_asked_for(installation: Installation) -> None:
    log, topic = await installation.open(), installation.topic
    partition = partition_for("a", installation.partitions)
    for start in range(0, 60, 20):  # ranges that begin and end within what was appended at once
        await log.append([NewRecord(topic, "a", b"%d" % number) for number in range(start, start + 20)])

    async def read(start: int, end: int, max_records: int = 1000) -> list[list[int]]:
        async with asyncio.timeout(PATIENCE):
            return [
                [record.offset for record in batch.records]
                async for batch in log.read(topic, partition, start, end, max_records=max_records)
            ]

    assert flat(await read(0, 60)) == list(range(60))
    assert flat(await read(7, 43)) == list(range(7, 43))
    assert flat(await read(20, 21)) == [20]
    assert await read(13, 13) == []
    assert await read(60, 60) == []
    assert flat(await read(55, 1000)) == [55, 56, 57, 58, 59], "finishes at the end of the partition"
    pieces = await read(3, 33, max_records=8)
    assert flat(pieces) == list(range(3, 33))
    assert max(len(piece) for piece in pieces) <= 8


async def test_end_positions_name_every_partition_also_of_a_topic_nobody_wrote_to(installation: Installation) -> None:
    log, topic = await installation.open(), installation.topic
    partitions = [TopicPartition(topic, partition) for partition in range(installation.partitions)]
    assert await log.end_positions([topic]) == dict.fromkeys(partitions, 0)

    await log.append(numbered(topic, 70))

    ends = await (await installation.open("reader")).end_positions([topic])
    assert list(ends) == partitions
    assert sum(ends.values()) == 70


@pytest.mark.parametrize("key", ["", "käse", "客戶", "👩‍👩‍👧 ", "\x00nul", "a" * 2000, "\U0010ffff"], ids=ascii)
async def test_a_key_may_be_any_text(installation: Installation, key: str) -> None:
    log, topic = await installation.open(), installation.topic
    await log.append([NewRecord(topic, key, b"")])
    stored = (await everything(log, topic))[partition_for(key, installation.partitions)]
    assert [record.key for record in stored] == [key]


async def test_a_key_that_is_no_text_is_refused_without_harm_to_others(installation: Installation) -> None:
    log, topic = await installation.open(), installation.topic
    bad, good = await asyncio.gather(
        log.append([NewRecord(topic, "\ud800", b"bad")]),
        log.append([NewRecord(topic, "fine", b"good")]),
        return_exceptions=True,
    )
    assert isinstance(bad, UnicodeEncodeError)
    assert good is None
    stored = await everything(log, topic)
    assert [record.value for found in stored.values() for record in found] == [b"good"]


async def test_large_and_empty_values_come_back_as_they_went(installation: Installation) -> None:
    log, topic = await installation.open(), installation.topic
    values = [bytes([number]) * (1 << 20) for number in range(12)] + [b""]
    await log.append([NewRecord(topic, "a", value) for value in values])

    batches = await take(log.subscribe([topic], "group", from_the_start), len(values))

    assert [record.value for batch in batches for record in batch.records] == values


async def test_appending_nothing_is_nothing(installation: Installation) -> None:
    log, topic = await installation.open(), installation.topic
    await log.append([])
    assert sum((await log.end_positions([topic])).values()) == 0


async def test_one_append_may_name_several_topics(installation: Installation) -> None:
    log, one = await installation.open(), installation.topic
    two = f"{one}-two"
    await log.append([NewRecord(one, "a", b"1"), NewRecord(two, "a", b"2"), NewRecord(one, "a", b"3")])

    partition = partition_for("a", installation.partitions)
    assert [record.value for record in (await everything(log, one))[partition]] == [b"1", b"3"]
    assert [record.value for record in (await everything(log, two))[partition]] == [b"2"]


async def test_closing_while_appending_loses_no_acknowledged_record(installation: Installation) -> None:
    log, topic = await installation.open(), installation.topic
    acknowledged: list[int] = []
    some = asyncio.Event()

    async def append(number: int) -> None:
        for step in range(50):
            value = number * 1000 + step
            await log.append([NewRecord(topic, f"key-{number}", b"%d" % value)])
            acknowledged.append(value)
            if len(acknowledged) >= 20:
                some.set()

    writing = [asyncio.create_task(append(number)) for number in range(20)]
    async with asyncio.timeout(PATIENCE):
        await some.wait()
        await log.close()
        answers = await asyncio.gather(*writing, return_exceptions=True)

    assert {type(answer) for answer in answers} <= {type(None), LogUnavailable}
    stored = [
        int(record.value) for found in (await everything(await installation.open(), topic)).values() for record in found
    ]
    assert len(stored) == len(set(stored))
    assert set(acknowledged) <= set(stored)


async def test_closing_ends_subscriptions_and_refuses_appends(installation: Installation) -> None:
    log, topic = await installation.open(), installation.topic
    await log.append([NewRecord(topic, "a", b"1")])
    batches = log.subscribe([topic], "group", from_the_start)
    await take(batches, 1)

    async def rest() -> list[object]:
        return [batch async for batch in batches]

    waiting = asyncio.create_task(rest())
    await asyncio.sleep(0)
    async with asyncio.timeout(PATIENCE):
        await log.close()
        await log.close()
        assert await waiting == []
    for refused in (topic, f"{topic}-never-opened"):
        with pytest.raises(LogUnavailable, match="closed"):
            await log.append([NewRecord(refused, "a", b"2")])


async def test_a_subscription_taken_up_again_gets_what_came_meanwhile(installation: Installation) -> None:
    log, topic = await installation.open(), installation.topic
    await log.append(numbered(topic, 40))
    reader = await installation.open("reader")
    first = await take(reader.subscribe([topic], "group", from_the_start), 40)
    await reader.close()
    await log.append(numbered(topic, 30))
    positions: dict[TopicPartition, int] = {}
    for batch in first:
        positions[TopicPartition(topic, batch.partition)] = batch.next

    rest = await take((await installation.open("reader")).subscribe([topic], "group", starting_at(positions)), 30)

    assert sum(len(batch.records) for batch in rest) == 30
    assert all(batch.start >= positions.get(TopicPartition(topic, batch.partition), 0) for batch in rest)


async def test_a_position_beyond_the_end_is_refused_rather_than_waited_for(installation: Installation) -> None:
    """The log was replaced by an older copy: consuming would silently miss what is appended next."""
    log, topic = await installation.open(), installation.topic
    await log.append([NewRecord(topic, "a", b"1")])
    place = TopicPartition(topic, partition_for("a", installation.partitions))

    with pytest.raises(LogCorrupt, match=f"{topic}.*7 was read before"):
        await take(log.subscribe([topic], "group", starting_at({place: 7})), 1)
