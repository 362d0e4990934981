"""The port to the event log. The embedded and the Kafka adapter keep exactly this contract (tests/eventlog/).

A topic has partitions; a partition is a sequence of records at offsets 0, 1, 2, … A *position* is the offset of the next
record to read. Records with one key are in one partition (`partition_for`), in the order they were appended; nothing may
depend on any other order. Delivery is at least once: positions live in the consumer's own database.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol


class NewRecord(NamedTuple):
    topic: str
    key: str
    value: bytes


class StoredRecord(NamedTuple):
    offset: int
    key: str
    value: bytes


class TopicPartition(NamedTuple):
    topic: str
    partition: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of one partition in order. `start` is the position before them, `next` the position after."""

    topic: str
    partition: int
    start: int
    next: int
    records: tuple[StoredRecord, ...]


Positions = Callable[[Collection[TopicPartition]], Awaitable[Mapping[TopicPartition, int]]]
"""Looks up where to continue; a partition not in the answer starts at 0."""


class LogUnavailable(Exception):
    """The log did not take the records in time, or at all. None, some or all may appear later: retry with the same ids."""


class LogCorrupt(Exception):
    """A stored record does not match its checksum, or the file has a format this version does not read."""


class EventLog(Protocol):
    async def append(self, records: Sequence[NewRecord]) -> None:
        """Return when all records are durable: on disk, or acknowledged by all in-sync replicas.

        Raises LogUnavailable, after the adapter's own deadline at the latest.
        """
        ...

    def subscribe(
        self, topics: Collection[str], group: str, positions: Positions, *, max_records: int = 1000
    ) -> AsyncIterator[Batch]:
        """Yield batches of the partitions this member of the group owns, for ever; wake within 20 ms of an append."""
        ...

    def read(
        self, topic: str, partition: int, start: int, end: int, *, max_records: int = 1000
    ) -> AsyncIterator[Batch]:
        """Yield the records at offsets start … end-1 and finish (for replays); belongs to no group."""
        ...

    async def end_positions(self, topics: Collection[str]) -> dict[TopicPartition, int]:
        """For each partition of the topics the position after its last record."""
        ...

    async def close(self) -> None:
        """Flush what was accepted, then release everything; bounded in time even when the other side is gone."""
        ...
