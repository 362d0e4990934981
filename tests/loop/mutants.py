"""Mistakes that would be easy to make. With any of them in the product the suite has to fail (test_mutants.py)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from wanamaker_attribution import conversions, spend_places
from wanamaker_attribution.credits import split_credit
from wanamaker_attribution.deals import Place
from wanamaker_attribution.sessions import cut_sessions
from wanamaker_attribution.steps import bots, facts, identities, spend, statements, touchpoints, workspaces
from wanamaker_attribution.steps.journeys import Journeys
from wanamaker_identity import limits
from wanamaker_identity.repository import ties
from wanamaker_shared.contracts.record import Precedence
from wanamaker_shared.eventlog import step
from wanamaker_shared.eventlog.positions import advance

from . import mutants_of_merges, mutants_of_stages
from .world import Service

Mutant = Callable[[pytest.MonkeyPatch], None]


def latest_by_arrival(patch: pytest.MonkeyPatch) -> None:
    """Of a deal's statements the one that was taken in last holds."""
    arrived: dict[tuple[str, str], int] = {}
    clock, take = count(), facts.take_facts

    def noting(run: Any, topic: str, taken: Any, subjects: Any) -> Any:
        for each in taken:
            arrived.setdefault((each.record.source, each.record.event_id), next(clock))
        return take(run, topic, taken, subjects)

    patch.setattr("wanamaker_attribution.projection.take_facts", noting)
    patch.setattr(statements, "Place", lambda at, source, event_id: Place(arrived[source, event_id], source, event_id))


def earliest_duplicate_by_arrival(patch: pytest.MonkeyPatch) -> None:
    """Of records with one identity the one that was taken in first counts."""
    patch.setattr(facts, "_rank", lambda row: Precedence(-(2**62), 0, b""))


def dedup_without_sender(patch: pytest.MonkeyPatch) -> None:
    """Two visitors' events with one message id are taken for one."""

    def best(taken: Any) -> Any:
        kept: dict[Any, Any] = {}
        for each in taken:
            identity = each.record.identity
            if not any(known.event_id == identity.event_id for known in kept):
                kept[identity] = each
        return kept

    patch.setattr(facts, "_best", best)


