"""I1, I4, I5, I6: any order, cut, crash, repetition and zombie of the same records ends in the same bytes, the oracle's."""

from __future__ import annotations

import random

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.oracle.alphabet import histories
from tests.oracle.dedup import Entry

from .check import check

# No shrinking: a schedule does not shrink with its history, so it would take hours and prove nothing. The seed is printed.
thorough = settings(
    max_examples=120,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)


@thorough
@given(histories(), st.integers(0, 2**32))
def test_any_order_crash_and_repetition_gives_the_oracles_tables(history: list[Entry], seed: int) -> None:
    check(history, random.Random(seed))


@settings(thorough, max_examples=40)
@given(histories(), st.integers(0, 2**32))
def test_two_lives_of_one_history_end_in_the_same_bytes(history: list[Entry], seed: int) -> None:
    assert check(history, random.Random(seed)) == check(history, random.Random(seed + 1))
