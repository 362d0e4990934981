"""The collect endpoints over HTTP: keys, verdicts, refusals, and what the log holds afterwards."""

from __future__ import annotations

import base64
from typing import Any

import orjson
import pytest

from wanamaker_collector.front_door import ENDPOINTS
from wanamaker_shared.service.keys import Keyring

from .conftest import NOW, Collector

PAGE = {"type": "page", "messageId": "m1", "anonymousId": "c1", "context": {"page": {"url": "https://shop.test/"}}}

EVENTS: dict[str, dict[str, Any]] = {
    "page": {"anonymousId": "c1"},
    "screen": {"anonymousId": "c1", "name": "Home"},
    "track": {"anonymousId": "c1", "event": "Viewed"},
    "identify": {"anonymousId": "c1", "traits": {"email": "ann@example.com"}},
    "group": {"anonymousId": "c1", "groupId": "g1"},
    "alias": {"userId": "u1", "previousId": "u0"},
    "batch": {"batch": [PAGE]},
}


@pytest.mark.parametrize("path", ENDPOINTS)
async def test_every_endpoint_takes_its_event(collector: Collector, path: str) -> None:
    answer = await collector.browser.post(path, json=EVENTS[ENDPOINTS[path]])
    assert (answer.status_code, answer.json()) == (200, {"success": True, "accepted": 1, "failed": 0, "results": []})
    assert len(await collector.events()) == 1


@pytest.mark.parametrize("path", ["/v1/p", "/v1/s", "/v1/t", "/v1/i", "/v1/g", "/v1/a", "/v1/b"])
async def test_the_short_names_of_analytics_js(collector: Collector, path: str) -> None:
    kind = next(kind for kind in EVENTS if kind[0] == path[-1])
    assert (await collector.browser.post(path, json=EVENTS[kind])).json()["accepted"] == 1


async def test_the_batch_of_the_documentation(collector: Collector) -> None:
    body = {
        "sentAt": "2026-01-05T10:00:01Z",
        "batch": [
            {**PAGE, "timestamp": "2026-01-05T10:00:00Z"},
            {"type": "identify", "messageId": "m2", "anonymousId": "c1", "traits": {"email": "Ann@Example.com"}},
            {
                "type": "track",
                "event": "Form Submitted",
                "messageId": "m3",
                "anonymousId": "c1",
                "properties": {"form": "demo", "email": "ann@example.com"},
            },
        ],
    }
    assert (await collector.browser.post("/v1/batch", json=body)).json()["accepted"] == 3
    page, identify, form = await collector.events()
    assert [page["type"], identify["type"], form["type"]] == ["page", "identify", "form"]
    assert page["occurred_at"] == NOW - 1_000_000
    assert identify["email_key"] == form["email_key"]
    assert form["form"] == "demo"


async def test_an_empty_batch_is_taken(collector: Collector) -> None:
    assert (await collector.browser.post("/v1/batch", json={"batch": []})).json()["accepted"] == 0


async def test_a_configured_event_is_a_form(collector: Collector) -> None:
    event = {"anonymousId": "c1", "event": "Quote Requested", "properties": {"email": "ann@example.com"}}
    await collector.browser.post("/v1/track", json=event)
    (form,) = await collector.events()
    assert form["type"] == "form"


async def test_a_bad_event_fails_alone_and_is_kept(collector: Collector) -> None:
    bad = b'{ "type": "page", "messageId": "m2", "anonymousId": "guest" , "x": "\xc3\xa9"}'
    body = b'{"batch": [' + orjson.dumps(PAGE) + b", " + bad + b", 7]}"
    answer = await collector.browser.post("/v1/batch", content=body)
    verdict = answer.json()
    assert (answer.status_code, verdict["success"], verdict["accepted"], verdict["failed"]) == (200, True, 1, 2)
    assert [result["index"] for result in verdict["results"]] == [1, 2]
    assert {**verdict["results"][0], "failed_id": ""} == {
        "index": 1,
        "messageId": "m2",
        "status": "failed",
        "reason": "anonymousId is a placeholder that stands for nobody; send the visitor's own, or none",
        "failed_id": "",
    }
    kept = {failed["event_id"]: failed for failed in await collector.failed()}
    assert set(kept) == {result["failed_id"] for result in verdict["results"]}
    failed = kept[verdict["results"][0]["failed_id"]]
    assert base64.b64decode(failed["personal"]["v"]["raw"]) == bad
    assert (failed["origin"], failed["where"], failed["received_at"]) == ("collector", "/v1/batch[1]", NOW)
    assert len(await collector.events()) == 1


async def test_a_failed_event_belongs_to_its_sender_so_that_erasing_finds_it(collector: Collector) -> None:
    await collector.browser.post("/v1/track", json={"anonymousId": "c9", "properties": {}})
    (failed,) = await collector.failed()
    assert failed["personal"]["key"] == "c9"


async def test_a_single_event_that_fails_is_answered_like_one_of_a_batch(collector: Collector) -> None:
    answer = await collector.browser.post("/v1/page", json={"anonymousId": "guest"})
    assert (answer.status_code, answer.json()["failed"]) == (200, 1)


