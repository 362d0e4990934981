"""The suite is worth what it catches: each mutant in the product makes some history of the alphabet fail."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.oracle.alphabet import histories, with_a_page_taken_back
from tests.oracle.dedup import Entry
from tests.oracle.scenes_bots import crawls
from tests.oracle.scenes_crm import crm, sales
from tests.oracle.scenes_loop import loops
from tests.oracle.scenes_merges import merges
from tests.oracle.scenes_rest import choices, chosen, money, renamed_costs, verdicts
from tests.oracle.scenes_stages import explained, maps, moves, pipelines, words
from tests.oracle.scenes_web import visits

from . import mutants_of_merges, mutants_of_stages
from .check import check
from .mutants import MUTANTS, Mutant
from .mutants_accounts import ACCOUNT_MUTANTS, WHERE_ACCOUNTS_SHOW

EXAMPLES = 1500
"""More than ten times as many as the shyest mutant needs."""

OVERLAPPING = [{"source": "google", "channel": "Brand"}, {"medium": "cpc|email", "channel": "Rest"}]

WHERE_IT_SHOWS = {
    "a_revoked_link_still_owns": histories(of=st.one_of(visits(), verdicts())),
    "a_limit_by_arrival": histories(of=st.one_of(visits(), visits(), chosen({"cookies_per_email": 1})), max_scenes=8),
    "a_refund_split_without_mirroring": histories(of=st.one_of(loops(), loops(), crm())),
    "no_new_credit_on_a_late_link": histories(of=loops()),
    "a_session_ends_at_the_gap": histories(of=visits()),
    "earliest_duplicate_by_arrival": histories(of=sales(), max_scenes=3, max_repeats=8),
    "dedup_without_sender": histories(of=visits()),
    "a_bots_day_counts": histories(of=crawls(), max_scenes=2, max_repeats=8),
    "a_bot_only_from_the_limit_on": histories(of=crawls(), max_scenes=2, max_repeats=8),
    "a_bots_form_makes_a_lead": histories(of=crawls(), max_scenes=2, max_repeats=8),
    "a_bots_day_is_never_given_back": with_a_page_taken_back(histories(of=crawls(), max_scenes=2, max_repeats=2)),
    **{mutant.__name__: histories(of=merges(), max_scenes=2) for mutant in mutants_of_merges.MUTANTS},
    **{
        mutant.__name__: histories(of=st.one_of(pipelines(), maps()), max_scenes=5)
        for mutant in mutants_of_stages.MUTANTS
    },
    "a_deal_between_two_records_of_one_moment": histories(of=moves(), max_scenes=2),
    "what_a_crm_says_of_its_stages_holds_from_then_on": histories(of=explained(), max_scenes=2),
    "what_a_crm_says_of_its_stages_before_the_maps": histories(of=explained(), max_scenes=2),
    "a_lifecycle_map_for_new_records_only": histories(of=words(), max_scenes=3),
    "a_spread_that_favours_the_last_days": histories(of=money()),
    "a_revised_period_keeps_its_old_days": histories(of=money()),
    "a_cost_told_as_another_keeps_its_rows": histories(of=renamed_costs(), max_scenes=2, max_repeats=8),
    "the_last_spend_rule_wins": histories(of=st.one_of(money(), money(), chosen({"spend_rules": OVERLAPPING}))),
    "spend_rules_for_new_costs_only": histories(of=st.one_of(money(), choices())),
    "an_outbox_row_dropped_on_retry": histories(of=loops(), max_scenes=4),
    **WHERE_ACCOUNTS_SHOW,
}
"""The scenes that a shy mutant needs: it would be caught among all others too, minutes later."""


class Caught(Exception):
    pass


# Hypothesis would print the history that caught the mutant, and warns that it is long. Nobody reads it here.
@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@pytest.mark.parametrize("mutant", [*MUTANTS, *ACCOUNT_MUTANTS], ids=lambda mutant: mutant.__name__)
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
    @given(WHERE_IT_SHOWS.get(mutant.__name__, histories()), st.integers(0, 2**32))
    def live(history: list[Entry], seed: int) -> None:
        try:
            check(history, random.Random(seed))
        except Exception as error:
            raise Caught from error

    with pytest.raises(Caught):
        live()
