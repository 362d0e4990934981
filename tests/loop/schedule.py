"""A history lived through in a random order: records arrive, services take them in cuts, die, come back, and zombies return."""

from __future__ import annotations

import random
from collections.abc import Sequence

from wanamaker_shared.eventlog.port import Batch

from .world import Service, World

# A step and a relay have about so many statements: a crash hits any of them, or the commit, or comes too late.
_OF_A_STEP, _OF_A_RELAY = 40, 8
_CALM = 0.2
"""One life in five has no crash, but no two records together either."""


def live_through(world: World, records: Sequence[tuple[str, str, bytes]], chance: random.Random) -> None:
    """Append the records in the order given, while everything happens in between; then let it settle."""
    if chance.random() < _CALM:
        for record in records:  # each comes late: all that was said before has settled
            world.log.append([record])
            world.settle()
        return
    arriving = list(records)
    handed: list[tuple[Service, Batch]] = []
    while arriving:
        move = chance.random()
        if move < 0.35:
            count = chance.randint(1, 5)
            world.log.append(arriving[:count])
            del arriving[:count]
        elif move < 0.75:
            service = chance.choice(world.services)
            waiting = service.waiting(world.log)
            if waiting:
                at = chance.choice(sorted(waiting))
                start, end = waiting[at]
                batch = world.log.batch(at, start, chance.randint(start + 1, end))
                service.take(batch, dies_in=_when(chance, _OF_A_STEP, 0.3))
                handed.append((service, batch))
        elif move < 0.95:
            speaking = [service for service in world.services if service.has_outbox()]
            if speaking:
                chance.choice(speaking).relay(world.log, dies_in=_when(chance, _OF_A_RELAY, 0.6))
        elif handed:
            service, batch = chance.choice(handed)
            service.take(batch)
    world.settle()


def _when(chance: random.Random, statements: int, share: float) -> int | None:
    return chance.randrange(statements) if chance.random() < share else None
