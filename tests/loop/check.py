"""The one question of the suite: does this history, lived through in this order, end in the oracle's tables?"""

from __future__ import annotations

import random
from collections.abc import Sequence

from tests.oracle import tables
from tests.oracle.dedup import Entry
from tests.oracle.log_keys import logged
from tests.oracle.story import KEYS
from wanamaker_shared.eventlog.compare import Line, lines

from .product import tables_of
from .schedule import live_through
from .world import World


def check(history: Sequence[Entry], chance: random.Random) -> list[Line]:
    """Raises AssertionError where the product's tables are not the oracle's, or its counters do not add up.

    Gives all derived rows of both services.
    """
    world = World()
    try:
        arriving = logged(history)
        chance.shuffle(arriving)
        live_through(world, arriving, chance)
        expected = tables(history, KEYS)
        found = tables_of(world)
        for name in expected:
            assert found[name] == expected[name], name
        for service in world.services:
            assert service.counters_add_up(world.log), "a record was lost, or counted twice"
        return rows_of(world)
    finally:
        world.close()


def rows_of(world: World) -> list[Line]:
    """All derived rows of both services."""
    rows = []
    for service in world.services:
        with service.reading() as connection:
            rows += list(lines(connection, service.projection.metadata))
    return rows
