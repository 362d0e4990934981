"""Reads a request body into its envelope and events. Whatever can be saved of a broken body is saved: a byte order mark is
dropped, halves of surrogate pairs are mended, and in a batch each event is read by itself.

Of a name that stands twice in one object the last counts, as in every browser.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson

from wanamaker_shared.contracts.record import canonical

from .cleaning import may_be_unsafe, mend_surrogates
from .splitting import split_batch

BATCH_EVENTS = 2500

_BOM = b"\xef\xbb\xbf"


class Unreadable(ValueError):
    """Nothing can be taken from the body; the message says why and what to send instead."""


@dataclass(frozen=True, slots=True)
class Broken:
    """An event that cannot be read, like one of a batch that is no JSON value."""

    reason: str
    ids: Mapping[str, Any] = field(default_factory=dict)
    """What could be read of anonymousId, userId and messageId, by which the failed event is found."""


class Envelope(NamedTuple):
    """What a body holds. `events` are parsed JSON values of any type, or `Broken`."""

    fields: dict[str, Any]
    """The members of a batch beside its events; for a single event none: it has its own sentAt."""
    write_key: Any
    events: list[Any]
    unsafe: bool
    """Whether texts may hold control characters, so that events have to be cleaned."""
    where: str | None = None
    """The path, where it is not `/v1/` and the kind of the events."""
    raws: Callable[[], Sequence[bytes | None]] | None = None
    """How to find each event's bytes as they were sent (None: nobody can), where it is no batch and no event by itself."""


def read_single(body: bytes) -> Envelope:
    """The body is one event, which names its own key and sentAt. Raises Unreadable."""
    try:
        event = orjson.loads(body)
    except orjson.JSONDecodeError:
        body = mend_surrogates(body.removeprefix(_BOM))
        event = _parse(body)
    if not isinstance(event, dict):
        raise Unreadable("the body must be a JSON object")
    return Envelope({}, event.get("writeKey"), [event], may_be_unsafe(body))


def read_batch(body: bytes, name: str = "batch") -> Envelope:
    """The body is `{"sentAt"?, "writeKey"?, "batch": [event, …]}`; `name` is that of the list. Raises Unreadable."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return _salvage(mend_surrogates(body.removeprefix(_BOM)), name)
    return _envelope(document, name, may_be_unsafe(body))


def raw_events(body: bytes, count: int, name: str = "batch") -> tuple[bytes, ...] | None:
    """The bytes of each of the batch's `count` events as they were sent, or None if they cannot be told apart."""
    split = split_batch(body, BATCH_EVENTS, name)
    return split.events if split is not None and len(split.events) == count else None


def again(event: Any) -> bytes | None:
    """An event whose bytes cannot be found in the body, written again; None if it is too deep for that."""
    try:
        return canonical(event)
    except TypeError:
        return None


def _salvage(body: bytes, name: str) -> Envelope:
    try:
        return _envelope(orjson.loads(body), name, may_be_unsafe(body))
    except orjson.JSONDecodeError as error:
        split = split_batch(body, BATCH_EVENTS, name)
        if split is None:
            raise Unreadable(_why(error)) from error
    envelope = _envelope(_parse(split.envelope), name, may_be_unsafe(body))
    return envelope._replace(events=[_parse_event(raw) for raw in split.events])


def _envelope(document: Any, name: str, unsafe: bool) -> Envelope:
    if not isinstance(document, dict):
        raise Unreadable("the body must be a JSON object")
    events = document.get(name)
    if not isinstance(events, list):
        raise Unreadable(f'the body must have a list of events, "{name}"')
    if len(events) > BATCH_EVENTS:
        raise Unreadable(f"{len(events)} events in one batch; send at most {BATCH_EVENTS}")
    return Envelope(document, document.get("writeKey"), events, unsafe)


def _parse(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Unreadable(_why(error)) from error


def _parse_event(raw: bytes) -> Any:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        return Broken(_why(error))


def _why(error: orjson.JSONDecodeError) -> str:
    return f"not JSON: {error}"
