"""How the suite reads a log: bounded in time, never by sleeping."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Mapping, Sequence

from wanamaker_shared.eventlog.port import Batch, EventLog, NewRecord, Positions, StoredRecord, TopicPartition

PATIENCE = 30.0
"""Seconds after which a test says that nothing came."""


async def from_the_start(places: Collection[TopicPartition]) -> Mapping[TopicPartition, int]:
    return {}


def starting_at(positions: Mapping[TopicPartition, int]) -> Positions:
    async def lookup(places: Collection[TopicPartition]) -> Mapping[TopicPartition, int]:
        return {place: positions[place] for place in places if place in positions}

    return lookup


async def take(batches: AsyncIterator[Batch], records: int) -> list[Batch]:
    """Batches until they hold so many records."""
    taken: list[Batch] = []
    async with asyncio.timeout(PATIENCE):
        while sum(len(batch.records) for batch in taken) < records:
            taken.append(await anext(batches))
    return taken


async def everything(log: EventLog, topic: str) -> dict[int, list[StoredRecord]]:
    """All records of a topic by partition, by `read`."""
    found: dict[int, list[StoredRecord]] = {}
    async with asyncio.timeout(PATIENCE):
        for (_, partition), end in (await log.end_positions([topic])).items():
            found[partition] = [
                record async for batch in log.read(topic, partition, 0, end) for record in batch.records
            ]
    return found


def by_key(records: Sequence[StoredRecord]) -> dict[str, list[bytes]]:
    found: dict[str, list[bytes]] = defaultdict(list)
    for record in records:
        found[record.key].append(record.value)
    return dict(found)


def numbered(topic: str, count: int, keys: int = 7) -> list[NewRecord]:
    return [NewRecord(topic, f"key-{number % keys}", b"%d" % number) for number in range(count)]
