"""When a web event happened, from what its sender said and when it was received.

Written into the record at acceptance, so the tables never need it; here for the collector's tests to compare with.
"""

from __future__ import annotations

from .clock import DAY, MINUTE


def event_time(received_at: int, sent_at: int | None, timestamp: int | None, *, browser: bool) -> int:
    """All in microseconds. The sender's clock may be wrong, the distance between two of its readings is not."""
    sent_at = received_at if sent_at is None else sent_at
    timestamp = sent_at if timestamp is None else timestamp
    occurred_at = min(received_at - (sent_at - timestamp), received_at + 5 * MINUTE)
    return max(occurred_at, received_at - 30 * DAY) if browser else occurred_at
