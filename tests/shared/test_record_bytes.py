"""A record's bytes take the room that they fill: queues and batches are bounded by the lengths of what they hold."""

from __future__ import annotations

import tracemalloc

from wanamaker_shared.contracts.record import canonical

RECORDS = 1_000
ROOM = 64
"""What Python keeps beside a record's bytes, and this list for each."""


def test_a_record_s_bytes_take_the_room_that_they_fill() -> None:
    value = {f"field{n}": "x" * 20 for n in range(15)}
    tracemalloc.start()
    try:
        records = [canonical(value) for _ in range(RECORDS)]
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < sum(map(len, records)) + RECORDS * ROOM
