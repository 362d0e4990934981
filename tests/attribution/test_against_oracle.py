"""Attribution alone against the oracle: any order, batching and repetition of the records ends in the oracle's tables."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cache

import pytest
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
from wanamaker_shared.contracts import ad_spend
from wanamaker_shared.contracts.record import encode
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


def projected(records: Sequence[tuple[str, str, bytes]], shuffler: random.Random) -> AbstractContextManager[Connection]:
    """The tables of these records, cut and interleaved anyhow."""
    return applied(batches(records, shuffler))


@contextmanager
def applied(handed: Sequence[Batch]) -> Iterator[Connection]:
    """The tables of these batches, one history at a time.

    They are rolled back at the end: to make tables and compile statements anew would take longer than most histories.
    """
    projection = AttributionProjection(KEYRING)
    with _engine().connect() as connection, connection.begin() as transaction:
        for batch in handed:
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


@pytest.mark.parametrize("last_first", [False, True])
def test_a_cost_that_turns_out_to_be_another_leaves_no_row(*, last_first: bool) -> None:
    """The same record in a later revision names another provider: what it said of the first does not count."""
    about = {"workspace": "w1", "source": "attribution", "event_id": "e1", "amount": "3"}
    told = [
        ad_spend.SpendRevised(
            **about,
            revision=revision,
            occurred_at=revision,
            received_at=revision,
            provider=provider,
            spend_key="s1",
            date="2026-03-23",
            utm_source="google",
            medium="cpc",
            campaign="brand",
            post="attract",
        )
        for revision, provider in enumerate(["manual", "ads/%2F"])
    ]
    history = [(ad_spend.TOPIC, record, encode(record)) for record in told]
    handed = [
        Batch(topic, place, 0, 1, (StoredRecord(0, key, value),))
        for place, (topic, key, value) in enumerate(logged(history))
    ]
    with applied(handed[::-1] if last_first else handed) as connection:
        found = product_tables(connection)
    expected = tables(history, KEYS)
    assert [row["attract_minor"] for row in expected["roi_traffic"].values()] == [300]
    for name in COMPARED:
        assert found[name] == expected[name], name
