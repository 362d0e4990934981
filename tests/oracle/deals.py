"""Deals: what the statements about each come to, after deletions and merges."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from wanamaker_shared.contracts.crm_events import (
    CrmEvent,
    DealDeleted,
    DealMerged,
    DealRestored,
    DealRevised,
    RevenueAdjusted,
)
from wanamaker_shared.contracts.record import Order
from wanamaker_shared.contracts.settings import WorkspaceSettings

from .clock import read_time
from .stages import stage_meaning, status, steps_of

DealKey = tuple[str, str]
"""(connection, deal id)."""


@dataclass(frozen=True, slots=True)
class Deal:
    """A deal that exists. Times are microseconds; `won_at` is None unless it is won now."""

    key: DealKey
    status: str
    pipeline: str | None
    stage: str | None
    amount: str | None
    currency: str
    created_at: int
    won_at: int | None
    contacts: list[str]
    company_id: str | None
    original_source: str | None
    adjustments: dict[str, RevenueAdjusted]
    """Adjustment id -> the latest statement of it."""
    reached: dict[str, int]
    """lead, mql, sql -> when its stage first said that its contacts were there."""

    @property
    def name(self) -> str:
        return "/".join(self.key)


@dataclass(slots=True)
class Statements:
    """What was said about one deal, in order, before anything is made of it."""

    revisions: list[DealRevised] = field(default_factory=list)
    deleted: bool = False
    contacts: list[tuple[Order, list[str] | None, list[str], list[str]]] = field(default_factory=list)
    """(order, the full list or None, added, removed)."""
    adjustments: list[RevenueAdjusted] = field(default_factory=list)


def deals_of(events: Iterable[CrmEvent], settings: WorkspaceSettings) -> dict[DealKey, Deal]:
    """All deals that exist in a workspace. `events` stand in order."""
    statements, merges = _gathered(events)
    target = _pass_on(statements, merges)
    return {
        key: _deal(key, said, settings)
        for key, said in statements.items()
        if said.revisions and not said.deleted and key not in target
    }


def _gathered(events: Iterable[CrmEvent]) -> tuple[dict[DealKey, Statements], list[DealMerged]]:
    statements: dict[DealKey, Statements] = {}
    merges: dict[DealKey, DealMerged] = {}

    def about(event: CrmEvent, deal_id: str) -> Statements:
        return statements.setdefault((event.connection, deal_id), Statements())

    for event in events:
        match event:
            case DealRevised():
                said = about(event, event.deal_id)
                said.revisions.append(event)
                said.contacts.append((event.order, event.contacts, event.contacts_added, event.contacts_removed))
            case DealDeleted():
                about(event, event.deal_id).deleted = True
            case DealRestored():
                about(event, event.deal_id).deleted = False
            case RevenueAdjusted():
                about(event, event.deal_id).adjustments.append(event)
            case DealMerged():
                about(event, event.from_id), about(event, event.into_id)
                merges[event.connection, event.from_id] = event
    return statements, sorted(merges.values(), key=lambda merge: merge.order)


def _pass_on(statements: dict[DealKey, Statements], merges: Iterable[DealMerged]) -> dict[DealKey, DealKey]:
    """Carry out the merges in order; returns where each merged-away deal went. One that closes a cycle is ignored."""
    target: dict[DealKey, DealKey] = {}

    def final(key: DealKey) -> DealKey:
        return final(target[key]) if key in target else key

    for merge in merges:
        source, into = (merge.connection, merge.from_id), final((merge.connection, merge.into_id))
        if into == source:
            continue
        target[source] = into
        # What stands on the deal now is stated present on the one it went into, at the moment of the merge.
        statements[into].contacts.append((merge.order, None, present_contacts(statements[source]), []))
    for source in target:
        into_said = statements[final(source)]
        into_said.adjustments = sorted([*into_said.adjustments, *statements[source].adjustments], key=lambda a: a.order)
    return target


def present_contacts(said: Statements) -> list[str]:
    """The contacts present by the latest statement about each, sorted."""
    present: set[str] = set()
    for _, full, added, removed in sorted(said.contacts, key=lambda statement: statement[0]):
        present = ((present if full is None else set(full)) | set(added)) - set(removed)
    return sorted(present)


def _deal(key: DealKey, said: Statements, settings: WorkspaceSettings) -> Deal:
    stated: dict[str, Any] = {}
    means = [r.properties["stage_means"] or {} for r in said.revisions if "stage_means" in r.properties][-1:]
    meant = means[0] if means else {}
    won: list[int] = []  # the revisions since which it is won
    reached: dict[str, int] = {}
    for revision, following in zip(said.revisions, [*said.revisions[1:], None], strict=True):
        stated |= revision.properties
        if following and following.occurred_at == revision.occurred_at:
            continue  # what is said at one moment holds together
        won = [*won, revision.occurred_at] if status(key[0], stated, meant, settings) == "won" else []
        meaning = stage_meaning(key[0], stated.get("pipeline"), stated.get("stage"), meant, settings)
        for step in steps_of(meaning):
            reached.setdefault(step, revision.occurred_at)
    created, closed = stated.get("created_at"), stated.get("closed_at")
    won_at = None
    if won:
        won_at = read_time(closed, settings.zone) if closed else won[0]
    return Deal(
        key=key,
        status=status(key[0], stated, meant, settings),
        pipeline=stated.get("pipeline"),
        stage=stated.get("stage"),
        amount=stated.get("amount"),
        currency=stated.get("currency") or settings.currency,
        created_at=read_time(created, settings.zone) if created else said.revisions[0].occurred_at,
        won_at=won_at,
        contacts=present_contacts(said),
        company_id=stated.get("company_id"),
        original_source=stated.get("original_source"),
        adjustments={adjustment.adjustment_id: adjustment for adjustment in said.adjustments},
        reached=reached,
    )
