"""The benchmarks' requests are what they say: each is taken in whole, by its visitor's cookie, with everything on."""

from __future__ import annotations

import time
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import orjson
import pytest

from wanamaker_collector.asking import is_browser
from wanamaker_collector.intake import BATCH, Intake, take_in
from wanamaker_collector.reading import read_batch
from wanamaker_shared.service.keys import read_keyring

from .browser import TEMPLATES, Traffic, address, serial_of, visitor_id, visitor_of, visitors_of
from .sent import Sents
from .serving import fresh_keys


@pytest.fixture
def sents(tmp_path: Path) -> Sents:
    fresh_keys(tmp_path)
    return Sents(read_keyring(tmp_path / "keys.json"), visitors=2000)


def records(intake: Intake) -> list[dict[str, Any]]:
    assert (intake.failures, intake.declined) == ([], 0)
    return [orjson.loads(record.value) for record in intake.records]


def test_every_request_is_one_event_of_the_visitor_whose_cookie_it_has(sents: Sents) -> None:
    for sent in sents.take(TEMPLATES):
        assert is_browser(sent.headers)
        assert sents.site.allows(sent.headers[b"origin"])
        kept = sents.site.cookie.read(sent.headers[b"cookie"])
        assert kept is not None
        assert kept.id == sent.visitor.cookie
        envelope = read_batch(sent.body)
        assert sents.credentials.of_body(envelope.write_key) is not None
        (record,) = records(take_in(sent.body, envelope, BATCH, sents.origin, sents.received_at, sent.visitor))
        assert record["sender"] == kept.id == visitor_id(visitor_of(serial_of(record["event_id"])))
        assert record["consent"] == {"analytics": True, "marketing": True}
        assert sent.headers[b"x-forwarded-for"].decode() == sent.visitor.address
        assert int(sent.headers[b"content-length"]) == len(sent.body)


def test_a_batch_has_as_many_events_as_it_should(sents: Sents, tmp_path: Path) -> None:
    keys = read_keyring(tmp_path / "keys.json").workspaces["default"]
    body = Traffic(keys, visitors_of(keys, 10), events=50).request(7).partition(b"\r\n\r\n")[2]
    found = records(
        take_in(body, read_batch(body), BATCH, sents.origin, time.time_ns() // 1000, sents.take(1)[0].visitor)
    )
    assert len({record["event_id"] for record in found}) == 50


def test_addresses_are_public_and_differ() -> None:
    found = {address(visitor) for visitor in range(70_000)}
    assert len(found) == 70_000
    assert all(ip_address(each).is_global for each in found)


def test_a_visitor_sends_four_requests() -> None:
    numbers = [visitor_of(number) for number in range(12_000)]
    assert sorted(numbers) == [visitor for visitor in range(3000) for _ in range(4)]
