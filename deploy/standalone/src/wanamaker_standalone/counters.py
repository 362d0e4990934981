"""What must add up in a consumer's counters, and which partition's row does not. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple, dataclass

from wanamaker_shared.eventlog.port import TopicPartition

from .stages import Stage


@dataclass(frozen=True, slots=True)
class Counted:
    """Of one partition or several: the log's end, what became of the records, and how many wait to be read."""

    end: int = 0
    facts: int = 0
    duplicates: int = 0
    skipped: int = 0
    failed: int = 0
    waiting: int = 0

    def __add__(self, other: Counted) -> Counted:
        return Counted(*(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))


def counted(stage: Stage, at: TopicPartition) -> Counted:
    end = stage.ends.get(at, 0)
    if (row := stage.progress.get(at)) is None:
        return Counted(end, waiting=end)
    return Counted(end, row.facts, row.duplicates, row.skipped, row.failed, max(0, end - row.position))


def faults(stage: Stage, *, dense: bool) -> Iterator[str]:
    """One sentence for each position row that does not add up.

    `dense`: a partition's offsets are all records (the embedded log), so that position and records are one number. On
    Kafka they need not be; there `verify` counts the records by replaying them.
    """
    for at, row in sorted(stage.progress.items()):
        where = f"{stage.consumer}: position [{at.topic}, {at.partition}]"
        became = row.facts + row.duplicates + row.skipped + row.failed
        if became != row.records:
            yield (
                f"{where}: took in {row.records} records, but {row.facts} facts + {row.duplicates} duplicates "
                f"+ {row.skipped} skipped + {row.failed} failed = {became}"
            )
        if dense and row.records != row.position:
            yield f"{where}: stands at {row.position}, but took in {row.records} records"
        if at in stage.ends and row.position > stage.ends[at]:
            yield f"{where}: stands at {row.position}, behind the log's end {stage.ends[at]}"
