"""When an event happened, in whole microseconds since 1970, UTC. Integer arithmetic only; the clock is an argument."""

from __future__ import annotations

from datetime import UTC, datetime

MINUTE = 60_000_000
DAY = 86_400_000_000

LATEST = 5 * MINUTE
"""How far after its reception an event may lie: clocks run ahead."""
BROWSER_EARLIEST = 30 * DAY
"""How far before its reception an event sent with the write key may lie: anybody has that key."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def parse_time(text: str) -> int:
    """Microseconds of an RFC 3339 time; digits beyond the sixth are dropped, a time without a zone is UTC.

    Raises ValueError.
    """
    moment = datetime.fromisoformat(text[:-1] + "Z" if text.endswith("z") else text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    since = moment - _EPOCH
    return since.days * DAY + since.seconds * 1_000_000 + since.microseconds


def occurred_at(*, received_at: int, sent_at: int | None, timestamp: int | None, browser: bool) -> int:
    """received_at − (sent_at − timestamp): the sender's clock may be wrong, the time between its two readings is not.

    sent_at absent = received_at; timestamp absent = sent_at. At most received_at + 5 min; from a browser at least
    received_at − 30 days.
    """
    if timestamp is None:
        return received_at
    happened = timestamp if sent_at is None else received_at - (sent_at - timestamp)
    if browser:
        happened = max(happened, received_at - BROWSER_EARLIEST)
    return min(happened, received_at + LATEST)
