"""Bodies into events: what is broken is told apart from its neighbours, and each event's bytes are found again."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wanamaker_collector.reading import BATCH_EVENTS, Broken, Unreadable, raw_events, read_batch, read_single
from wanamaker_collector.splitting import split_batch

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text('ab"\\[]{},: é\n', max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "batch", '"', "}"]), inner, max_size=2)
    ),
    max_leaves=6,
)

GOOD = b'{"type":"page","anonymousId":"c1"}'


@given(st.lists(json_values, max_size=4), st.sampled_from([None, 1]), json_values)
def test_splitting_finds_every_events_bytes(events: list[Any], indent: int | None, besides: Any) -> None:
    body = json.dumps({"before": besides, "batch": events, "after": besides}, indent=indent).encode()
    split = split_batch(body, 9)
    assert split is not None
    assert [json.loads(event) for event in split.events] == events
    assert json.loads(split.envelope) == {"before": besides, "batch": [], "after": besides}


@given(st.binary(max_size=40) | st.text('{}[],:"\\batch1 ', max_size=40).map(str.encode))
def test_splitting_takes_any_bytes(body: bytes) -> None:
    split_batch(body, 9)


def test_splitting_is_linear_in_hostile_bytes() -> None:
    """Quadratic work on a megabyte would take hours; this takes a fraction of a second."""
    for piece in (b'"', b'\\"', b"[", b"{}", b'"\\', b"1,", b"[],", b"]", b"[[],", b'{"batch":['):
        assert split_batch(b'{"batch":[' + piece * (1_000_000 // len(piece)), 2500) is None


@pytest.mark.parametrize(
    "bad",
    [
        b"NaN",
        b'{"a":1e999}',
        b'{"a":' + b"9" * 5000 + b"}",
        b"[" * 3000 + b"]" * 3000,
        b'{"a":"\xff"}',
        b'{"a":}',
        b"",
        b"nul",
    ],
)
def test_a_broken_event_leaves_its_neighbours(bad: bytes) -> None:
    body = b'{"sentAt":"x","batch":[' + GOOD + b"," + bad + b"," + GOOD + b'],"writeKey":"k"}'
    envelope = read_batch(body)
    assert envelope.write_key == "k"
    first, broken, last = envelope.events
    assert first == last == orjson.loads(GOOD)
    assert isinstance(broken, Broken)
    assert raw_events(body, 3) == (GOOD, bad, GOOD)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"batch":{}}',
        b'{"batch":[1}',
        b'{"batch":[1]',
        b'{"batch":["',
        b'{"batch":[{]}]}',
        b'{"batch":[1],"sentAt":NaN}',
        b"\xff\xfe{\x00}\x00",
        b'{"batch":[' + b",".join([b"1"] * (BATCH_EVENTS + 1)) + b"]}",
        b'{"batch":[' + b",".join([b"NaN"] * (BATCH_EVENTS + 1)) + b"]}",
    ],
)
def test_a_body_that_cannot_be_read_at_all(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read_batch(body)


@pytest.mark.parametrize("body", [b"", b"[]", b'"a"', b"{", b'{"a":NaN}', b'{"a":"\xff"}', b"[" * 5000])
def test_a_single_event_that_cannot_be_read(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read_single(body)


def test_a_byte_order_mark_is_dropped() -> None:
    assert read_single(b"\xef\xbb\xbf" + GOOD).events == [orjson.loads(GOOD)]
    assert read_batch(b'\xef\xbb\xbf{"batch":[' + GOOD + b"]}").events == [orjson.loads(GOOD)]


def test_of_a_name_that_stands_twice_the_last_counts() -> None:
    assert read_single(b'{"a":1,"a":2}').events == [{"a": 2}]
    body = b'{"batch":[1,2],"batch":[3]}'
    assert read_batch(body).events == [3]
    assert raw_events(body, 1) == (b"3",)
