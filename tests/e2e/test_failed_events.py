"""Failed events of a running Wanamaker, mended on the command line: however often each is sent in, it counts once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from standardwebhooks import Webhook

from tests.e2e.house import settle
from tests.standalone.running_demo import wanamaker
from tests.standalone.running_up import running_up
from wanamaker_shared.contracts import web_events
from wanamaker_shared.eventlog.embedded import EmbeddedLog
from wanamaker_shared.eventlog.port import NewRecord

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

FORM = {
    "type": "track",
    "event": "Form Submitted",
    "messageId": "m2",
    "anonymousId": "guest",
    "timestamp": "2026-01-08T10:05:00Z",
    "properties": {"form": "demo", "email": "ann@example.com"},
}
PAGE = {
    "type": "page",
    "messageId": "m1",
    "anonymousId": "c1",
    "timestamp": "2026-01-08T10:00:00Z",
    "context": {"page": {"url": "https://shop.test/?utm_source=google&utm_medium=cpc"}},
}
DEAL = {
    "type": "deal.updated",
    "id": "evt_1",
    "occurred_at": "2026-01-20T12:00:00Z",
    "deal": {
        "id": "D1",
        "status": "won",
        "amount": "a lot",
        "currency": "EUR",
        "closed_at": "2026-01-20T12:00:00Z",
        "contacts": [{"id": "C1", "email": "ann@example.com"}],
    },
}
MONTH = {"from": "2026-01-01", "to": "2026-01-31"}
POISON = {
    "type": "page",
    "workspace": "default",
    "source": "k",
    "sender": "c9",
    "event_id": "p1",
    "revision": 0,
    "occurred_at": "yesterday",
    "received_at": 1_767_607_201_000_000,
}
"""A record as no version of the collector writes it: both consumers fail at it."""


@dataclass(frozen=True, slots=True)
class House:
    data: Path
    at: dict[str, str]
    keys: dict[str, Any]
    client: httpx.Client

    def failed(self, *arguments: object) -> tuple[int, str]:
        """`wanamaker failed …`: its exit code and what it printed."""
        done = wanamaker("failed", "--data", self.data, *arguments)
        return done.returncode, done.stdout + done.stderr

    def only(self, reason: str) -> str:
        """The id of the one failed event of that reason."""
        done = wanamaker("failed", "--data", self.data, "--raw", "--reason", reason)
        (line,) = done.stdout.splitlines()
        return str(json.loads(line)["event_id"])

    def report(self, path: str, **parameters: str) -> Any:
        headers = {"Authorization": f"Bearer {self.keys['analyst_key']}"}
        answer = self.client.get(self.at["attribution"] + path, params=parameters, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def leads(self) -> list[Any]:
        settle(self.data)
        return list(self.report("/v1/conversions", kind="lead")["conversions"])


async def poison(data: Path) -> None:
    log = EmbeddedLog(data / "log", "collector-serve")
    await log.append([NewRecord(web_events.TOPIC, "default/c9", orjson.dumps(POISON))])
    await log.close()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    data = tmp_path_factory.mktemp("failed") / "data"
    asyncio.run(poison(data))
    with running_up(data) as up, httpx.Client(timeout=30, trust_env=False) as client:
        yield House(data, up.addresses(), json.loads((data / "keys.json").read_text()), client)


def test_an_event_is_mended_and_counts_once(house: House) -> None:
    sent = house.client.post(
        f"{house.at['collector']}/v1/batch", json={"batch": [PAGE, FORM]}, auth=(house.keys["secret_key"], "")
    )
    assert (sent.json()["accepted"], sent.json()["failed"]) == (1, 1)
    failed_id = sent.json()["results"][0]["failed_id"]
    assert house.leads() == []
    code, printed = house.failed("reasons", "--origin", "collector")
    assert (code, printed.split()[:2]) == (0, ["1", "collector"])

    code, printed = house.failed("replay", failed_id)
    assert code == 1
    assert f"fails again: {failed_id} It fails again: anonymousId is a placeholder" in printed

    for _ in range(2):
        code, printed = house.failed("edit", failed_id[:12], "--set", "anonymousId=c1")
        assert (code, printed) == (0, f"sent in again: {failed_id} is m2 of web-events, revision 1\n")
    assert len(house.leads()) == 1
    assert house.failed("edit", failed_id, "--set", "properties.form=contact")[0] == 0
    (lead,) = house.leads()
    assert lead["at"] == "2026-01-08T10:05:00Z"
    code, printed = house.failed("show", failed_id)
    assert code == 0
    assert printed.count("replayed   ") == 2
    assert '"form":"contact"' in printed
    assert house.failed("--origin", "collector")[1].count("(replayed)") == 1


def test_a_webhook_is_mended_and_counts_once(house: House) -> None:
    body, now = json.dumps(DEAL), datetime.now(UTC)
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(house.keys["webhooks"]["generic"]).sign("msg_1", now, body),
    }
    assert house.client.post(f"{house.at['crm-bridge']}/webhooks/generic", content=body, headers=headers).is_success
    settle(house.data)
    failed_id = house.only("amount")
    for _ in range(2):
        code, printed = house.failed("edit", failed_id, "--set", 'deal.amount="100.01"')
        assert (code, "is msg_1 of crm-webhooks, revision 1" in printed) == (0, True), printed
    settle(house.data)
    totals = house.report("/v1/roi", model="linear", basis="conversion", group_by="channel", **MONTH)["totals"]
    assert (totals["revenue_minor"], totals["deals"]) == (10001, 1.0)


def test_one_edit_mends_a_record_for_all_its_consumers(house: House, tmp_path: Path) -> None:
    settle(house.data)
    listed = wanamaker("failed", "--data", house.data, "--raw", "--where", "web-events/").stdout.splitlines()
    by_origin = {json.loads(line)["origin"]: json.loads(line)["event_id"] for line in listed}
    assert sorted(by_origin) == ["attribution", "identity"]
    mended = tmp_path / "mended.json"
    mended.write_bytes(orjson.dumps({**POISON, "occurred_at": POISON["received_at"]}))
    for failed_id in by_origin.values():
        code, printed = house.failed("edit", failed_id, "--file", mended)
        assert (code, "is p1 of web-events, revision 1" in printed) == (0, True), printed
    settle(house.data)
    assert len(wanamaker("failed", "--data", house.data, "--where", "web-events/").stdout.splitlines()) == 2


def test_nothing_is_left_open_and_every_record_is_accounted_for(house: House) -> None:
    """Last here: the sum of what the others did."""
    settle(house.data)
    assert house.failed("replay", "--all") == (0, "0 sent in again\n")
    audit = wanamaker("audit", data=house.data)
    assert audit.returncode == 0, audit.stdout
    verify = wanamaker("verify", data=house.data)
    assert verify.returncode == 0, verify.stdout
    for consumer in ("identity", "attribution"):
        row = next(line for line in audit.stdout.splitlines() if consumer in line and "web-events" in line)
        # in the log: a page, a form three times, a poisoned record and its mended one twice; three facts, and what came again
        assert [cell.strip() for cell in row.strip("│ ").split("│")][2:] == ["7", "3", "3", "0", "1", "0"]
