"""How far a database has read each partition, and what became of the records: advanced in the transaction of the results.

The conditional update is the fence: a consumer that lost its partition to another one, and does not know it yet, finds a
position it did not expect and takes nothing in (`LostOwnership`). Positions alone are not enough: tried, 400 instead of 200.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, Column, Connection, Integer, MetaData, Table, Text, select, text

from ..service.errors import SafeError
from .port import Batch, StoredRecord, TopicPartition
from .projection import Counts

GOOD_STREAK = 10_000
"""So many good records in a row, and earlier failures are forgotten."""

_RECEIVED_AT = re.compile(rb'"received_at":(\d{1,17})[,}]')


class LostOwnership(SafeError):
    """Somebody else advanced the partition: this batch is theirs, or was taken in already."""


class TooManyFailed(SafeError):
    """So many records failed that the fault is likely ours: the consumer stops rather than set everything aside."""


@dataclass(frozen=True, slots=True)
class Progress:
    """One partition's row. facts + duplicates + skipped + failed = records; on the embedded log also = position."""

    position: int
    records: int
    facts: int
    duplicates: int
    skipped: int
    failed: int
    fresh_to: int
    """The newest received_at taken in, microseconds; 0 = none."""


def position_table(metadata: MetaData) -> Table:
    """The table among a service's tables, declared on first call."""
    if (known := metadata.tables.get("position")) is not None:
        return known
    return Table(
        "position",
        metadata,
        Column("topic", Text, primary_key=True),
        Column("partition", Integer, primary_key=True),
        Column("position", BigInteger, nullable=False),
        *(
            Column(name, BigInteger, nullable=False, server_default="0")
            for name in (
                "records",
                "facts",
                "duplicates",
                "skipped",
                "failed",
                "fresh_to",
                "good_streak",
                "failed_streak",
            )
        ),
    )


_MOVE = text(
    "UPDATE position SET position = :next WHERE topic = :topic AND partition = :partition AND position = :start"
)
_BEGIN = text(
    "INSERT INTO position (topic, partition, position) VALUES (:topic, :partition, 0) ON CONFLICT (topic, partition) DO NOTHING"
)
_FAILED_STREAK = text("SELECT failed_streak FROM position WHERE topic = :topic AND partition = :partition")
_COUNT = text(
    "UPDATE position SET records = records + :records, facts = facts + :facts, duplicates = duplicates + :duplicates,"
    " skipped = skipped + :skipped, failed = failed + :failed,"
    " fresh_to = CASE WHEN fresh_to < :newest THEN :newest ELSE fresh_to END,"
    " good_streak = CASE WHEN :failed > 0 THEN 0 ELSE good_streak + :records END,"
    " failed_streak = CASE WHEN :failed > 0 THEN failed_streak + :failed"
    " WHEN good_streak + :records >= :forgetting THEN 0 ELSE failed_streak END"
    " WHERE topic = :topic AND partition = :partition"
)
"""Written out, and once: building these statements by functions took longer than all else around a small batch."""


def advance(connection: Connection, batch: Batch) -> None:
    """Move the partition from `batch.start` to `batch.next`. Raises LostOwnership if it does not stand at the start."""
    place = {"topic": batch.topic, "partition": batch.partition}
    move = {**place, "start": batch.start, "next": batch.next}
    if connection.execute(_MOVE, move).rowcount == 1:
        return
    if batch.start == 0:
        connection.execute(_BEGIN, place)
        if connection.execute(_MOVE, move).rowcount == 1:
            return
    raise LostOwnership(f"{batch.topic}/{batch.partition} is not at {batch.start} any more")


def count(
    connection: Connection, batch: Batch, counts: Counts, *, failed: int = 0, failed_limit: int | None = None
) -> int:
    """Add up what became of the batch's records, `failed` of them set aside; return their newest received_at. After `advance`.

    Raises TooManyFailed if with them more than `failed_limit` records of the partition failed without 10,000 good ones in a
    row between them. The streaks are in the row, so that restarting the consumer does not give it new credit.
    """
    place = {"topic": batch.topic, "partition": batch.partition}
    if failed and failed_limit is not None:
        streak = connection.scalar(_FAILED_STREAK, place) or 0
        if streak + failed > failed_limit:
            raise TooManyFailed(
                f"more than {failed_limit} records of {batch.topic}/{batch.partition} failed without {GOOD_STREAK:,} good"
                f" ones between them; the one at {batch.start} was not set aside. See failed-events for the reasons, then"
                " deploy the fix or raise WANAMAKER_FAILED_LIMIT"
            )
    newest = _newest_receipt(batch.records)
    connection.execute(
        _COUNT,
        {
            **place,
            "records": len(batch.records),
            "facts": counts.facts,
            "duplicates": counts.duplicates,
            "skipped": counts.skipped,
            "failed": failed,
            "newest": newest,
            "forgetting": GOOD_STREAK,
        },
    )
    return newest


def read_progress(connection: Connection, table: Table) -> dict[TopicPartition, Progress]:
    """All partitions that were ever read."""
    names = ("position", "records", "facts", "duplicates", "skipped", "failed", "fresh_to")
    rows = connection.execute(select(table.c.topic, table.c.partition, *(table.c[name] for name in names)))
    return {TopicPartition(topic, partition): Progress(*rest) for topic, partition, *rest in rows}


def read_positions(
    connection: Connection, table: Table, partitions: Collection[TopicPartition]
) -> Mapping[TopicPartition, int]:
    """Where to continue; partitions never read are not in the answer."""
    known = connection.execute(select(table.c.topic, table.c.partition, table.c.position))
    return {
        at: position for topic, partition, position in known if (at := TopicPartition(topic, partition)) in partitions
    }


def _newest_receipt(records: Sequence[StoredRecord]) -> int:
    """The newest received_at, read without parsing: keys are sorted, so the last match is the envelope's own field."""
    newest = 0
    for record in records:
        found = _RECEIVED_AT.match(record.value, max(0, record.value.rfind(b'"received_at":')))
        if found is not None:
            newest = max(newest, int(found[1]))
    return newest
