"""What brought a change: the record that restatements and links name, carried along from key to key."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import NamedTuple, TypeVar

from wanamaker_shared.contracts.record import Record, canonical

K = TypeVar("K", bound=Hashable)


class Cause(NamedTuple):
    """`identity`: the record's identity as a JSON list. Times in microseconds."""

    identity: str
    occurred_at: int
    received_at: int


def cause_of(record: Record) -> Cause:
    return Cause(canonical(list(record.identity)).decode(), record.occurred_at, record.received_at)


def blame(causes: dict[K, Cause], keys: Iterable[K], cause: Cause) -> None:
    """The first that dirtied a key remains its cause."""
    for key in keys:
        causes.setdefault(key, cause)
