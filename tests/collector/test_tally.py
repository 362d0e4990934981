"""What the front door said yes to is counted once, after the log has it, and written to the log."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from prometheus_client.parser import text_string_to_metric_families

from wanamaker_collector.app import create_app
from wanamaker_collector.settings import CollectorSettings
from wanamaker_collector.tally import Tally
from wanamaker_shared.contracts import tallies
from wanamaker_shared.contracts.record import encode
from wanamaker_shared.eventlog.embedded import EmbeddedLog
from wanamaker_shared.eventlog.port import LogUnavailable, NewRecord

from .conftest import Collector
from .failed_desk import FORM, MENDED, fail, replay

GOOD = {"type": "page", "messageId": "g1", "anonymousId": "c1"}
NUMBERS = ("accepted", "stored", "declined", "failed", "replayed")


async def told(collector: Collector) -> list[dict[str, Any]]:
    return await collector._all(tallies.TOPIC)


def numbers(tally: dict[str, Any]) -> tuple[int, ...]:
    return tuple(tally[name] for name in NUMBERS)


async def test_each_workspaces_events_are_told_by_what_became_of_them(collector: Collector) -> None:
    (failed_id,) = await fail(collector, GOOD, GOOD, FORM)
    await replay(collector, failed_id, MENDED)
    await replay(collector, failed_id, MENDED)
    await collector.anonymous.post("/v1/page", json={**GOOD, "writeKey": collector.keys["workspaces"][0]["write_key"]})  # type: ignore[index]
    await collector.door.tally.say(collector.log)
    one, two = sorted(await told(collector), key=lambda tally: tally["workspace"])
    assert (one["workspace"], numbers(one)) == ("default", (3, 2, 0, 1, 2))
    assert (two["workspace"], numbers(two)) == ("other", (1, 1, 0, 0, 0))
    assert len(await collector.events()) == 2 + 2 + 1
    await collector.door.tally.say(collector.log)
    assert len(await told(collector)) == 2


async def test_what_was_refused_is_not_counted(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(_: list[NewRecord]) -> None:
        raise LogUnavailable("the disk is full")

    before = await metrics(collector)
    with monkeypatch.context() as patched:
        patched.setattr(collector.log, "append", full)
        assert (await collector.browser.post("/v1/page", json=GOOD)).status_code == 503
    assert (await collector.browser.post("/v1/page", content=b"{")).status_code == 400
    await collector.door.tally.say(collector.log)
    assert await told(collector) == []
    assert await metrics(collector) == before


async def test_the_metrics_add_up(collector: Collector) -> None:
    before = await metrics(collector)
    await fail(collector, GOOD, FORM)
    collector.door.tally.collected("default", events=2, stored=0, failed=0, declined=2)
    after = await metrics(collector)
    change = {name: after[name] - before[name] for name in after}
    assert change == {"accepted": 4, "stored": 1, "declined": 2, "failed": 1}


async def test_what_the_log_did_not_take_is_said_the_next_time_and_is_the_same_record(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    tally = Tally(lambda: 7)
    tally.collected("w", events=1, stored=1, failed=0)
    appended: list[NewRecord] = []

    async def late(records: list[NewRecord]) -> None:
        appended.extend(records)
        raise LogUnavailable("perhaps it took them")

    with monkeypatch.context() as patched:
        patched.setattr(collector.log, "append", late)
        with pytest.raises(LogUnavailable):
            await tally.say(collector.log)
    tally.collected("w", events=1, stored=0, failed=1)
    await tally.say(collector.log)
    first, second = await told(collector)
    assert orjson.loads(appended[0].value) == first
    assert (numbers(first), numbers(second)) == ((1, 1, 0, 0, 0), (1, 0, 0, 1, 0))
    assert encode(tallies.adapter.validate_python(first)) == appended[0].value


async def test_a_collector_that_stops_says_its_last_counts(tmp_path: Path, keys: dict[str, Any]) -> None:
    log = EmbeddedLog(tmp_path / "log", "collector-serve")
    door = create_app(CollectorSettings(data=tmp_path), log=log)
    async with door._app.router.lifespan_context(door._app):  # type: ignore[attr-defined]
        door.tally.collected("default", events=1, stored=1, failed=0)
        assert sum((await log.end_positions([tallies.TOPIC])).values()) == 0
    assert sum((await log.end_positions([tallies.TOPIC])).values()) == 1
    await log.close()


async def metrics(collector: Collector) -> dict[str, float]:
    """As /metrics shows them."""
    text = (await collector.anonymous.get("/metrics")).text
    values = {
        sample.labels.get("verdict", "accepted"): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name in ("wanamaker_accepted_events_total", "wanamaker_collected_events_total")
    }
    return {name: values.get(name, 0.0) for name in ("accepted", "stored", "declined", "failed")}
