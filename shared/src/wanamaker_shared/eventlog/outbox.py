"""The outbox: records that a projection emits, written in the transaction of their cause and relayed to the log after it.

At least once: a crash between append and delete relays again, with the same event ids, and consumers drop the repetition.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    delete,
    insert,
    select,
)

from ..service.database import Database
from ..service.metrics import RELAYED
from ..service.sql import in_numbers
from .port import EventLog, NewRecord

_ROWS = 500


def outbox_table(metadata: MetaData) -> Table:
    """The outbox among a service's tables, declared on first call."""
    if (known := metadata.tables.get("outbox")) is not None:
        return known
    return Table(
        "outbox",
        metadata,
        Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
        Column("topic", Text, nullable=False),
        Column("key", Text, nullable=False),
        Column("value", LargeBinary, nullable=False),
    )


def emit(connection: Connection, outbox: Table, records: Sequence[NewRecord]) -> None:
    """Put records into the outbox, in order."""
    if records:
        connection.execute(
            insert(outbox),
            [{"topic": record.topic, "key": record.key, "value": record.value} for record in records],
        )


async def relay(outbox: Table, database: Database, log: EventLog) -> int:
    """Append what is in the outbox to the log, in order, and delete it; return how many records, once it is empty.

    Of several processes of a service each relays what it sees: repetitions, never losses. Raises LogUnavailable, or what
    the database raises; rows that were not appended and deleted stay.
    """
    relayed = 0
    while rows := await database.read(lambda connection: _first(connection, outbox)):
        await log.append([record for _, record in rows])
        ids = [number for number, _ in rows]
        await database.write(lambda connection, ids=ids: _delete(connection, outbox, ids))  # type: ignore[misc]
        for topic, number in Counter(record.topic for _, record in rows).items():
            RELAYED.labels(topic).inc(number)
        relayed += len(rows)
    return relayed


def _first(connection: Connection, outbox: Table) -> list[tuple[int, NewRecord]]:
    columns = outbox.c
    rows = connection.execute(
        select(columns.id, columns.topic, columns.key, columns.value).order_by(columns.id).limit(_ROWS)
    )
    return [(number, NewRecord(topic, key, bytes(value))) for number, topic, key, value in rows]


def _delete(connection: Connection, outbox: Table, ids: list[int]) -> None:
    connection.execute(delete(outbox).where(in_numbers(outbox.c.id, ids)))
