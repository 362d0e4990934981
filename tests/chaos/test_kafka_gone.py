"""Kafka hangs, dies and comes back under load: every request is answered in time, and no 2xx is missing afterwards."""

from __future__ import annotations

import uuid
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from tests.eventlog.following import everything
from tests.parts.apart import run_apart
from tests.parts.kafka import RunningKafka
from wanamaker_shared.contracts import web_events
from wanamaker_shared.eventlog.kafka import KafkaLog
from wanamaker_shared.service.keys import new_workspace, write_keys

from .collector_process import CollectorProcess, collector_on
from .posting import Posting, posting_to, until

pytestmark = [pytest.mark.e2e, pytest.mark.kafka]

ACKNOWLEDGE_SECONDS = 2.0
ANSWER_SECONDS = 2 * ACKNOWLEDGE_SECONDS + 5
"""Once for the acknowledgement, once more at most for the last of the spool to go before; the rest is a busy machine's."""
MEGABYTE = 1 << 20
STOP_SECONDS = 15


@pytest.fixture
def prefix() -> str:
    return f"{uuid.uuid4().hex[:8]}."


@pytest.fixture
def write_key(tmp_path: Path) -> str:
    keys: dict[str, Any] = new_workspace("default")
    write_keys(tmp_path / "keys.json", keys)
    return str(keys["write_key"])


def test_a_kafka_that_hangs_and_one_that_is_killed_lose_nothing_and_hold_nobody_up(
    own_kafka: RunningKafka, prefix: str, write_key: str, tmp_path: Path
) -> None:
    with (
        collector_on(tmp_path, own_kafka.servers, prefix) as collector,
        posting_to(collector.address, write_key, per_second=40, events=20, size=8000) as posting,
    ):
        until(lambda: len(posting.answered) > 100)
        assert set(posting.statuses) == {200}
        assert collector.sink_is_well()

        own_kafka.pause()
        spooled_to(collector, 10 * MEGABYTE)
        assert_it_says_so(collector)
        peak_when_new = collector.peak_bytes()
        spooled_to(collector, 60 * MEGABYTE)
        peak_after_more = collector.peak_bytes()
        own_kafka.resume()
        until(collector.drained)
        answered_in_the_log(posting)

        own_kafka.kill()
        spooled_to(collector, 10 * MEGABYTE)
        assert_it_says_so(collector)
        own_kafka.start()
        until(collector.drained)
        answered_in_the_log(posting)

        posting.end()
        assert collector.stop() < STOP_SECONDS

    assert set(posting.statuses) == {200, 202}, {answer.refusal for answer in posting.answered}
    slowest = max(answer.seconds for answer in posting.answered)
    print(f"{len(posting.answered)} requests, the slowest answered after {slowest:.1f} s")
    assert slowest < ANSWER_SECONDS
    spooled = sorted(answer.seconds for answer in posting.answered if answer.status == 202)
    assert spooled[len(spooled) // 2] < ACKNOWLEDGE_SECONDS / 2, "only the first wait for a Kafka that is gone"
    # Fifty megabytes more were spooled while its memory stood still: it does not hold what waits on disk.
    assert peak_after_more - peak_when_new < 25 * MEGABYTE
    assert posting.acknowledged() <= in_kafka(own_kafka, prefix).keys()
    assert_nothing_was_left_behind(collector)


def test_a_collector_starts_stops_and_dies_without_kafka_and_loses_nothing(
    own_kafka: RunningKafka, prefix: str, write_key: str, tmp_path: Path
) -> None:
    sent = []

    def send(collector: CollectorProcess, message: str) -> int:
        body = {"messageId": message, "anonymousId": "c1"}
        answer = httpx.post(f"{collector.address}/v1/page", json=body, auth=(write_key, ""), trust_env=False)
        sent.append(message)
        return answer.status_code

    with collector_on(tmp_path, own_kafka.servers, prefix) as collector:
        assert send(collector, "while it was there") == 200
        own_kafka.pause()
        assert send(collector, "while it hung") == 202
        assert collector.stop() < STOP_SECONDS
        own_kafka.kill()

        collector.start()
        assert collector.get("/readyz").json()["spool"]["records"] == 2, "the event, and at the stop the tally of both"
        assert send(collector, "started without it") == 202
        collector.kill()

        collector.start()
        assert send(collector, "after the kill") == 202
        own_kafka.start()
        until(collector.drained)
        assert send(collector, "when it is back") == 200
        collector.stop()

    assert in_kafka(own_kafka, prefix).keys() == set(sent)
    assert_nothing_was_left_behind(collector)


def spooled_to(collector: CollectorProcess, size: int) -> None:
    until(lambda: collector.spool()["bytes"] > size)


def assert_it_says_so(collector: CollectorProcess) -> None:
    ready = collector.get("/readyz")
    assert (ready.status_code, ready.json()["log"]) == (200, "unavailable")
    sink = collector.get("/sink-health")
    assert (sink.status_code, sink.headers["retry-after"]) == (503, "1")
    until(lambda: "Kafka at" in collector.get("/sink-health").json()["detail"])
    metrics = collector.get("/metrics").text
    assert "\nwanamaker_spool_bytes 0.0" not in metrics
    assert "\nwanamaker_spool_bytes " in metrics


def assert_nothing_was_left_behind(collector: CollectorProcess) -> None:
    """No task that was given up, and no error that nobody looked at."""
    printed = collector.printed.read_text()
    assert "never retrieved" not in printed
    assert "destroyed" not in printed


def answered_in_the_log(posting: Posting) -> None:
    """Until requests that begin now are answered 200."""
    answered = len(posting.answered)
    until(lambda: 200 in posting.statuses[answered + 50 :])


def in_kafka(kafka: RunningKafka, prefix: str) -> Counter[str]:
    """messageId → how often it is there."""

    async def read() -> Counter[str]:
        log = KafkaLog(kafka.servers, "test", prefix=prefix)
        try:
            found = await everything(log, web_events.TOPIC)
        finally:
            await log.close()
        return Counter(orjson.loads(record.value)["event_id"] for records in found.values() for record in records)

    return run_apart(read())
