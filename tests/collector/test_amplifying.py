"""What fails is kept without making more of it: a body cannot be made to fill the log with copies of itself."""

from __future__ import annotations

import base64
from collections.abc import Callable

import orjson
import pytest

from wanamaker_collector.headers import Headers
from wanamaker_collector.intake import take_in
from wanamaker_collector.mapping import Origin
from wanamaker_collector.reading import Envelope, read_batch
from wanamaker_collector.snowplow import read_payload

ORIGIN = Origin("default", "0123456789ab", True, b"k" * 32)
UNTELLABLE = b"[" + b"[]," * 60_000 + b"1]"
"""With so many brackets in it, nobody looks for the places of a body's events."""
TOO_DEEP = b"[" * 300 + b"]" * 300

Reader = Callable[[bytes], tuple[bytes, Envelope]]


def of_batch(events: bytes) -> tuple[bytes, Envelope]:
    body = b'{"batch":[' + events + b"]}"
    return body, read_batch(body)


def of_snowplow(events: bytes) -> tuple[bytes, Envelope]:
    body = b'{"data":[' + events + b"]}"
    return body, read_payload(body, Headers(), keyed=True)


@pytest.mark.parametrize("read", [of_batch, of_snowplow])
def test_a_body_whose_events_cannot_be_told_apart_is_kept_once(read: Reader) -> None:
    body, envelope = read(b",".join([UNTELLABLE, *[TOO_DEEP] * 300, b"7"]))
    taken = take_in(body, envelope, "batch", ORIGIN, 1)
    raws = [base64.b64decode(orjson.loads(record.value)["personal"]["v"]["raw"]) for record in taken.records]
    assert [failure["index"] for failure in taken.failures] == list(range(302))
    assert len({failure["failed_id"] for failure in taken.failures}) == 302
    assert orjson.loads(raws[0]) == orjson.loads(UNTELLABLE)
    assert raws[1] == body
    assert raws[2:] == [b""] * 299 + [b"7"]
    assert sum(len(record.value) for record in taken.records) < 4 * len(body)
