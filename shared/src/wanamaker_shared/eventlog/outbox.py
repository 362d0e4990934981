"""The outbox: records that a projection emits, written in the transaction of their cause and relayed to the log after it.

At least once: a crash between append and delete relays again, with the same event ids, and consumers drop the repetition.
"""

from __future__ import annotations

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
    insert,
)

from .port import NewRecord


def outbox_table(metadata: MetaData) -> Table:
    """Declare the outbox among a service's tables."""
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
