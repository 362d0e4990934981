"""The outbox: records that a projection emits, written in the transaction of their cause and relayed to the log after it.

At least once: a crash between append and delete relays again, with the same event ids, and consumers drop the repetition.
Of several processes of a service each relays what it wrote itself, and what it finds of others that seem to be dead.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache, partial

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Delete,
    Integer,
    LargeBinary,
    MetaData,
    Select,
    Table,
    Text,
    bindparam,
    delete,
    func,
    select,
)

from ..service.database import Database
from ..service.metrics import RELAYED
from ..service.sql import in_bound, insert_rows
from .port import EventLog, NewRecord

_ROWS = 500
_WRITER = secrets.token_hex(8)
"""This process. A new one after each start, so that what a dead process left is nobody's."""


def outbox_table(metadata: MetaData) -> Table:
    """The outbox among a service's tables, declared on first call."""
    if (known := metadata.tables.get("outbox")) is not None:
        return known
    return Table(
        "outbox",
        metadata,
        Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
        Column("writer", Text, nullable=False),
        Column("topic", Text, nullable=False),
        Column("key", Text, nullable=False),
        Column("value", LargeBinary, nullable=False),
    )


def emit(connection: Connection, outbox: Table, records: Sequence[NewRecord]) -> None:
    """Put records into the outbox, in order."""
    insert_rows(
        connection,
        outbox,
        [{"writer": _WRITER, "topic": record.topic, "key": record.key, "value": record.value} for record in records],
    )


async def relay(outbox: Table, database: Database, log: EventLog, *, others_upto: int | None = None) -> int:
    """Append what is in the outbox to the log, in order, and delete it; return how many records, once there are no more.

    With `others_upto`, of rows that other processes wrote only those up to that id. Raises LogUnavailable, or what the
    database raises; rows that were not both appended and deleted stay.
    """
    relayed = 0
    while rows := await database.read(lambda connection: _first(connection, outbox, others_upto)):
        await log.append([record for _, record in rows])
        await database.write(partial(_delete, outbox=outbox, ids=[number for number, _ in rows]))
        for topic, number in Counter(record.topic for _, record in rows).items():
            RELAYED.labels(topic).inc(number)
        relayed += len(rows)
    return relayed


async def newest_row(outbox: Table, database: Database) -> int:
    """The highest id in the outbox; 0 if it is empty."""
    return await database.read(lambda connection: connection.scalar(select(func.max(outbox.c.id)))) or 0


@lru_cache
def _statements(outbox: Table) -> tuple[Select[int, str, str, bytes], Select[int, str, str, bytes], Delete]:
    """The first rows; the first rows for one process; the deletion by id. Built once: a relay follows each commit."""
    columns = outbox.c
    every = select(columns.id, columns.topic, columns.key, columns.value).order_by(columns.id).limit(_ROWS)
    own = every.where((columns.writer == _WRITER) | (columns.id <= bindparam("others_upto", type_=BigInteger)))
    return every, own, delete(outbox).where(in_bound(columns.id, "ids"))


def _first(connection: Connection, outbox: Table, others_upto: int | None) -> list[tuple[int, NewRecord]]:
    every, own, _ = _statements(outbox)
    rows = (
        connection.execute(own, {"others_upto": others_upto}) if others_upto is not None else connection.execute(every)
    )
    return [(number, NewRecord(topic, key, bytes(value))) for number, topic, key, value in rows]


def _delete(connection: Connection, *, outbox: Table, ids: list[int]) -> None:
    connection.execute(_statements(outbox)[2], {"ids": ids})
