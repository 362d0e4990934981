"""Failed events mended and sent in again: each counts once, as of the time it was sent at first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from wanamaker_collector.app import create_app
from wanamaker_collector.settings import CollectorSettings
from wanamaker_shared.eventlog.port import LogUnavailable, NewRecord
from wanamaker_shared.service.keys import write_keys

from .conftest import NOW, Collector
from .failed_desk import DAY, FORM, MENDED, admin, append_failed, fail, get, post, replay, replay_all, source_of


async def test_a_mended_event_is_taken_as_of_the_time_it_was_sent(collector: Collector) -> None:
    (failed_id,) = await fail(collector, {**FORM, "timestamp": "2026-01-05T09:59:00Z"})
    collector.now.at += 20 * DAY
    answer = await replay(collector, failed_id, MENDED)
    assert answer["replay"] == {
        "at": "2026-01-25T10:00:01Z",
        "by": source_of(collector, "admin_key"),
        "topic": "web-events",
        "event_id": "m1",
        "revision": 1,
        "edited": True,
    }
    (form,) = await collector.events()
    assert (form["type"], form["sender"], form["event_id"], form["revision"]) == ("form", "c1", "m1", 1)
    assert (form["received_at"], form["occurred_at"]) == (NOW, NOW - 61_000_000)
    assert (form["trust"], form["source"]) == ("browser", source_of(collector))
    shown = await get(collector, f"/{failed_id}")
    assert (shown["status"], shown["replays"]) == ("replayed", [answer["replay"]])
    assert orjson.loads(shown["edited"]) == MENDED
    assert orjson.loads(shown["raw"])["anonymousId"] == "guest"
    assert [each["personal"]["key"] for each in await collector.failed()] == ["", "c1"]  # where erasing finds it


async def test_the_clock_of_the_batchs_sender_still_corrects_the_time(collector: Collector) -> None:
    """The batch's sentAt is not among the event's bytes; this sender's clock is an hour slow."""
    body = {"sentAt": "2026-01-05T09:00:01Z", "batch": [{**FORM, "timestamp": "2026-01-05T08:59:00Z"}]}
    (verdict,) = (await collector.browser.post("/v1/batch", json=body)).json()["results"]
    await replay(collector, verdict["failed_id"], {**MENDED, "timestamp": "2026-01-05T08:59:00Z"})
    (form,) = await collector.events()
    assert form["occurred_at"] == NOW - 61_000_000


async def test_the_trust_of_the_key_stays(collector: Collector) -> None:
    (failed_id,) = await fail(collector, {**FORM, "timestamp": "2020-01-01T00:00:00Z"}, server=True)
    await replay(collector, failed_id, {**MENDED, "timestamp": "2020-01-01T00:00:00Z"})
    (form,) = await collector.events()
    assert form["trust"] == "server"
    assert form["occurred_at"] == 1_577_836_800_000_000


async def test_replaying_twice_is_the_same_record(collector: Collector) -> None:
    (failed_id,) = await fail(collector, FORM)
    first = await replay(collector, failed_id, MENDED)
    collector.now.at += DAY
    assert await replay(collector, failed_id, MENDED) == first
    one, two = await collector.events()
    assert one == two
    assert [each["type"] for each in await collector.failed()] == ["event.failed", "event.replayed"]


async def test_another_edit_is_a_higher_revision_of_the_same_event(collector: Collector) -> None:
    (failed_id,) = await fail(collector, FORM)
    edits = [MENDED, {**MENDED, "properties": {"form": "b"}}, MENDED, MENDED]
    revisions = [(await replay(collector, failed_id, edit))["replay"]["revision"] for edit in edits]
    assert revisions == [1, 2, 3, 3]
    events = await collector.events()
    assert {(each["source"], each["sender"], each["event_id"]) for each in events} == {
        (events[0]["source"], "c1", "m1")
    }


async def test_an_event_without_message_id_stays_one_event_however_it_is_edited(collector: Collector) -> None:
    (failed_id,) = await fail(collector, {"type": "track", "anonymousId": "c1"})
    await replay(collector, failed_id, {"type": "track", "anonymousId": "c1", "event": "A"})
    await replay(collector, failed_id, {"type": "track", "anonymousId": "c1", "event": "B"})
    one, two = await collector.events()
    assert one["event_id"] == two["event_id"] == failed_id
    assert (one["revision"], two["revision"]) == (1, 2)


@pytest.mark.parametrize("change", [{"anonymousId": "c2"}, {"messageId": "m2"}])
async def test_an_edit_that_would_count_twice_is_refused(collector: Collector, change: dict[str, str]) -> None:
    (failed_id,) = await fail(collector, FORM)
    await replay(collector, failed_id, MENDED)
    answer = await post(collector, f"{failed_id}/replay", {**MENDED, **change})
    assert answer.status_code == 409
    assert "would count twice" in answer.json()["detail"]
    assert len(await collector.events()) == 1


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (None, "anonymousId is a placeholder"),
        (b"{", "not JSON"),
        (b"[]", "must be a JSON object"),
        ({**MENDED, "type": "pgae"}, "type must be one of"),
        ({**MENDED, "properties": {"x": "y" * 40_000}}, "at most 32768 bytes"),
    ],
    ids=["as it was", "broken", "no object", "type", "too long"],
)
async def test_what_fails_again_says_why_and_changes_nothing(collector: Collector, body: Any, why: str) -> None:
    (failed_id,) = await fail(collector, FORM)
    answer = await post(collector, f"{failed_id}/replay", body)
    assert answer.status_code == 422
    assert why in answer.json()["detail"]
    assert "ann@" not in answer.text
    assert (await collector.events(), len(await collector.failed())) == ([], 1)
    assert (await get(collector, f"/{failed_id}"))["status"] == "open"


