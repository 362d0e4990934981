"""A projection small enough to see through: it counts words, so that a record taken in twice shows."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from sqlalchemy import BigInteger, Column, Connection, MetaData, Table, select

from wanamaker_shared.eventlog.outbox import emit, outbox_table
from wanamaker_shared.eventlog.port import Batch, NewRecord, StoredRecord
from wanamaker_shared.eventlog.projection import Counts
from wanamaker_shared.service.database import Database, Id
from wanamaker_shared.service.sql import add_up

TOPIC = "web-events"
PARTITIONS = 2


class Tally:
    """Skips the word `skip`, chokes on `poison`, emits each word it counts to `identity-updates`."""

    topics = (TOPIC,)
    rules_version = 1

    def __init__(self, before: Callable[[Batch], None] = lambda _: None) -> None:
        self.metadata = MetaData()
        self.table = Table(
            "tally",
            self.metadata,
            Column("workspace", Id, primary_key=True),
            Column("word", Id, primary_key=True),
            Column("times", BigInteger, nullable=False),
            Column("note", Id, info={"derived": False}),
            info={"derived": True},
        )
        self.outbox = outbox_table(self.metadata)
        self.before = before

    def apply(self, connection: Connection, batch: Batch) -> Counts:
        self.before(batch)
        words = [json.loads(record.value)["word"] for record in batch.records]
        kept = [word for word in words if word != "skip"]
        if "poison" in kept:
            raise ValueError("cannot take in ann@example.com")
        rows = [("default", word, 1) for word in kept]
        add_up(connection, self.table, ("workspace", "word", "times"), rows, ["times"])
        emit(
            connection, self.outbox, [NewRecord("identity-updates", f"default/{word}", word.encode()) for word in kept]
        )
        return Counts(facts=len(kept), skipped=len(words) - len(kept))

    async def words(self, database: Database) -> dict[str, int]:
        rows = await database.read(lambda c: c.execute(select(self.table.c.word, self.table.c.times)).all())
        return {str(word): int(times) for word, times in rows}


def value(word: str, received_at: int = 0) -> bytes:
    return json.dumps({"received_at": received_at, "word": word}, separators=(",", ":")).encode()


def batch(words: Sequence[str], start: int = 0, partition: int = 0) -> Batch:
    records = tuple(
        StoredRecord(start + n, f"default/{word}", value(word, 1000 + start + n)) for n, word in enumerate(words)
    )
    return Batch(TOPIC, partition, start, start + len(records), records)


def new(words: Sequence[str]) -> list[NewRecord]:
    return [NewRecord(TOPIC, f"default/{word}", value(word, 1000 + n)) for n, word in enumerate(words)]