def tie_to_the_later_touchpoint(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(conversions, "split_credit", lambda total, weights: split_credit(total, weights[::-1])[::-1])


def before_instead_of_at_the_conversion(patch: pytest.MonkeyPatch) -> None:
    """A touchpoint at the very time of the conversion is left out: `<` for `≤`."""
    before = Journeys.before

    def strictly(self: Journeys, people: Any, at: int) -> Any:
        return tuple(touch for touch in before(self, people, at) if touch.at < at)

    patch.setattr(Journeys, "before", strictly)


def no_new_credit_on_a_late_link(patch: pytest.MonkeyPatch) -> None:
    """A link that comes after the visits were taken in leaves their owner as it was."""
    patch.setattr(touchpoints, "reown", lambda run, changed: None)


def a_revoked_link_still_owns(patch: pytest.MonkeyPatch) -> None:
    status_of = limits.status_of

    def lenient(identifier: str, verdict: str | None, **seen: bool) -> str:
        return status_of(identifier, None if verdict == limits.REVOKED else verdict, **seen)

    patch.setattr(limits, "status_of", lenient)


def a_limit_by_arrival(patch: pytest.MonkeyPatch) -> None:
    """The cookies that came first fit, not those whose links were made first."""

    def fit(connection: Any, workspace: str, emails: Any, *, limit: int) -> Any:
        real = kept(connection, workspace, emails, limit=10**6)
        had = ties.cookies_that_fitted(connection, workspace, emails)
        return {
            email: set((sorted(had[email] & cookies) + sorted(cookies - had[email]))[:limit])
            for email, cookies in real.items()
        }

    kept = ties.cookies_that_fit
    patch.setattr(ties, "cookies_that_fit", fit)


def a_session_ends_at_the_gap(patch: pytest.MonkeyPatch) -> None:
    """30 minutes of silence end a session, where only more than 30 do: `≥` for `>`."""

    def cut(visits: Any, *, gap_minutes: int, **rest: Any) -> Any:
        return cut_sessions(visits, gap_minutes=gap_minutes - 1e-6, **rest)  # type: ignore[arg-type]

    patch.setattr(touchpoints, "cut_sessions", cut)


def a_refund_split_without_mirroring(patch: pytest.MonkeyPatch) -> None:
    """The remainder of a refund goes by its own floor, not where its revenue's went."""

    def split(total: int, weights: Any) -> list[int]:
        if total >= 0:
            return split_credit(total, weights)
        whole = sum(weights)
        parts = [total * weight // whole for weight in weights]
        for index in range(total - sum(parts)):
            parts[index] += 1
        return parts

    patch.setattr(conversions, "split_credit", split)


def a_position_without_compare_and_set(patch: pytest.MonkeyPatch) -> None:
    """A zombie's batch is taken in although the position has moved on."""

    def overwrite(connection: Any, batch: Any) -> None:
        connection.exec_driver_sql(
            "UPDATE position SET position = ? WHERE topic = ? AND partition = ?",
            (batch.start, batch.topic, batch.partition),
        )
        advance(connection, batch)

    patch.setattr(step, "advance", overwrite)


_BEFORE_THE_APPEND = 6
"""Statements and commits of a relay: it has looked and, first of all, deleted."""


def an_outbox_row_dropped_on_retry(patch: pytest.MonkeyPatch) -> None:
    """The row is deleted before it is appended; who dies, dies in between."""

    def hasty(self: Service, log: Any, *, dies_in: int | None = None) -> None:
        self.relay_in_order(log, None if dies_in is None else _BEFORE_THE_APPEND, delete_first=True)

    patch.setattr(Service, "relay", hasty)


def a_bots_day_counts(patch: pytest.MonkeyPatch) -> None:
    """However many pages a cookie views, it is a person's."""
    patch.setattr("wanamaker_attribution.projection.bots.judge_anew", lambda run, moved: None)
    patch.setattr(bots, "_still_bots", lambda run, doubts, known: defaultdict(set))


def a_bot_only_from_the_limit_on(patch: pytest.MonkeyPatch) -> None:
    """What was taken in before the page that was one too many keeps its sessions: nothing of the day is cut again."""
    judge = bots.judge

    def hasty(run: Any, changed: Any) -> Any:
        _, disowned = judge(run, changed)
        return bots._moved(changed, run.settings.zone), disowned

    patch.setattr("wanamaker_attribution.projection.bots.judge", hasty)


def a_bots_form_makes_a_lead(patch: pytest.MonkeyPatch) -> None:
    """The day has no sessions, but its links are in force."""
    for place in (bots, identities):
        patch.setattr(place, "part_links", lambda links, days, zone: (list(links), []))


def a_bots_day_is_never_given_back(patch: pytest.MonkeyPatch) -> None:
    """A page that a revision takes away leaves the day as it was judged."""
    still = bots._still_bots

    def stubborn(run: Any, doubts: Any, known: Any) -> Any:
        judged = still(run, doubts, known)
        for name, row in known.items():
            judged[name] |= row.bot_days & doubts[name].keys()
        return judged

    patch.setattr(bots, "_still_bots", stubborn)


def a_spread_that_favours_the_last_days(patch: pytest.MonkeyPatch) -> None:
    """What cannot be split evenly over a cost's days goes to the last of them."""
    patch.setattr(spend_places, "split_credit", lambda total, weights: split_credit(total, weights)[::-1])


def a_revised_period_keeps_its_old_days(patch: pytest.MonkeyPatch) -> None:
    """A cost's days that its later statement no longer has stay as they were."""
    stored = spend._stored

    def of_days_that_stay(run: Any) -> Any:
        days = {name: spend_places.days_of(record) for name, record in spend._latest(run).items()}
        found = stored(run)
        return defaultdict(
            list, {name: [row for row in rows if row["day"] in days.get(name, ())] for name, rows in found.items()}
        )

    patch.setattr(spend, "_stored", of_days_that_stay)


def a_cost_told_as_another_keeps_its_rows(patch: pytest.MonkeyPatch) -> None:
    """Whose only record is, in a later revision, about another cost stays as it was."""
    stored = spend._stored

    def of_those_that_are_told(run: Any) -> Any:
        told = spend._latest(run)
        return defaultdict(list, {name: rows for name, rows in stored(run).items() if name in told})

    patch.setattr(spend, "_stored", of_those_that_are_told)


def the_last_spend_rule_wins(patch: pytest.MonkeyPatch) -> None:
    naming = spend_places.Naming

    def backwards(settings: Any) -> Any:
        return naming(settings.model_copy(update={"spend_rules": settings.spend_rules[::-1]}))

    patch.setattr(spend, "Naming", backwards)


def spend_rules_for_new_costs_only(patch: pytest.MonkeyPatch) -> None:
    """What was taken in before a rule was stated keeps its names."""
    take = workspaces.take_settings

    def unmoved(run: Any, cause: Any) -> Any:
        for moved in take(run, cause):
            run.spends.clear()
            yield moved
        run.spends.clear()

    patch.setattr("wanamaker_attribution.projection.take_settings", unmoved)


MUTANTS: tuple[Mutant, ...] = (
    latest_by_arrival,
    earliest_duplicate_by_arrival,
    dedup_without_sender,
    tie_to_the_later_touchpoint,
    before_instead_of_at_the_conversion,
    no_new_credit_on_a_late_link,
    a_revoked_link_still_owns,
    a_limit_by_arrival,
    a_session_ends_at_the_gap,
    a_refund_split_without_mirroring,
    a_bots_day_counts,
    a_bot_only_from_the_limit_on,
    a_bots_form_makes_a_lead,
    a_bots_day_is_never_given_back,
    a_spread_that_favours_the_last_days,
    a_revised_period_keeps_its_old_days,
    a_cost_told_as_another_keeps_its_rows,
    the_last_spend_rule_wins,
    spend_rules_for_new_costs_only,
    a_position_without_compare_and_set,
    an_outbox_row_dropped_on_retry,
    *mutants_of_merges.MUTANTS,
    *mutants_of_stages.MUTANTS,
)
