"""Every way in which a CRM proves who it is, over HTTP: what was rightly sent is 200, also again; all else is 401, never 500."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import httpx
import pytest

from tests.crm_bridge.conftest import inbox_of
from tests.crm_bridge.crms.hubspot import signature_v3
from tests.crm_bridge.signing import NOW, OTHER_SECRET, SECRET, signed
from wanamaker_crm_bridge.app import create_app
from wanamaker_crm_bridge.schemes import SCHEMES
from wanamaker_crm_bridge.settings import BridgeSettings
from wanamaker_shared.eventlog.port import EventLog
from wanamaker_shared.service.keys import new_workspace, write_keys
from wanamaker_shared.service.opening import open_log

BODY = b'{"token": "%s"}'
FIRST, SECOND = "user:first ?#%ä secret", "user:second secret"
"""The second is the older one of a rotation. They hold what an address has to escape."""


class Sent(NamedTuple):
    path: str
    headers: dict[str, str]


def _stripe(secret: str, body: bytes, at: int, path: str) -> Sent:
    signature = hmac.new(secret.encode(), b"%d." % at + body, hashlib.sha256).hexdigest()
    return Sent(path, {"stripe-signature": f"t={at},v1={signature}"})


def _v3(secret: str, body: bytes, at: int, path: str) -> Sent:
    signature = signature_v3("POST", f"https://bridge.test{path}", body, str(at * 1000), secret)
    return Sent(path, {"x-hubspot-request-timestamp": str(at * 1000), "x-hubspot-signature-v3": signature})


def _v2(secret: str, body: bytes, at: int, path: str) -> Sent:
    signature = hashlib.sha256(f"{secret}POSThttps://bridge.test{path}".encode() + body).hexdigest()
    return Sent(path, {"x-hubspot-signature": signature})


def _v1(secret: str, body: bytes, at: int, path: str) -> Sent:
    return Sent(path, {"x-hubspot-signature": hashlib.sha256(secret.encode() + body).hexdigest()})


def _own(secret: str, body: bytes, at: int, path: str) -> Sent:
    signature = hmac.new(secret.encode(), b"7:%d:" % at + body, hashlib.sha512).hexdigest()
    return Sent(path, {"x-desk-id": "7", "x-desk-time": str(at), "x-desk-signature": f"sha512={signature}"})


def _basic(secret: str, body: bytes, at: int, path: str) -> Sent:
    return Sent(path, {"authorization": f"Basic {base64.b64encode(secret.encode()).decode()}"})


WAYS: dict[str, Callable[[str, bytes, int, str], Sent]] = {
    "standard-webhooks": lambda secret, body, at, path: Sent(path, signed(body, secret=secret, at=at)),
    "stripe": _stripe,
    "hubspot-v3": _v3,
    "hubspot-v2": _v2,
    "hubspot-v1": _v1,
    "bearer": lambda secret, body, at, path: Sent(path, {"authorization": f"Bearer {secret}"}),
    "basic": _basic,
    "path": lambda secret, body, at, path: Sent(f"{path}/{quote(secret)}", {}),
    "body-token": lambda secret, body, at, path: Sent(path, {}),
    "own": _own,
}
TIMED = ("standard-webhooks", "stripe", "hubspot-v3", "own")
OWN = """
[own.signed]
signature_header = "X-Desk-Signature"
id_header = "X-Desk-Id"
timestamp_header = "X-Desk-Time"
parts = ["id", "timestamp", "body"]
separator = ":"
version = "sha512="
digest = "sha512"
"""
HOSTILE = [
    b"",
    b" ",
    b"\xff\xfe",
    b"\xc3\xa4",
    "٣".encode(),
    b"\xb2\xb3",
    b"9" * 60_000,
    b"v1," * 20_000,
    b"t=" + b"1," * 20_000,
    b"-1",
    b"+1767607200",
    b"1767607200.0",
    b"1_767_607_200",
    b"nan",
    b"inf",
    b"1e9",
    b"0x10",
    b"None",
    b"v1,",
    b"v1,\xff",
    b"v1=%%%",
    b"t=nan,v1=00",
    b"t=1767607200,v1=\xc3\xa4",
    b"sha512=\xe9",
    b"Basic",
    b"Basic \xff",
    b"Basic !!!",
    b"Bearer",
    b"Bearer \xff",
    b"{}",
]
"""Values of headers; httpx and uvicorn refuse line ends and NUL themselves."""


def secrets_of(way: str) -> tuple[str, str]:
    if way == "standard-webhooks":
        return SECRET, OTHER_SECRET
    return ("first-secret", "second-secret") if way in ("bearer", "body-token") else (FIRST, SECOND)


def rightly(way: str, *, older: bool = False, at: int = NOW) -> tuple[Sent, bytes]:
    secret = secrets_of(way)[older]
    body = BODY % secret.encode() if way == "body-token" else BODY % b""
    return WAYS[way](secret, body, at, f"/webhooks/{way}"), body


@pytest.fixture
def settings(tmp_path: Path) -> BridgeSettings:
    document = new_workspace("default") | {"webhooks": {way: list(secrets_of(way)) for way in WAYS}}
    write_keys(tmp_path / "keys.json", document)
    tables = [f'[{way}]\ncrm = "generic"\nsignature = "{way}"\n' for way in WAYS if way != "own"]
    (tmp_path / "connections.toml").write_text("".join(tables) + OWN)
    return BridgeSettings(data=tmp_path)


@pytest.fixture
async def log(settings: BridgeSettings) -> AsyncIterator[EventLog]:
    log = open_log(settings, "crm-bridge-serve")
    yield log
    await log.close()


@pytest.fixture
async def client(settings: BridgeSettings, log: EventLog) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings, log=log, clock=lambda: NOW)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://bridge.test") as client:
        yield client


async def status(client: httpx.AsyncClient, path: str, headers: list[tuple[bytes, bytes]], body: bytes) -> int:
    return (await client.post(path, content=body, headers=headers)).status_code


def raw(sent: Sent) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in sent.headers.items()]


def test_every_scheme_is_here() -> None:
    assert WAYS.keys() == {*SCHEMES, "own"}


@pytest.mark.parametrize("older", [False, True], ids=["new-secret", "old-secret"])
@pytest.mark.parametrize("way", WAYS)
async def test_both_secrets_of_a_rotation_count_and_a_repetition_is_the_same_delivery(
    client: httpx.AsyncClient, log: EventLog, way: str, older: bool
) -> None:
    sent, body = rightly(way, older=older)
    assert [await status(client, sent.path, raw(sent), body) for _ in range(2)] == [200, 200]
    records = await inbox_of(log)
    assert [record.verified_by for record in records] == [way, way]
    assert len({record.identity for record in records}) == 1


@pytest.mark.parametrize("way", TIMED)
async def test_the_window_has_two_sides(client: httpx.AsyncClient, way: str) -> None:
    for apart, answer in ((-301, 401), (-300, 200), (300, 200), (301, 401)):
        sent, body = rightly(way, at=NOW + apart)
        assert await status(client, sent.path, raw(sent), body) == answer, apart


@pytest.mark.parametrize("way", WAYS)
async def test_whatever_stands_in_a_header_it_is_401(client: httpx.AsyncClient, log: EventLog, way: str) -> None:
    sent, body = rightly(way)
    for at in range(len(sent.headers)):
        good = raw(sent)
        name, value = good.pop(at)
        assert await status(client, sent.path, good, body) == 401, f"without {name!r}"
        assert await status(client, sent.path, [*good, (name, value), (name, value)], body) == 401, f"{name!r} twice"
        for hostile in HOSTILE:
            assert await status(client, sent.path, [*good, (name, hostile)], body) == 401, (name, hostile[:20])
    assert await inbox_of(log) == []


@pytest.mark.parametrize("way", WAYS)
async def test_whatever_the_body_or_the_address_it_is_401(client: httpx.AsyncClient, log: EventLog, way: str) -> None:
    sent, body = rightly(way)
    signs_the_body = way not in ("bearer", "basic", "path")
    for hostile in (
        b"",
        b"{",
        b"[" * 50_000,
        b'{"token": "\\ud800"}',
        b'{"token": ' + b"9" * 5_000 + b"}",
        b"\xff\xfe",
    ):
        if signs_the_body:
            assert await status(client, sent.path, raw(sent), hostile) == 401, hostile[:20]
    for path in ("/webhooks/nobody", f"/webhooks/{way}x", "/webhooks/%ff", "/webhooks/path/%ff", "/webhooks/path/path"):
        assert await status(client, path, raw(sent), body) == 401, path
    assert await inbox_of(log) == []


async def test_a_host_that_is_none_is_401(client: httpx.AsyncClient) -> None:
    """HubSpot signs the address, which is made of it."""
    sent, body = rightly("hubspot-v3")
    for host in (b"", b"[", b"x]", b"a/b?c#d", b"\xff", b"::::"):
        assert await status(client, sent.path, [*raw(sent), (b"host", host)], body) == 401, host
