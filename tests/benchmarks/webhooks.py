"""Webhooks taken in: the crm-bridge's verified and durable answer beside a bare one, what mapping them costs afterwards, and how
long HubSpot waits for its answer while HubSpot's own API hangs.

A generic deal with one contact, signed by Standard Webhooks, and a HubSpot delivery of ten changes, signed by its version 3; no
two alike. The server is on one core, the client that signs on the other.
"""

from __future__ import annotations

import base64
import hmac
import json
import socket
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import httpx
import uvloop
from standardwebhooks import Webhook as Signer

from wanamaker_crm_bridge.dialects import DIALECTS
from wanamaker_crm_bridge.mapping import Context, Webhook
from wanamaker_shared.service.keys import new_workspace, write_keys

from .load import load
from .open_loop import Stretch, offer
from .serving import CLIENTS, server, stay_on

ROUNDS = 5
SECONDS = 2.0
CONNECTIONS = 32
CHANGES = 10
OFFERED = 400.0
"""A second; with fewer, the client's many connections would be idle for so long that the server closes them."""
_SECRET = "a client secret of the benchmark"
_MAPPED = 2_000


def run() -> None:
    stay_on(CLIENTS)
    with ExitStack() as parts:
        directory = Path(parts.enter_context(tempfile.TemporaryDirectory()))
        keys = new_workspace("default")
        keys["webhooks"]["hubspot"] = _SECRET
        keys["crm_access"] = {"hubspot": {"access_token": "t"}}
        write_keys(directory / "keys.json", keys)
        hanging = parts.enter_context(
            socket.create_server(("127.0.0.1", 0), backlog=100)
        )  # takes requests and never answers
        api = f"http://127.0.0.1:{hanging.getsockname()[1]}"
        (directory / "connections.toml").write_text(f'[hubspot]\napi = "{api}"\n')
        signer = Signer(keys["webhooks"]["generic"])
        bare = parts.enter_context(server("bare", directory))
        ours = parts.enter_context(server("crm-bridge", directory))
        sides = {
            "bare ASGI answer": (bare, _generic(signer)),
            "generic deal": (ours, _generic(signer)),
            f"HubSpot, {CHANGES} changes": (ours, _hubspot()),
        }
        rates: dict[str, list[float]] = {name: [] for name in sides}
        costs: dict[str, list[float]] = {name: [] for name in sides}
        for round_ in range(ROUNDS + 1):
            for name, (of, supply) in sides.items():
                before = of.cpu()
                seconds = SECONDS if round_ else 0.5
                answered, took = uvloop.run(load(of.port, supply, connections=CONNECTIONS, seconds=seconds))
                if round_:
                    rates[name].append(answered / took)
                    costs[name].append((of.cpu() - before) / answered * 1e6)
        url = f"http://127.0.0.1:{ours.port}/v1/reconcile/hubspot"
        asked = httpx.post(url, headers={"authorization": f"Bearer {keys['admin_key']}"})
        asked.raise_for_status()  # from now on the bridge asks the API that hangs
        outcome = offer(ours.port, _Deliveries(), [Stretch(OFFERED, 10.0)], 0)
    assert set(outcome.status) == {200}, set(outcome.status)
    waited = sorted(outcome.latency)
    _report({name: (statistics.median(rates[name]), statistics.median(costs[name])) for name in sides}, waited)


def _report(found: dict[str, tuple[float, float]], waited: list[float]) -> None:
    _, bare = next(iter(found.values()))
    print(f"{'':28}{'webhooks/s':>12}{'CPU µs each':>13}{'a core could':>14}{'÷ bare':>9}")
    for name, (rate, cost) in found.items():
        print(f"{name:28}{rate:12,.0f}{cost:13.1f}{1e6 / cost:12,.0f}/s{bare / cost:8.2f}×")
    half, most = waited[len(waited) // 2], waited[len(waited) * 99 // 100]
    print(
        f"{OFFERED:.0f} HubSpot deliveries/s while its API hangs: 50 % in {half * 1e3:.0f} ms, 99 % in {most * 1e3:.0f} ms"
    )
    for name, dialect, body in (
        ("generic deal", "generic", _deal_body),
        (f"HubSpot, {CHANGES} changes", "hubspot", _hubspot_body),
    ):
        print(f"mapping: {name:28}{_mapping(dialect, body):10.1f} µs each")


def _mapping(dialect: str, body: Callable[[int], bytes]) -> float:
    context = Context(bytes(32))
    webhooks = [Webhook("w", dialect, str(n), 1_800_000_000_000_000, body(n)) for n in range(_MAPPED)]
    before = time.process_time()
    for webhook in webhooks:
        assert not DIALECTS[dialect](webhook, context).failures
    return (time.process_time() - before) / _MAPPED * 1e6


def _deal_body(number: int) -> bytes:
    deal = {
        "id": f"D{number}",
        "status": "won",
        "amount": "1000.00",
        "currency": "EUR",
        "closed_at": "2026-01-20T12:00:00Z",
        "contacts": [{"id": f"C{number}", "email": f"ann{number}@example.com"}],
    }
    event = {"type": "deal.updated", "id": f"evt_{number}", "occurred_at": "2026-01-20T12:00:00Z", "deal": deal}
    return json.dumps(event).encode()


def _hubspot_body(number: int) -> bytes:
    change = {"portalId": 1, "subscriptionType": "deal.propertyChange", "propertyName": "amount", "attemptNumber": 0}
    return json.dumps(
        [
            {**change, "objectId": number, "occurredAt": 1_767_600_000_000 + n, "propertyValue": f"{n}.00"}
            for n in range(CHANGES)
        ]
    ).encode()


def _generic(signer: Signer) -> Iterator[bytes]:
    for number in count():
        body, now = _deal_body(number), datetime.now(UTC)
        signature = signer.sign(f"msg_{number}", now, body.decode())
        headers = (
            f"webhook-id: msg_{number}\r\nwebhook-timestamp: {int(now.timestamp())}\r\nwebhook-signature: {signature}"
        )
        yield _request("generic", headers, body)


class _Deliveries:
    """HubSpot's, each signed when it is sent."""

    def request(self, number: int) -> bytes:
        body, timestamp = _hubspot_body(number), str(round(time.time() * 1000))
        message = b"POSThttps://127.0.0.1/webhooks/hubspot" + body + timestamp.encode()
        signature = base64.b64encode(hmac.digest(_SECRET.encode(), message, "sha256")).decode()
        headers = f"x-hubspot-request-timestamp: {timestamp}\r\nx-hubspot-signature-v3: {signature}"
        return _request("hubspot", headers, body)


def _hubspot() -> Iterator[bytes]:
    return map(_Deliveries().request, count(1_000_000))


def _request(connection: str, headers: str, body: bytes) -> bytes:
    head = f"POST /webhooks/{connection} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
    return f"{head}{headers}\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body