async def test_an_edit_has_a_limit(collector: Collector) -> None:
    (failed_id,) = await fail(collector, FORM)
    assert (await post(collector, f"{failed_id}/replay", b"x" * ((1 << 20) + 1))).status_code == 413


async def test_an_event_that_was_kept_in_part_needs_an_edit(collector: Collector) -> None:
    sent = await collector.browser.post("/v1/track", content=orjson.dumps({**FORM, "x": "y" * 800_000}))
    failed_id = sent.json()["results"][0]["failed_id"]
    answer = await post(collector, f"{failed_id}/replay")
    assert (answer.status_code, "only the first 700,000 of its" in answer.json()["detail"]) == (409, True)
    await replay(collector, failed_id, MENDED)
    assert len(await collector.events()) == 1


async def test_an_event_of_a_key_that_is_gone_says_so(collector: Collector, tmp_path: Path) -> None:
    (failed_id,) = await fail(collector, FORM)
    write_keys(tmp_path / "keys.json", {**collector.keys, "write_key": "another"})
    door = create_app(CollectorSettings(data=tmp_path), log=collector.log)
    door.log = collector.log
    async with httpx.AsyncClient(transport=httpx.ASGITransport(door), base_url="http://collector") as client:
        answer = await client.post(f"/v1/failed/{failed_id}/replay", json=MENDED, headers=admin(collector))
    assert answer.status_code == 409
    assert "keys.json does not have any more" in answer.json()["detail"]


async def test_a_filter_is_worked_off_in_parts_and_once(collector: Collector) -> None:
    """The code that refused them is mended: as they are, they are taken."""
    good = [{"type": "track", "anonymousId": "c1", "event": f"E{n}", "messageId": f"m{n}"} for n in range(5)]
    await append_failed(collector, *map(orjson.dumps, good), orjson.dumps(FORM))
    cursor, told = None, []
    while True:
        part = await replay_all(collector, reason="OLD CODE", limit=2, **({"cursor": cursor} if cursor else {}))
        told.append((part["replayed"], part["failed"], part["skipped"]))
        if (cursor := part["next"]) is None:
            break
    assert told == [(2, 0, 0), (2, 0, 0), (1, 1, 0)]
    assert "placeholder" in part["results"][0]["reason"]
    assert sorted(each["event"] for each in await collector.events()) == [f"E{n}" for n in range(5)]
    again = await replay_all(collector)
    assert (again["replayed"], again["failed"]) == (0, 1)
    assert len(await collector.events()) == 5
    assert (await get(collector, status="replayed"))["total"] == 5


async def test_a_log_that_takes_nothing_is_503_and_the_next_try_has_the_same_revision(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    (failed_id,) = await fail(collector, FORM)
    append = collector.log.append

    async def half(records: list[NewRecord]) -> None:
        if records[0].topic == "failed-events":
            raise LogUnavailable("the disk is full")
        await append(records)

    monkeypatch.setattr(collector.log, "append", half)
    answer = await post(collector, f"{failed_id}/replay", MENDED)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    monkeypatch.undo()
    assert (await replay(collector, failed_id, {**MENDED, "event": "Lead"}))["replay"]["revision"] == 2
    assert [each["revision"] for each in await collector.events()] == [1, 2]


async def test_what_a_consumer_set_aside_goes_to_its_topic_again(collector: Collector) -> None:
    await collector.browser.post("/v1/track", json={**MENDED, "type": None})
    (record,) = await collector.events()
    raw = orjson.dumps(record, option=orjson.OPT_SORT_KEYS)
    (failed_id,) = await append_failed(collector, raw, origin="identity", where="web-events/0/0")
    shown = await get(collector, f"/{failed_id}")
    assert (shown["replayed_by"], orjson.loads(shown["raw"])) == ("collector", record)
    assert (await replay(collector, failed_id))["replay"]["revision"] == 0
    edited = await replay(collector, failed_id, {**record, "form": "contact"})
    assert edited["replay"]["revision"] == 1
    one, two, three = await collector.events()
    assert one == two == record
    assert three == {**record, "form": "contact", "revision": 1}


@pytest.mark.parametrize(
    ("change", "status", "why"),
    [
        ({"event_id": "m7"}, 409, "may not change"),
        ({"workspace": "other"}, 409, "another workspace"),
        ({"occurred_at": "x"}, 422, "occurred_at"),
        ({"type": "nonsense"}, 422, "ValidationError"),
    ],
)
async def test_an_edited_record_stays_the_record_it_is(
    collector: Collector, change: dict[str, str], status: int, why: str
) -> None:
    await collector.browser.post("/v1/track", json={**MENDED, "type": None})
    (record,) = await collector.events()
    (failed_id,) = await append_failed(collector, orjson.dumps(record), origin="identity", where="web-events/0/0")
    answer = await post(collector, f"{failed_id}/replay", {**record, **change})
    assert (answer.status_code, why in answer.json()["detail"]) == (status, True), answer.text
