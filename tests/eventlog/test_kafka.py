"""What only the Kafka log promises: outages, retention, members of a group."""

from __future__ import annotations

import asyncio
import gc
import time
import uuid
import warnings
from collections.abc import AsyncIterator, Collection, Iterator, Mapping

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.structs import TopicPartition as KafkaPartition

from tests.eventlog.following import PATIENCE, everything, from_the_start, numbered, take
from tests.parts.kafka import RunningKafka
from wanamaker_shared.contracts.topics import TOPICS
from wanamaker_shared.eventlog.kafka import KafkaLog
from wanamaker_shared.eventlog.kafka.__main__ import make_topics
from wanamaker_shared.eventlog.kafka.topics import TopicRefused
from wanamaker_shared.eventlog.port import LogUnavailable, NewRecord, TopicPartition
from wanamaker_shared.service.settings import ServiceSettings

pytestmark = pytest.mark.kafka

HANG = 4.0
"""The deadline of a log whose broker will hang; long enough for a busy machine while it does not."""


@pytest.fixture
def prefix() -> str:
    return f"{uuid.uuid4().hex[:8]}."


@pytest.fixture
async def log(kafka_servers: str, prefix: str) -> AsyncIterator[KafkaLog]:
    log = KafkaLog(kafka_servers, "test", prefix=prefix, partitions=4)
    yield log
    await log.close()


@pytest.fixture
async def admin(kafka_servers: str) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_servers)
    await admin.start()
    yield admin
    await admin.close()