async def test_the_key_decides_workspace_source_and_trust(collector: Collector, keyring: Keyring) -> None:
    other = collector.keys["workspaces"][0]["write_key"]  # type: ignore[index]
    for key in (collector.keys["write_key"], collector.keys["secret_key"], other):
        await collector.anonymous.post("/v1/page", json=EVENTS["page"], auth=(key, "ignored"))
    found = {(event["workspace"], event["trust"], event["source"]) for event in await collector.events()}
    expected = []
    for key, trust in (
        (collector.keys["write_key"], "browser"),
        (collector.keys["secret_key"], "server"),
        (other, "browser"),
    ):
        grant = keyring.grant(key)
        assert grant is not None
        expected.append((grant.workspace, trust, grant.key_id))
    assert found == set(expected)


async def test_the_key_may_stand_in_the_body(collector: Collector) -> None:
    key = collector.keys["write_key"]
    assert (await collector.anonymous.post("/v1/page", json={"writeKey": key, "anonymousId": "c1"})).status_code == 200
    assert (await collector.anonymous.post("/v1/batch", json={"writeKey": key, "batch": [PAGE]})).status_code == 200
    assert key not in orjson.dumps(await collector.events()).decode()


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Basic",
        "Basic %%%",
        "Basic /w==",
        "Basic " + base64.b64encode(b"nobody:").decode(),
        "Bearer KEY",
        "Basic KEY",
    ],
)
async def test_a_key_that_is_nobodys_is_refused(collector: Collector, authorization: str) -> None:
    header = {"Authorization": authorization.replace("KEY", collector.keys["write_key"])}
    answer = await collector.anonymous.post("/v1/page", json=EVENTS["page"], headers=header)
    assert_problem(answer, 401)
    assert answer.headers["www-authenticate"].startswith("Basic")


@pytest.mark.parametrize("body", [{}, {"writeKey": "nobody"}, {"writeKey": 7}, {"writeKey": None}])
async def test_without_a_key_nothing_is_taken(collector: Collector, body: dict[str, Any]) -> None:
    assert_problem(await collector.anonymous.post("/v1/page", json={**EVENTS["page"], **body}), 401)
    assert_problem(await collector.anonymous.post("/v1/batch", content=b"not json"), 401)
    assert await collector.events() == []


async def test_keys_that_read_cannot_write(collector: Collector) -> None:
    for role in ("analyst_key", "admin_key"):
        answer = await collector.anonymous.post("/v1/page", json=EVENTS["page"], auth=(collector.keys[role], ""))
        assert_problem(answer, 401)


async def test_the_secret_key_brings_history_and_the_write_key_does_not(collector: Collector) -> None:
    event = {"anonymousId": "c1", "timestamp": "2020-01-01T00:00:00Z"}
    await collector.server.post("/v1/page", json=event)
    await collector.browser.post("/v1/page", json=event)
    times = {event["trust"]: event["occurred_at"] for event in await collector.events()}
    assert times == {"server": 1_577_836_800_000_000, "browser": NOW - 30 * 86_400_000_000}


async def test_a_body_that_cannot_be_read_is_a_problem_document(collector: Collector) -> None:
    for body in (b"", b"{", b"[]", b'{"batch":1}', b'{"batch":[],"sentAt":"noon"}'):
        assert_problem(await collector.browser.post("/v1/batch", content=body), 400)


async def test_other_methods_and_encodings(collector: Collector) -> None:
    answer = await collector.browser.get("/v1/page")
    assert_problem(answer, 405)
    assert answer.headers["allow"] == "POST, OPTIONS"
    assert_problem(await collector.browser.post("/v1/page", content=b"x", headers={"Content-Encoding": "br"}), 415)
    assert_problem(await collector.browser.post("/v1/nothing"), 404)


async def test_health_metrics_and_documentation(collector: Collector) -> None:
    assert (await collector.anonymous.get("/livez")).status_code == 200
    assert (await collector.anonymous.get("/readyz")).json() == {"status": "ready"}
    assert "wanamaker_collected_events_total" in (await collector.anonymous.get("/metrics")).text
    assert (await collector.anonymous.get("/docs")).status_code == 200
    document = (await collector.anonymous.get("/openapi.json")).json()
    assert set(ENDPOINTS) < set(document["paths"])
    for path in ENDPOINTS:
        responses = document["paths"][path]["post"]["responses"]
        assert set(responses) == {"200", "202", "400", "401", "403", "408", "413", "415", "429", "503"}
    referred = {line.split('"')[0] for line in orjson.dumps(document).decode().split('"#/components/schemas/')[1:]}
    assert referred <= set(document["components"]["schemas"])


async def test_events_are_counted_by_verdict(collector: Collector) -> None:
    async def counted() -> dict[str, float]:
        lines = (await collector.anonymous.get("/metrics")).text.splitlines()
        wanted = [line for line in lines if line.startswith("wanamaker_collected_events_total{")]
        return {line.split('"')[1]: float(line.rpartition(" ")[2]) for line in wanted}

    before = await counted()
    await collector.browser.post("/v1/batch", json={"batch": [PAGE, PAGE, 7]})
    after = await counted()
    assert {name: after[name] - before.get(name, 0) for name in ("stored", "failed")} == {"stored": 2, "failed": 1}


def assert_problem(answer: Any, status: int) -> None:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert answer.json()["title"]
