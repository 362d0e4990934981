"""Failed events listed and looked at: which there are, why, how many, and who may see them."""

from __future__ import annotations

import base64

import orjson
import pytest

from .conftest import Collector
from .failed_desk import DAY, FORM, MENDED, admin, append_failed, fail, get, post, replay_all


async def test_the_list_shows_reasons_with_counts_and_no_personal_value(collector: Collector) -> None:
    await fail(collector, FORM, {**FORM, "messageId": "m2"}, {"type": "track", "anonymousId": "c1"})
    collector.now.at += DAY
    (newest,) = await fail(collector, {"type": "pgae", "anonymousId": "c1"})
    listed = await get(collector)
    assert listed["total"] == 4
    assert [each["count"] for each in listed["reasons"]] == [2, 1, 1]
    assert "placeholder" in listed["reasons"][0]["reason"]
    assert listed["failed"][0] == {
        "failed_id": newest,
        "origin": "collector",
        "where": "/v1/batch[0]",
        "reason": "type must be one of page, screen, track, identify, group, alias",
        "received_at": "2026-01-06T10:00:01Z",
        "status": "open",
        "replayed_by": "collector",
    }
    assert "ann@" not in str(listed)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"reason": "STANDS FOR NOBODY"}, 1),
        ({"reason": "nothing like it"}, 0),
        ({"origin": "collector"}, 2),
        ({"origin": "identity"}, 0),
        ({"where": "/v1/page"}, 1),
        ({"from": "2026-01-06T00:00:00Z"}, 1),
        ({"from": "2026-01-05T10:00:01Z", "to": "2026-01-05T10:00:01"}, 1),
        ({"to": "2026-01-05T10:00:00Z"}, 0),
        ({"status": "open"}, 2),
        ({"status": "replayed"}, 0),
    ],
)
async def test_a_filter_chooses(collector: Collector, query: dict[str, str], found: int) -> None:
    await fail(collector, FORM)
    collector.now.at += DAY
    await collector.browser.post("/v1/page", json={"messageId": "m9"})
    listed = await get(collector, **query)
    assert (listed["total"], len(listed["failed"])) == (found, found)


async def test_pages_show_each_once_the_newest_first(collector: Collector) -> None:
    await fail(collector, *[{**FORM, "messageId": f"m{n}"} for n in range(7)])
    seen, cursor = [], None
    while True:
        page = await get(collector, limit=3, **({"cursor": cursor} if cursor else {}))
        assert page["total"] == 7
        seen += [each["failed_id"] for each in page["failed"]]
        if (cursor := page["next"]) is None:
            break
    assert len(seen) == len(set(seen)) == 7
    assert seen == sorted(seen, reverse=True)  # all at one time


@pytest.mark.parametrize("cursor", ["x", "bm8", "WzEsMl0"])
async def test_a_foreign_cursor_is_refused(collector: Collector, cursor: str) -> None:
    answer = await collector.anonymous.get("/v1/failed", params={"cursor": cursor}, headers=admin(collector))
    assert answer.status_code == 400


async def test_one_is_shown_with_its_bytes(collector: Collector) -> None:
    raw = b'{"type": "page", "anonymousId": "c1", "x": "\xff"}'
    sent = await collector.browser.post("/v1/batch", content=b'{"batch": [' + raw + b"]}")
    (verdict,) = sent.json()["results"]
    shown = await get(collector, f"/{verdict['failed_id']}")
    assert base64.b64decode(shown["raw_base64"]) == raw
    assert shown["raw"] == raw.decode("utf-8", "replace")
    assert (shown["bytes"], shown["replays"], shown["edited"]) == (len(raw), [], None)


async def test_nobody_sees_or_replays_the_failed_events_of_another_workspace(collector: Collector) -> None:
    (failed_id,) = await fail(collector, FORM)
    other = admin(collector, collector.keys["workspaces"][0]["admin_key"])  # type: ignore[index]
    client = collector.anonymous
    assert (await client.get("/v1/failed", headers=other)).json()["total"] == 0
    assert (await client.get(f"/v1/failed/{failed_id}", headers=other)).status_code == 404
    answer = await client.post(f"/v1/failed/{failed_id}/replay", content=orjson.dumps(MENDED), headers=other)
    assert answer.status_code == 404
    assert (await client.post("/v1/failed/replay", json={}, headers=other)).json()["replayed"] == 0
    assert await collector.events() == []


@pytest.mark.parametrize(
    ("key", "status"), [(None, 401), ("analyst_key", 403), ("write_key", 403), ("secret_key", 403)]
)
async def test_only_the_admin_key_may(collector: Collector, key: str | None, status: int) -> None:
    headers = {} if key is None else admin(collector, collector.keys[key])
    client = collector.anonymous
    for answer in (
        await client.get("/v1/failed", headers=headers),
        await client.get("/v1/failed/x", headers=headers),
        await client.post("/v1/failed/x/replay", headers=headers),
        await client.post("/v1/failed/replay", json={}, headers=headers),
    ):
        assert answer.status_code == status


@pytest.mark.parametrize(
    ("where", "by"),
    [
        ("crm-events/1/4", "crm-bridge"),
        ("ad-spend/0/0", "attribution"),
        ("identity-updates/0/1", None),
        ("fetch x", None),
    ],
)
async def test_what_came_another_way_names_who_sends_it_in_again(
    collector: Collector, where: str, by: str | None
) -> None:
    (failed_id,) = await append_failed(collector, b"{}", origin="attribution", where=where)
    assert (await get(collector))["failed"][0]["replayed_by"] == by
    answer = await post(collector, f"{failed_id}/replay")
    assert (answer.status_code, "by way of the collector" in answer.json()["detail"]) == (409, True)
    assert (await replay_all(collector))["skipped"] == 1
