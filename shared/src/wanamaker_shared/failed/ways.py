"""The ways by which failed events are sent in again: a service has one for each place from which it can take them.

A way is pure: a failed event and the bytes to send instead give the record to append, or `CannotReplay`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
from pydantic import TypeAdapter, ValidationError

from ..contracts.failed_events import EventFailed
from ..contracts.record import Record, canonical
from ..eventlog.port import NewRecord
from ..service.errors import describe
from .kept import kept, topic_of


class CannotReplay(Exception):
    """Why this event is not sent in; what to do instead. `again`: it was tried, and fails as it failed before."""

    def __init__(self, reason: str, *, again: bool = False) -> None:
        super().__init__(reason)
        self.again = again


class Way(Protocol):
    """How the events from one place come in again."""

    def owns(self, origin: str, where: str) -> bool:
        """Whether events that failed there come this way."""
        ...

    def first_revision(self, failed: EventFailed, *, edited: bool) -> int:
        """The revision of the event's first replay; of a later, different one it is raised from that of the one before."""
        ...

    def again(self, failed: EventFailed, raw: bytes, *, revision: int) -> NewRecord:
        """The record that takes the event in. Raises CannotReplay."""
        ...


@dataclass(frozen=True, slots=True)
class TopicWay:
    """A record that a consumer set aside goes to its topic once more: the bytes it has, or edited ones of a higher revision.

    An edit may not make another record of it: workspace, source, sender and event id stay.
    """

    topic: str
    adapter: TypeAdapter[Any]
    key: Callable[[Any], str]

    def owns(self, origin: str, where: str) -> bool:
        return topic_of(where) == self.topic

    def first_revision(self, failed: EventFailed, *, edited: bool) -> int:
        envelope = envelope_of(kept(failed).raw)
        return (envelope.revision if envelope is not None else 0) + (1 if edited else 0)

    def again(self, failed: EventFailed, raw: bytes, *, revision: int) -> NewRecord:
        record = checked_record(self.adapter, failed, raw)
        value = raw if record.revision == revision else canonical({**orjson.loads(raw), "revision": revision})
        return NewRecord(self.topic, self.key(record), value)


def way_of(ways: tuple[Way, ...], origin: str, where: str) -> Way | None:
    return next((way for way in ways if way.owns(origin, where)), None)


def checked_record(adapter: TypeAdapter[Any], failed: EventFailed, raw: bytes) -> Any:
    """The bytes as the contract reads them, if they are the record that failed. Raises CannotReplay."""
    try:
        record: Record = adapter.validate_json(raw)
    except ValidationError as error:
        raise CannotReplay(f"{describe(error)}; edit it", again=True) from error
    if record.workspace != failed.workspace:
        raise CannotReplay("an edit may not move a record to another workspace")
    before = envelope_of(kept(failed).raw)
    if before is not None and before.identity != record.identity:
        raise CannotReplay(
            "an edit may not change a record's workspace, source, sender or event_id: they say which it is"
        )
    return record


def envelope_of(raw: bytes) -> Record | None:
    """The envelope alone, of whatever type; None if not even that can be read."""
    try:
        return Record.model_validate_json(raw)
    except ValidationError:
        return None


def identity_in(record: NewRecord) -> tuple[str, str, str]:
    """Source, sender and event id of a record to append."""
    fields: Mapping[str, Any] = orjson.loads(record.value)
    return fields["source"], fields.get("sender", ""), fields["event_id"]
