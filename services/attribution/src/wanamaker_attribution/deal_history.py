"""A deal as a ledger: what each record about it changed, in order, and what the deal was then.

A pure function of the same statements that `deals.fold_deals` folds, read as they are known now: what came late stands where it
belongs. After the last entry the deal is what `fold_deals` makes of it, which a test holds against it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from .days import moment_of
from .deal_states import explained, state_of, won_still
from .deals import Merge, Statement, contacts_after, contacts_passed_on, merged_into, merges_in_force, revisions_of
from .stages import StageReader

DELETED = "deleted"
MERGED_INTO = "merged_into"
CONTACTS = "contacts"
ADJUSTMENT = "adjustment "
"""Before the id of an adjustment, whose value is {amount, currency, at} as sent."""


@dataclass(frozen=True, slots=True)
class Change:
    property: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class After:
    """What the deal was after an entry's moment: `status` None before the first revision, `amount` and `currency` as sent."""

    exists: bool = False
    status: str | None = None
    won_at: int | None = None
    pipeline: str | None = None
    stage: str | None = None
    amount: str | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One record. `deal_id` is the deal it spoke of: another one's adjustments and merges pass on.

    `in_force` is False for a merge that a later one replaced, or that would have closed a circle.
    """

    statement: Statement
    deal_id: str
    in_force: bool
    changes: tuple[Change, ...]
    after: After


def history_of(deal_id: str, statements: Sequence[Statement], zone: str, read_stage: StageReader) -> list[Entry]:
    """The entries of one deal, in order; empty if nothing was said of it. `statements` as `fold_deals` takes them."""
    return list(_Ledger(deal_id, statements, zone, read_stage).entries())


class _Ledger:
    def __init__(self, deal_id: str, statements: Sequence[Statement], zone: str, read_stage: StageReader) -> None:
        self._deal_id, self._zone = deal_id, zone
        self._statements = sorted(statements, key=lambda s: s.place)
        self._merges = merges_in_force(statements)
        self._came = merged_into(self._merges)
        self._by_deal: dict[str, list[Statement]] = {}
        for statement in self._statements:
            if statement.type not in ("deal.merged", "revenue.adjusted"):
                self._by_deal.setdefault(statement.body["deal_id"], []).append(statement)
        self._passed = contacts_passed_on(self._by_deal, self._merges, self._came)
        own = revisions_of(self._by_deal.get(deal_id, ()))
        self._read_stage = explained(read_stage, (stated for _, stated in own))
        self._contacts: set[str] = set()
        self._adjustments: dict[str, dict[str, Any]] = {}
        self._properties: dict[str, Any] | None = None
        self._won_since: int | None = None
        self._deleted = False
        self._merged: str | None = None

    def entries(self) -> Iterator[Entry]:
        after = After()
        for at, of_moment in groupby(self._statements, key=lambda s: s.place.at):
            taken = [(statement, self._take(statement)) for statement in of_moment]
            after = self._after(at, after)
            for statement, changes in taken:
                if changes is not None:
                    merge = statement.type == "deal.merged"
                    yield Entry(
                        statement,
                        str(statement.body["from_id" if merge else "deal_id"]),
                        not merge or self._held(statement) is not None,
                        tuple(change for change in changes if change.before != change.after),
                        after,
                    )

    def _take(self, statement: Statement) -> list[Change] | None:
        """What the statement changes; None if it is another deal's."""
        if statement.type == "deal.merged":
            return self._take_merge(statement)
        if statement.type == "revenue.adjusted":
            return self._adjust(statement.body) if self._passes_here(statement.body["deal_id"]) else None
        if statement.body["deal_id"] != self._deal_id:
            return None
        if statement.type == "deal.revised":
            return self._revise(statement)
        before, self._deleted = self._deleted, statement.type == "deal.deleted"
        return [Change(DELETED, before, self._deleted)]

    def _passes_here(self, deal_id: str) -> bool:
        """Whether the adjustments of that deal come to this one, perhaps on their way to where it ended."""
        while deal_id != self._deal_id and deal_id in self._merges:
            deal_id = self._merges[deal_id].into_id
        return deal_id == self._deal_id

    def _revise(self, statement: Statement) -> list[Change]:
        stated = statement.body.get("properties", {})
        before = self._properties or {}
        self._properties = {**before, **stated}
        changes = [Change(name, before.get(name), stated[name]) for name in sorted(stated)]
        return [*changes, self._move_contacts(contacts_after(self._contacts, statement))]

    def _take_merge(self, statement: Statement) -> list[Change] | None:
        from_id, into_id = statement.body["from_id"], statement.body["into_id"]
        merge = self._held(statement)
        if from_id == self._deal_id:
            if merge is None:
                return []
            before, self._merged = self._merged, into_id
            return [Change(MERGED_INTO, before, into_id)]
        if merge is not None and merge in self._came.get(self._deal_id, ()):
            return [self._move_contacts(self._contacts | self._passed[from_id])]
        return [] if into_id == self._deal_id else None

    def _held(self, statement: Statement) -> Merge | None:
        """The merge that a statement made, if it holds."""
        merge = self._merges.get(statement.body["from_id"])
        return merge if merge is not None and merge.place == statement.place else None

    def _move_contacts(self, contacts: set[str]) -> Change:
        before, self._contacts = self._contacts, contacts
        return Change(CONTACTS, sorted(before), sorted(contacts))

    def _adjust(self, body: Mapping[str, Any]) -> list[Change]:
        before = self._adjustments.get(body["adjustment_id"])
        now = {"amount": body["amount"], "currency": body.get("currency"), "at": body["at"]}
        self._adjustments[body["adjustment_id"]] = now
        return [Change(ADJUSTMENT + body["adjustment_id"], before, now)]

    def _after(self, at: int, before: After) -> After:
        if self._properties is None:
            return before
        properties = self._properties
        state = state_of(at, properties, self._read_stage)
        self._won_since = won_still(self._won_since, state)
        closed = properties.get("closed_at")
        return After(
            exists=not self._deleted and self._merged is None,
            status=state.status,
            won_at=moment_of(closed, self._zone) if closed and self._won_since is not None else self._won_since,
            pipeline=properties.get("pipeline"),
            stage=properties.get("stage"),
            amount=properties.get("amount"),
            currency=properties.get("currency"),
        )
