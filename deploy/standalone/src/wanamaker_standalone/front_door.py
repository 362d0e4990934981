"""What the front door said yes to, by its own tallies, beside what the log holds of it.

Tallies go the way of the events they count, behind them, also through a spool: one in the log has all its events there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from wanamaker_shared.contracts import failed_events, tallies, web_events
from wanamaker_shared.contracts.topics import TOPICS
from wanamaker_shared.eventlog.port import EventLog, TopicPartition

_WRITER = "collector-serve"


@dataclass(frozen=True, slots=True)
class FrontDoor:
    """Numbers of events. `in_log` and `failed_in_log` were read after the tallies, so they are never behind them."""

    accepted: int = 0
    stored: int = 0
    declined: int = 0
    failed: int = 0
    replayed: int = 0
    in_log: int = 0
    """Records that web-events ever had."""
    failed_in_log: int = 0
    """Records that failed-events ever had from the collector; on Kafka, where partitions are shared, from every service."""

    @property
    def untallied(self) -> int:
        """What was taken since the last tally, or before a collector was killed."""
        return max(0, self.in_log - self.stored - self.replayed)


async def read_front_door(log: EventLog, *, dense: bool) -> FrontDoor:
    """`dense`: each writer of failed-events has its own partition (the embedded log). Raises LogUnavailable."""
    sums = dict.fromkeys(("accepted", "stored", "declined", "failed", "replayed"), 0)
    seen: set[str] = set()
    for at, end in (await log.end_positions([tallies.TOPIC])).items():
        async for batch in log.read(*at, 0, end):
            for stored in batch.records:
                if orjson.loads(stored.value)["type"] not in tallies.TYPES:
                    continue
                tally = tallies.adapter.validate_json(stored.value)
                if tally.event_id not in seen:  # an append that was answered too late is repeated
                    seen.add(tally.event_id)
                    sums = {name: number + getattr(tally, name) for name, number in sums.items()}
    ends = await log.end_positions([web_events.TOPIC, failed_events.TOPIC])
    own = TopicPartition(failed_events.TOPIC, TOPICS[failed_events.TOPIC].writers.index(_WRITER))
    failed = [end for at, end in ends.items() if at.topic == failed_events.TOPIC and (at == own or not dense)]
    return FrontDoor(
        **sums,
        in_log=sum(end for at, end in ends.items() if at.topic == web_events.TOPIC),
        failed_in_log=sum(failed),
    )


def front_door_faults(found: FrontDoor) -> Iterator[str]:
    """One sentence for each number that does not add up."""
    became = found.stored + found.declined + found.failed
    if became != found.accepted:
        yield (
            f"front door: accepted {found.accepted} events, but {found.stored} stored + {found.declined} declined "
            f"+ {found.failed} failed = {became}"
        )
    if found.stored + found.replayed > found.in_log:
        yield (
            f"front door: {found.stored} stored + {found.replayed} sent in again = {found.stored + found.replayed}, "
            f"but {web_events.TOPIC} has {found.in_log} records"
        )
    if found.failed > found.failed_in_log:
        yield (
            f"front door: {found.failed} failed, but {failed_events.TOPIC} had {found.failed_in_log} records of the collector"
        )
