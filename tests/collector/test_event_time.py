"""When an event happened: the rule's table, and its bounds for any clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wanamaker_collector.event_time import BROWSER_EARLIEST, DAY, LATEST, MINUTE, occurred_at, parse_time

NOW = 1_767_607_201_000_000

times = st.integers(-(10**17), 10**18)


@pytest.mark.parametrize(
    ("text", "microseconds"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1969-12-31T23:59:59.999999Z", -1),
        ("2026-01-05T10:00:01Z", NOW),
        ("2026-01-05t10:00:01z", NOW),
        ("2026-01-05 10:00:01+00:00", NOW),
        ("2026-01-05T12:00:01+02:00", NOW),
        ("2026-01-05T10:00:01", NOW),
        ("2026-01-05T10:00:01.5Z", NOW + 500_000),
        ("2026-01-05T10:00:01.123456789Z", NOW + 123_456),
        ("2026-01-05", NOW - 36_001_000_000),
        ("0001-01-01T00:00:00+23:59", -62_135_683_140_000_000),
        ("9999-12-31T23:59:59.999999-23:59", 253_402_387_139_999_999),
    ],
)
def test_times_are_read_as_whole_microseconds(text: str, microseconds: int) -> None:
    assert parse_time(text) == microseconds


@pytest.mark.parametrize("text", ["", "yesterday", "1767607201", "2026-13-01T00:00:00Z", "2026-01-05T25:00:00Z", "z"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_time(text)


@given(
    st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2100, 1, 1)),
    st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
def test_reading_is_exact_in_every_zone(moment: datetime, zone: timezone) -> None:
    aware = moment.replace(tzinfo=zone)
    expected = (aware - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    assert parse_time(aware.isoformat()) == expected


@pytest.mark.parametrize(
    ("sent_at", "timestamp", "browser", "expected"),
    [
        (None, None, True, NOW),
        (NOW - 7, None, True, NOW),  # timestamp absent = sent_at
        (None, NOW - 7, True, NOW - 7),  # sent_at absent = received_at: taken as it is
        (NOW - DAY, NOW - DAY - 3, True, NOW - 3),  # a clock a day late, an event 3 µs before sending
        (NOW + DAY, NOW + DAY - 3, False, NOW - 3),
        (None, NOW + 4 * MINUTE, True, NOW + 4 * MINUTE),
        (None, NOW + 6 * MINUTE, True, NOW + LATEST),
        (None, NOW + 6 * MINUTE, False, NOW + LATEST),
        (None, NOW - 30 * DAY, True, NOW - 30 * DAY),
        (None, NOW - 30 * DAY - 1, True, NOW - BROWSER_EARLIEST),
        (None, NOW - 3000 * DAY, False, NOW - 3000 * DAY),  # the secret key brings history
    ],
)
def test_an_events_time(sent_at: int | None, timestamp: int | None, browser: bool, expected: int) -> None:
    assert occurred_at(received_at=NOW, sent_at=sent_at, timestamp=timestamp, browser=browser) == expected


@given(times, st.none() | times, st.none() | times, st.booleans())
def test_no_clock_leaves_the_bounds(
    received_at: int, sent_at: int | None, timestamp: int | None, browser: bool
) -> None:
    happened = occurred_at(received_at=received_at, sent_at=sent_at, timestamp=timestamp, browser=browser)
    assert happened <= received_at + LATEST
    assert not browser or happened >= received_at - BROWSER_EARLIEST


@given(st.integers(-LATEST, BROWSER_EARLIEST), times)
def test_a_wrong_clock_of_the_sender_changes_nothing(age: int, error: int) -> None:
    wrong = occurred_at(received_at=NOW, sent_at=NOW + error, timestamp=NOW + error - age, browser=True)
    assert wrong == occurred_at(received_at=NOW, sent_at=NOW, timestamp=NOW - age, browser=True) == NOW - age
