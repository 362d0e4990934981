"""The demo's sender over pretended services: which request goes where, with which key, and what it does when refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import pytest
from standardwebhooks import Webhook as Verifier

from wanamaker_shared.service.keys import Keyring, WorkspaceKeys, read_keyring
from wanamaker_standalone.demo import sending
from wanamaker_standalone.demo.sending import Sender
from wanamaker_standalone.first_start import keyring
from wanamaker_standalone.refusal import Refusal
from wanamaker_standalone.simulation.values import SpendRows, Step, WebBatch, Webhook

AT = datetime(2026, 1, 5, tzinfo=UTC)
BATCH = WebBatch(AT, ({"type": "page", "messageId": "m1"}, {"type": "page", "messageId": "m2"}))
WEBHOOK = Webhook(AT, "evt_1", {"type": "contact.merged", "id": "evt_1"})
SPEND = SpendRows(AT, ({"date": "2026-01-05", "amount": "1.00"},))
ADDRESSES = {"collector": "http://c", "identity": "http://i", "crm-bridge": "http://b", "attribution": "http://a"}

Answer = Callable[[httpx.Request], httpx.Response]


@pytest.fixture
def keys(tmp_path_factory: pytest.TempPathFactory) -> WorkspaceKeys:
    ring, fresh = keyring(tmp_path_factory.mktemp("keys") / "keys.json")
    assert fresh
    return ring.workspaces["default"]


async def send(steps: list[Step], keys: WorkspaceKeys, answer: Answer) -> list[httpx.Request]:
    requests: list[httpx.Request] = []

    def serve(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return answer(request)

    async with httpx.AsyncClient(transport=httpx.MockTransport(serve)) as client:
        await Sender(client, ADDRESSES, keys).send_all(steps, lambda step: None)
    return requests


def good(request: httpx.Request) -> httpx.Response:
    if request.url.host == "c":
        return httpx.Response(200, json={"accepted": len(json.loads(request.content)["batch"]), "results": []})
    return httpx.Response(200, json={})


async def test_events_go_to_the_collector_as_the_trackers_with_the_secret_key_and_without_sent_at(
    keys: WorkspaceKeys,
) -> None:
    (request,) = await send([BATCH], keys, good)
    assert str(request.url) == "http://c/v1/batch"
    assert request.headers["content-type"] == "text/plain;charset=UTF-8"
    assert json.loads(request.content) == {"writeKey": keys.secret_key, "batch": list(BATCH.events)}


async def test_webhooks_go_to_the_bridge_signed_as_standard_webhooks(keys: WorkspaceKeys) -> None:
    (request,) = await send([WEBHOOK], keys, good)
    assert str(request.url) == "http://b/webhooks/generic"
    assert Verifier(keys.webhooks["generic"][0]).verify(request.content, dict(request.headers)) == WEBHOOK.body


async def test_spend_goes_to_attribution_with_the_analyst_key(keys: WorkspaceKeys) -> None:
    (request,) = await send([SPEND], keys, good)
    assert str(request.url) == "http://a/v1/spend"
    assert request.headers["authorization"] == f"Bearer {keys.analyst_key}"
    assert json.loads(request.content) == list(SPEND.rows)


async def test_what_is_refused_for_the_moment_is_sent_again(keys: WorkspaceKeys) -> None:
    answers = [httpx.Response(503, headers={"retry-after": "0"}), httpx.Response(429, headers={"retry-after": "0"})]

    def busy(request: httpx.Request) -> httpx.Response:
        return answers.pop() if answers else good(request)

    assert len(await send([WEBHOOK], keys, busy)) == 3


async def test_a_lost_connection_is_tried_again(keys: WorkspaceKeys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "_LONGEST_PAUSE", 0.0)
    lost = [True, True]

    def flaky(request: httpx.Request) -> httpx.Response:
        if lost:
            lost.pop()
            raise httpx.ConnectError("refused")
        return good(request)

    assert len(await send([SPEND], keys, flaky)) == 3


async def test_what_is_refused_for_good_ends_the_demo_with_the_reason(keys: WorkspaceKeys) -> None:
    def refuse(_: httpx.Request) -> httpx.Response:
        return httpx.Response(401, json={"title": "nobody's key"})

    with pytest.raises(Refusal, match=r"http://b/webhooks/generic did not take .* 401 .*nobody's key"):
        await send([WEBHOOK, WEBHOOK], keys, refuse)


async def test_a_failed_event_ends_the_demo(keys: WorkspaceKeys) -> None:
    def half(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"accepted": 1, "results": [{"index": 1, "reason": "junk"}]})

    with pytest.raises(Refusal, match=r"took 1 of 2 events.*junk"):
        await send([BATCH], keys, half)


def test_the_first_start_makes_a_workspace_and_the_second_keeps_it(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("first") / "data" / "keys.json"
    first: tuple[Keyring, bool] = keyring(path)
    assert first[1]
    assert path.stat().st_mode & 0o777 == 0o600
    again = keyring(path)
    assert not again[1]
    assert again[0].workspaces == first[0].workspaces == read_keyring(path).workspaces
    assert list(first[0].workspaces) == ["default"]


def test_a_misshapen_key_file_is_refused_by_name(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("bad") / "keys.json"
    path.write_text('{"workspace": "default"}')
    with pytest.raises(Refusal, match=r"keys\.json: 'write_key' is missing"):
        keyring(path)
