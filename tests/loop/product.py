"""The product's tables of a history, in the oracle's shape: identity's and attribution's, after the whole loop."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select

from tests.attribution.product_tables import product_tables
from tests.identity.test_against_oracle import links, persons
from tests.oracle import Tables
from tests.oracle.dedup import Entry
from tests.oracle.log_keys import logged

from .schedule import live_through
from .world import World


def product(history: Sequence[Entry], seed: int = 0) -> Tables:
    """All tables that the oracle gives."""
    world = World()
    try:
        live_through(world, logged(history), random.Random(seed))
        return tables_of(world)
    finally:
        world.close()


def tables_of(world: World) -> Tables:
    with world.identity.reading() as connection:
        rows = _Rows(connection, world)
        people: Tables = {"persons": persons(rows), "links": links(rows)}
    with world.attribution.reading() as connection:
        return people | product_tables(connection)


class _Rows:
    """Identity's rows by table name."""

    def __init__(self, connection: Connection, world: World) -> None:
        self._connection = connection
        self._tables = world.identity.projection.metadata.tables

    def rows(self, name: str) -> list[dict[str, Any]]:
        return [dict(row) for row in self._connection.execute(select(self._tables[name])).mappings()]
