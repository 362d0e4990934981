"""Attribution alone against the oracle: any order, batching and repetition of the records ends in the oracle's tables."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, StaticPool, create_engine

from tests.attribution.identity_by_oracle import changed_mind
from tests.attribution.product_tables import COMPARED, product_tables
from tests.oracle import tables
from tests.oracle.alphabet import histories
from tests.oracle.dedup import Entry
from tests.oracle.log_keys import logged
from tests.oracle.story import KEYS
from wanamaker_attribution.projection import AttributionProjection
from wanamaker_shared.eventlog.partitions import partition_for
from wanamaker_shared.eventlog.port import Batch, StoredRecord
from wanamaker_shared.service.keys import Keyring, WorkspaceKeys

PARTITIONS = 2
KEYRING = Keyring(
    WorkspaceKeys(name, f"w-{name}", f"s-{name}", f"r-{name}", f"a-{name}", key.hex(), {}) for name, key in KEYS.items()
)
DECISIONS = "decisions"


def batches(records: Sequence[tuple[str, str, bytes]], shuffler: random.Random) -> list[Batch]:
    """The records as a log of two partitions would hand them out: cut anywhere, partitions interleaved anyhow."""
    partitions = defaultdict[tuple[str, int], list[StoredRecord]](list)
    for topic, key, value in records:
        place = (topic, partition_for(key, PARTITIONS))
        partitions[place].append(StoredRecord(len(partitions[place]), key, value))
    waiting = {place: list(stored) for place, stored in partitions.items()}
    handed = []
    while waiting:
        place = shuffler.choice(sorted(waiting))
        count = shuffler.randint(1, len(waiting[place]))
        taken, waiting[place] = waiting[place][:count], waiting[place][count:]
        handed.append(Batch(*place, taken[0].offset, taken[-1].offset + 1, tuple(taken)))
        if not waiting[place]:
            del waiting[place]
    return handed


@contextmanager
def projected(records: Sequence[tuple[str, str, bytes]], shuffler: random.Random) -> Iterator[Connection]:
    """The tables of these records, one history at a time.

    They are rolled back at the end: to make tables and compile statements anew would take longer than most histories.
    """
    projection = AttributionProjection(KEYRING)
    with _engine().connect() as connection, connection.begin() as transaction:
        for batch in batches(records, shuffler):
            projection.apply(connection, batch)
        yield connection
        transaction.rollback()


@cache
def _engine() -> Engine:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    with engine.begin() as connection:
        AttributionProjection.metadata.create_all(connection)
    return engine


@settings(
    max_examples=150,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(histories(), st.randoms(use_true_random=False), st.booleans())
def test_any_order_gives_the_oracles_tables(history: list[Entry], shuffler: random.Random, changes: bool) -> None:
    expected = tables(history, KEYS)
    records = [record for record in logged(history) if record[0] != DECISIONS]
    half = history[: len(history) // 2] if changes else []  # what identity may have thought on the way
    records += changed_mind(tables(half, KEYS), expected)
    shuffler.shuffle(records)
    with projected(records, shuffler) as connection:
        found = product_tables(connection)
    for name in COMPARED:
        assert found[name] == expected[name], name
