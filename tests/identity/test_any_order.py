"""The tables and the latest emitted values depend on the set of records alone, and are those of the oracle."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.oracle import tables

from .crowd import KEYS, crowds
from .harness import Entry, Kept
from .test_against_oracle import links, persons

crowded = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@crowded
@given(crowds(), st.data())
def test_any_order_cut_and_repetition_gives_the_same(told: list[Entry], data: st.DataObject) -> None:
    with Kept(KEYS) as one, Kept(KEYS) as other:
        one.take(told, data.draw(st.lists(st.integers(0, len(told)))))
        repeated = told + data.draw(st.lists(st.sampled_from(told), max_size=5))
        other.take(data.draw(st.permutations(repeated)), data.draw(st.lists(st.integers(0, len(repeated)))))
        assert one.lines() == other.lines()
        assert one.latest() == other.latest()


@crowded
@given(crowds(), st.data())
def test_crowds_are_judged_as_the_oracle_judges(told: list[Entry], data: st.DataObject) -> None:
    with Kept(KEYS) as kept:
        kept.take(told, data.draw(st.lists(st.integers(0, len(told)))))
        expected = tables(told, KEYS)
        assert persons(kept) == expected["persons"]
        assert links(kept) == expected["links"]


@crowded
@given(crowds(), st.data())
def test_records_taken_one_by_one_and_all_at_once_count_the_same(told: list[Entry], data: st.DataObject) -> None:
    identities = {(topic, record.identity) for topic, record, _ in told}
    with Kept(KEYS) as kept:
        counts = kept.take(told, data.draw(st.lists(st.integers(0, len(told)))))
    assert (counts.facts, counts.duplicates) == (len(identities), len(told) - len(identities))
