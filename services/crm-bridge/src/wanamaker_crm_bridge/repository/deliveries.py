"""Which deliveries were mapped, and which statements were emitted before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import Connection, select

from wanamaker_shared.contracts.record import Precedence
from wanamaker_shared.service.sql import in_texts, insert_ignore, upsert

from ..tables import received, stated


class Delivery(NamedTuple):
    """Which delivery a record of the inbox is."""

    workspace: str
    connection: str
    delivery_id: str


class Statement(NamedTuple):
    """Which record of a CRM that says one thing several times."""

    event_id: str
    revision: int


def load_received(connection: Connection, deliveries: Iterable[Delivery]) -> dict[Delivery, Precedence]:
    """The precedence with which each of the deliveries was mapped; those never mapped are not in the answer."""
    ids: dict[tuple[str, str], set[str]] = defaultdict(set)
    for delivery in deliveries:
        ids[delivery.workspace, delivery.connection].add(delivery.delivery_id)
    known: dict[Delivery, Precedence] = {}
    for (workspace, source), delivery_ids in ids.items():
        rows = connection.execute(
            select(received).where(
                received.c.workspace == workspace,
                received.c.connection == source,
                in_texts(received.c.delivery_id, delivery_ids),
            )
        )
        for row in rows:
            precedence = Precedence(row.negative_revision, row.received_at, row.digest)
            known[Delivery(workspace, source, row.delivery_id)] = precedence
    return known


def save_received(connection: Connection, mapped: Mapping[Delivery, Precedence]) -> None:
    upsert(connection, received, [delivery._asdict() | precedence._asdict() for delivery, precedence in mapped.items()])


def new_among(connection: Connection, workspace: str, source: str, ids: Iterable[Statement]) -> set[Statement]:
    """Those that were not emitted before; from now on they were."""
    asked = set(ids)
    rows = connection.execute(
        select(stated.c.event_id, stated.c.revision).where(
            stated.c.workspace == workspace,
            stated.c.connection == source,
            in_texts(stated.c.event_id, {statement.event_id for statement in asked}),
        )
    )
    new = asked - {Statement(*row) for row in rows}
    row = {"workspace": workspace, "connection": source}
    insert_ignore(connection, stated, [{**row, **statement._asdict()} for statement in sorted(new)])
    return new