@pytest.fixture(autouse=True)
def forgotten_connections() -> Iterator[None]:
    """aiokafka forgets a connection whose start is cancelled in its first exchange: it ends here, not in a later test."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


async def test_a_hanging_broker_is_said_within_the_deadline_and_used_again_when_it_is_back(
    own_kafka: RunningKafka, caplog: pytest.LogCaptureFixture
) -> None:
    log = KafkaLog(own_kafka.servers, "test", deadline=HANG)
    await log.append([NewRecord("topic", "a", b"before")])
    following = log.subscribe(["topic"], "group", from_the_start)
    await take(following, 1)

    own_kafka.pause()
    began = time.monotonic()
    answers = await asyncio.gather(
        *(log.append([NewRecord("topic", "a", b"during")]) for _ in range(50)), return_exceptions=True
    )
    assert {type(answer) for answer in answers} == {LogUnavailable}
    with pytest.raises(LogUnavailable):
        await log.append([NewRecord("topic", "a", b"during")])
    with pytest.raises(LogUnavailable):
        await log.end_positions(["topic"])
    assert time.monotonic() - began < 3 * HANG + 3
    own_kafka.resume()

    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                await log.append([NewRecord("topic", "a", b"after")])
                break
            except LogUnavailable:
                continue
        seen: list[bytes] = []
        while b"after" not in seen:
            seen += [record.value for record in (await anext(following)).records]
    await log.close()
    gc.collect()
    left_behind = [record.getMessage() for record in caplog.records if record.name == "asyncio"]
    assert left_behind == [], "a producer that was given up leaves no task and no unseen error"


async def test_closing_with_a_hanging_broker_is_bounded_and_answers_everybody(own_kafka: RunningKafka) -> None:
    log = KafkaLog(own_kafka.servers, "test", deadline=HANG)
    await log.append([NewRecord("topic", "a", b"before")])
    following = log.subscribe(["topic"], "group", from_the_start)
    await take(following, 1)
    await log.end_positions(["topic"])
    own_kafka.pause()
    appending = [asyncio.create_task(log.append([NewRecord("topic", "a", b"during")])) for _ in range(5)]
    await asyncio.sleep(0)

    began = time.monotonic()
    await log.close()

    assert time.monotonic() - began < HANG + 11
    own_kafka.resume()
    answers = await asyncio.gather(*appending, return_exceptions=True)
    assert {type(answer) for answer in answers} == {LogUnavailable}


async def test_without_a_broker_nothing_waits_longer_than_the_deadline() -> None:
    log = KafkaLog("127.0.0.1:1", "test", deadline=1.0)
    began = time.monotonic()
    with pytest.raises(LogUnavailable, match=r"127\.0\.0\.1:1"):
        await log.append([NewRecord("topic", "a", b"")])
    with pytest.raises(LogUnavailable, match=r"127\.0\.0\.1:1"):
        await log.end_positions(["topic"])
    with pytest.raises(LogUnavailable, match=r"127\.0\.0\.1:1"):
        await anext(log.subscribe(["topic"], "group", from_the_start))
    await log.close()
    assert time.monotonic() - began < 6


async def test_topics_are_made_with_the_retention_of_their_contract(
    log: KafkaLog, admin: AIOKafkaAdminClient, prefix: str
) -> None:
    await log.start()

    resources = [ConfigResource(ConfigResourceType.TOPIC, prefix + topic) for topic in ("web-events", "crm-webhooks")]
    retention = {}
    for answer in await admin.describe_configs(resources):
        for _, _, _, name, entries, *_ in answer.resources:
            retention[name.removeprefix(prefix)] = {entry[0]: entry[1] for entry in entries}["retention.ms"]
    assert retention == {"web-events": "-1", "crm-webhooks": str(30 * 24 * 3600 * 1000)}
    assert set(await log.end_positions(TOPICS)) == {
        TopicPartition(topic, part) for topic in TOPICS for part in range(4)
    }


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"retention.ms": "604800000"}, "retention.ms=604800000"),
        ({"retention.ms": "-1", "retention.bytes": "1000000"}, "retention.bytes=1000000"),
        ({"retention.ms": "-1", "cleanup.policy": "compact"}, "compacted"),
    ],
)
async def test_a_source_topic_that_forgets_is_refused_unless_told(
    kafka_servers: str, log: KafkaLog, admin: AIOKafkaAdminClient, prefix: str, settings: dict[str, str], named: str
) -> None:
    await admin.create_topics([NewTopic(f"{prefix}web-events", 1, 1, topic_configs=settings)])
    with pytest.raises(TopicRefused, match=f"web-events .*{named}"):
        await log.start(["web-events"])
    with pytest.raises(TopicRefused):
        await take(log.subscribe(["web-events"], "group", from_the_start), 1)
    with pytest.raises(LogUnavailable, match=r"web-events .*WANAMAKER_KAFKA_SHORT_RETENTION|web-events .*compacted"):
        await log.append([NewRecord("web-events", "a", b"")])

    told = KafkaLog(kafka_servers, "test", prefix=prefix, accept_short_retention=True)
    await told.append([NewRecord("web-events", "a", b"")])
    await told.close()


async def test_readers_go_on_behind_what_retention_removed(
    log: KafkaLog, admin: AIOKafkaAdminClient, prefix: str
) -> None:
    await log.append([NewRecord("topic", "a", b"%d" % number) for number in range(6)])
    ends = await log.end_positions(["topic"])
    (place,) = (place for place, end in ends.items() if end)
    outside = KafkaPartition(f"{prefix}topic", place.partition)
    await admin.delete_records({outside: RecordsToDelete(before_offset=4)})

    (batch,) = await take(log.subscribe(["topic"], "group", from_the_start), 2)

    assert (batch.start, batch.next) == (0, 6), "start is where the reader was, so that its position can be compared"
    assert [record.value for record in batch.records] == [b"4", b"5"]
    assert [record.offset for record in (await everything(log, "topic"))[place.partition]] == [4, 5]


async def test_members_of_a_group_share_the_partitions_and_take_over_from_each_other(
    log: KafkaLog, kafka_servers: str, prefix: str
) -> None:
    positions: dict[TopicPartition, int] = {}
    owned: dict[str, set[TopicPartition]] = {"one": set(), "two": set()}
    stored: list[int] = []
    changed = asyncio.Condition()

    async def follow(member: str, own: KafkaLog) -> None:
        async def lookup(places: Collection[TopicPartition]) -> Mapping[TopicPartition, int]:
            async with changed:
                owned[member] = set(places)
                changed.notify_all()
            return positions

        async for batch in own.subscribe(["topic"], "group", lookup):
            place = TopicPartition(batch.topic, batch.partition)
            async with changed:
                if positions.get(place, 0) == batch.start:  # the conditional update
                    positions[place] = batch.next
                    stored.extend(int(record.value) for record in batch.records)
                changed.notify_all()

    async def until(true: str) -> None:
        conditions = {
            "shared": lambda: len(owned["one"]) == len(owned["two"]) == 2 and not owned["one"] & owned["two"],
            "alone": lambda: len(owned["two"]) == 4,
            "first hundred": lambda: len(stored) == 100,
            "all": lambda: len(stored) == 200,
        }
        async with asyncio.timeout(PATIENCE), changed:
            await changed.wait_for(conditions[true])

    one, two = (KafkaLog(kafka_servers, name, prefix=prefix, partitions=4) for name in ("one", "two"))
    await log.start(["topic"])
    tasks = [asyncio.create_task(follow("one", one)), asyncio.create_task(follow("two", two))]
    await until("shared")
    await log.append(numbered("topic", 200, keys=50)[:100])
    await until("first hundred")
    await one.close()
    await until("alone")
    await log.append(numbered("topic", 200, keys=50)[100:])
    await until("all")
    await two.close()
    await asyncio.gather(*tasks)
    assert sorted(stored) == list(range(200))


async def test_a_failed_lookup_of_positions_ends_the_subscription_with_its_reason(log: KafkaLog) -> None:
    async def lookup(places: Collection[TopicPartition]) -> Mapping[TopicPartition, int]:
        raise RuntimeError("the database is gone")

    await log.append([NewRecord("topic", "a", b"")])
    with pytest.raises(RuntimeError, match="the database is gone"):
        await take(log.subscribe(["topic"], "group", lookup), 1)


async def test_a_record_too_large_for_the_topic_is_refused_at_once(log: KafkaLog) -> None:
    with pytest.raises(ValueError, match="a record of 17000000 bytes for topic"):
        await log.append([NewRecord("topic", "a", bytes(17_000_000))])
    await log.append([NewRecord("topic", "a", bytes(16_000_000))])
    (found,) = [found for found in (await everything(log, "topic")).values() if found]
    assert len(found[0].value) == 16_000_000


async def test_appends_past_the_room_wait_for_it(kafka_servers: str, prefix: str) -> None:
    log = KafkaLog(kafka_servers, "test", prefix=prefix, queue_bytes=5_000)
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*(log.append([NewRecord("topic", f"{number}", bytes(2_000))]) for number in range(100)))
    assert sum((await log.end_positions(["topic"])).values()) == 100
    await log.close()


async def test_the_one_shot_job_makes_all_topics_and_says_what_is_wrong(
    kafka_servers: str, admin: AIOKafkaAdminClient, prefix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = ServiceSettings(kafka=kafka_servers, kafka_prefix=prefix, partitions=2)
    assert await make_topics(settings) == 0
    assert f"{prefix}web-events: 2 partitions, 0 records" in capsys.readouterr().out

    other = ServiceSettings(kafka=kafka_servers, kafka_prefix=f"other-{prefix}")
    short = {"retention.ms": "1000"}
    await admin.create_topics([NewTopic(f"other-{prefix}rates", 1, 1, topic_configs=short)])
    assert await make_topics(other) == 1
    assert f"other-{prefix}rates has retention.ms=1000" in capsys.readouterr().err

    assert await make_topics(other.model_copy(update={"kafka_short_retention": True})) == 0
    assert await make_topics(ServiceSettings(kafka=None)) == 1
