"""Reading a batch: the records of each workspace, of several with one identity the one that comes first.

Pure, but for the bytes it is given. It is on the path of every page view: one pass, no copies.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

import orjson
from pydantic import TypeAdapter, ValidationError

from wanamaker_shared.contracts.record import Precedence, Record
from wanamaker_shared.eventlog.port import StoredRecord

R = TypeVar("R", bound=Record)
Key = tuple[str, str, str]


class Sighting(NamedTuple, Generic[R]):
    record: R
    rank: Precedence


@dataclass(slots=True)
class Readings(Generic[R]):
    """`best`: workspace → identity → the best record of the batch. `skipped`: records of types this version does not know."""

    best: dict[str, dict[Key, Sighting[R]]] = field(default_factory=dict)
    skipped: int = 0


def read(records: Iterable[StoredRecord], adapter: TypeAdapter[R], types: Collection[str]) -> Readings[R]:
    """Raises pydantic.ValidationError on a record that is none."""
    readings: Readings[R] = Readings()
    best = readings.best
    for stored in records:
        value = stored.value
        try:
            record = adapter.validate_json(value)
        except ValidationError:
            if not _is_of_unknown_type(value, types):
                raise
            readings.skipped += 1
            continue
        rank = Precedence(-record.revision, record.received_at, hashlib.sha256(value).digest())
        seen = best.get(record.workspace)
        if seen is None:
            seen = best[record.workspace] = {}
        key = (record.source, record.sender, record.event_id)
        known = seen.get(key)
        if known is None or rank < known.rank:
            seen[key] = Sighting(record, rank)
    return readings


def beating(best: Mapping[Key, Sighting[R]], known: Mapping[Key, Precedence]) -> dict[Key, Sighting[R]]:
    """Those that count from now on: new identities, and records that come before the one known."""
    if not known:
        return dict(best)
    return {key: seen for key, seen in best.items() if key not in known or seen.rank < known[key]}


def _is_of_unknown_type(value: bytes, types: Collection[str]) -> bool:
    """Whether it is an object with a type that is not ours: a newer producer's, to be skipped."""
    try:
        document = orjson.loads(value)
    except ValueError:
        return False
    kind = document.get("type") if isinstance(document, dict) else None
    return isinstance(kind, str) and kind not in types
