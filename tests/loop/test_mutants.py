"""The suite is worth what it catches: each mutant in the product makes some history of the alphabet fail."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.oracle.alphabet import histories
from tests.oracle.dedup import Entry

from .check import check
from .mutants import MUTANTS, Mutant

EXAMPLES = 1500
"""More than ten times as many as the shyest mutant needed."""


class Caught(Exception):
    pass


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
def test_a_mutant_is_caught(mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    mutant(monkeypatch)

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(histories(), st.integers(0, 2**32))
    def live(history: list[Entry], seed: int) -> None:
        try:
            check(history, random.Random(seed))
        except Exception as error:
            raise Caught from error

    with pytest.raises(Caught):
        live()
