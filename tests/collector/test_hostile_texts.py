"""Texts made to cost: neither the time of reading one nor what is remembered of it grows past a body's own length."""

from __future__ import annotations

import base64
import gc
import json
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from wanamaker_collector.cookies import VisitorCookie
from wanamaker_collector.credentials import Credentials
from wanamaker_collector.headers import Headers
from wanamaker_collector.intake import take_in
from wanamaker_collector.mapping import Origin
from wanamaker_collector.reading import read_single
from wanamaker_collector.snowplow import read_payload
from wanamaker_shared.contracts.identifiers import is_junk_id, normalise_email
from wanamaker_shared.service.keys import Keyring

ORIGIN = Origin("default", "0123456789ab", True, b"k" * 32)

ZEROS = "0" * 400_000 + "x"
"""Nearly an id of zeros only."""
MARKS = "a" + "\u0315" * 120_000 + "\u0316" * 120_000 + "@example.com"
"""To normalise it every second half of its marks moves before every first."""


def test_a_long_id_is_judged_in_one_pass() -> None:
    """Quadratic work on these would take minutes each; this takes a fraction of a second."""
    assert not is_junk_id(ZEROS)
    for name in ("duid", "nuid", "tnuid"):
        body = json.dumps({"data": [{"e": "pv", name: ZEROS}]}).encode()
        (event,) = read_payload(body, Headers(), keyed=False).events  # before anybody's key was looked at
        assert event["anonymousId"] == ZEROS


@pytest.mark.parametrize(
    "event",
    [
        {"context": {"page": {"url": f"https://shop.test/?utm_source={MARKS}"}}},
        {"context": {"page": {"url": f"https://shop.test/{MARKS}"}}},
        {"context": {"campaign": {"name": MARKS}}},
        {"traits": {"email": MARKS}, "type": "identify"},
        {"event": MARKS, "type": "track"},
    ],
)
def test_a_text_too_long_for_an_address_is_not_normalised(event: dict[str, Any]) -> None:
    """Likewise."""
    assert normalise_email(MARKS) is None
    body = json.dumps({"anonymousId": "c1", **event}).encode()
    take_in(body, read_single(body), event.get("type", "page"), ORIGIN, 10**15)


def test_the_longest_addresses_are_addresses() -> None:
    local, domain = "a" * 64, f"{'b' * 63}.{'c' * 63}.{'d' * 63}.{'e' * 61}"
    assert normalise_email(f"{local}@{domain}") == f"{local}@{domain}"
    assert normalise_email(f"{' ' * 1000}{local}@{domain}") == f"{local}@{domain}"
    decomposed = "e\u0301" * 32
    assert normalise_email(f"{decomposed}@{domain}") == f"{'é' * 32}@{domain}"


def remembered(do: Callable[[str], Any]) -> int:
    """Bytes that are still held after eight long texts, of a megabyte's worth each."""
    do("warm")
    tracemalloc.start()
    try:
        for number in range(8):
            do(f"{number}" + "x" * 500_000)
        gc.collect()
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return held


@pytest.mark.parametrize(
    "of",
    [
        lambda text: {"context": {"page": {"url": f"https://shop.test/{text}"}}},
        lambda text: {"context": {"page": {"referrer": f"https://shop.test/{text}"}}},
        lambda text: {"context": {"page": {"path": "/", "search": f"?{text}"}}},
        lambda text: {"context": {"ip": text}},
        lambda text: {"context": {"userAgent": text}},
        lambda text: {"type": "identify", "traits": {"email": text}},
        lambda text: {"userId": f"{text}@example.com"},
    ],
    ids=["url", "referrer", "search", "ip", "user agent", "email", "user id"],
)
def test_nothing_long_is_remembered_of_an_event(of: Callable[[str], dict[str, Any]]) -> None:
    def take(text: str) -> None:
        event = {"anonymousId": "c1", **of(text)}
        body = json.dumps(event).encode()
        take_in(body, read_single(body), event.get("type", "page"), ORIGIN, 10**15)

    assert remembered(take) < 1_000_000


def test_nothing_long_is_remembered_of_those_without_a_key(keyring: Keyring) -> None:
    credentials = Credentials(keyring)
    assert remembered(credentials.of_body) < 1_000_000
    assert remembered(lambda text: credentials.of_header(b"Basic " + base64.b64encode(text.encode()))) < 1_000_000


def test_nothing_long_is_remembered_of_a_cookie() -> None:
    cookie = VisitorCookie("default", [b"k" * 32])
    assert remembered(lambda text: cookie.read(cookie.name + b"=" + text.encode())) < 1_000_000
    longest = cookie.issue("é" * 256, 20_000).partition(b";")[0]
    assert cookie.read(longest) == ("é" * 256, 20_000)
