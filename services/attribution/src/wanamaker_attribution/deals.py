"""A deal as a fold of what its CRM stated, whatever order the statements came in.

Rules and examples: docs/meanings.md, "Deal". Statements are the facts of one connection, at most one per identity.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from .days import moment_of
from .deal_states import State, first_reached, states_of, won_since
from .stages import StageReader


class Place(NamedTuple):
    """A fact's place in the order of its connection."""

    at: int
    source: str
    event_id: str


@dataclass(frozen=True, slots=True)
class Statement:
    """One fact about a deal: `body` is its record."""

    place: Place
    body: Mapping[str, Any]

    @property
    def type(self) -> str:
        return str(self.body["type"])


@dataclass(frozen=True, slots=True)
class Adjustment:
    """`currency` as sent, None if none was; `at` in microseconds."""

    id: str
    at: int
    amount: str
    currency: str | None


@dataclass(frozen=True, slots=True)
class Deal:
    """A deal that exists. Times are microseconds; `amount` and `currency` as sent; `won_at` is None unless it is won.

    `mql_at`, `sql_at`: when its stage first said that of its contacts; None if it never did.
    """

    deal_id: str
    status: str
    pipeline: str | None
    stage: str | None
    amount: str | None
    currency: str | None
    created_at: int
    won_at: int | None
    mql_at: int | None
    sql_at: int | None
    company_id: str | None
    original_source: str | None
    contacts: tuple[str, ...]
    adjustments: tuple[Adjustment, ...]


class Merge(NamedTuple):
    place: Place
    from_id: str
    into_id: str


def merges_in_force(statements: Iterable[Statement]) -> dict[str, Merge]:
    """By merged-away deal: its latest merge, taken in order; one that would close a cycle does not hold."""
    latest: dict[str, Merge] = {}
    for statement in statements:
        if statement.type == "deal.merged":
            merge = Merge(statement.place, statement.body["from_id"], statement.body["into_id"])
            if merge.from_id not in latest or latest[merge.from_id].place < merge.place:
                latest[merge.from_id] = merge
    held: dict[str, Merge] = {}
    for merge in sorted(latest.values()):
        if final_target(merge.into_id, held) != merge.from_id:
            held[merge.from_id] = merge
    return held


def final_target(deal_id: str, merges: Mapping[str, Merge]) -> str:
    while deal_id in merges:
        deal_id = merges[deal_id].into_id
    return deal_id


def merged_into(merges: Mapping[str, Merge]) -> dict[str, list[Merge]]:
    """By deal the merges that came to it: each to where the deal it names had ended at that moment."""
    came: dict[str, list[Merge]] = defaultdict(list)
    before: dict[str, Merge] = {}
    for merge in sorted(merges.values()):
        came[final_target(merge.into_id, before)].append(merge)
        before[merge.from_id] = merge
    return came


def fold_deals(statements: Sequence[Statement], zone: str, read_stage: StageReader) -> dict[str, Deal]:
    """The existing deals among those the statements speak of; all statements of merged deals must be given together.

    `read_stage` is that of their connection.
    """
    by_deal: dict[str, list[Statement]] = defaultdict(list)
    adjustments: list[Statement] = []
    for statement in sorted(statements, key=lambda s: s.place):
        if statement.type == "revenue.adjusted":
            adjustments.append(statement)
        elif statement.type != "deal.merged":
            by_deal[statement.body["deal_id"]].append(statement)
    merges = merges_in_force(statements)
    came = merged_into(merges)
    passed = contacts_passed_on(by_deal, merges, came)
    adjusted = _latest_adjustments(adjustments, merges, zone)
    deals = {}
    for deal_id, stated in by_deal.items():
        states = tuple(states_of(revisions_of(stated), read_stage))
        if states and deal_id not in merges and not _is_deleted(stated):
            contacts = _present_contacts(by_deal.get(deal_id, ()), came.get(deal_id, ()), passed)
            deals[deal_id] = _deal(deal_id, states, contacts, adjusted.get(deal_id, ()), zone)
    return deals


def revisions_of(stated: Iterable[Statement]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """(time, stated properties) of each revision among a deal's statements."""
    return ((s.place.at, s.body.get("properties", {})) for s in stated if s.type == "deal.revised")


def _deal(
    deal_id: str, states: Sequence[State], contacts: set[str], adjustments: tuple[Adjustment, ...], zone: str
) -> Deal:
    properties = states[-1].properties
    created, closed = properties.get("created_at"), properties.get("closed_at")
    won_at = won_since(states)
    if won_at is not None and closed:
        won_at = moment_of(closed, zone)
    _, mql_at, sql_at = first_reached(states)
    return Deal(
        deal_id=deal_id,
        status=states[-1].status,
        pipeline=properties.get("pipeline"),
        stage=properties.get("stage"),
        amount=properties.get("amount"),
        currency=properties.get("currency"),
        created_at=moment_of(created, zone) if created else states[0].at,
        won_at=won_at,
        mql_at=mql_at,
        sql_at=sql_at,
        company_id=properties.get("company_id"),
        original_source=properties.get("original_source"),
        contacts=tuple(sorted(contacts)),
        adjustments=adjustments,
    )


def _is_deleted(stated: list[Statement]) -> bool:
    verdicts = [s.type for s in stated if s.type in ("deal.deleted", "deal.restored")]
    return bool(verdicts) and verdicts[-1] == "deal.deleted"


def contacts_passed_on(
    by_deal: Mapping[str, Sequence[Statement]], merges: Mapping[str, Merge], came: Mapping[str, list[Merge]]
) -> dict[str, set[str]]:
    """By merged-away deal the contacts present on it. `came` is by deal the merges that came to it: all before it went itself."""
    passed: dict[str, set[str]] = {}
    for merge in sorted(merges.values()):
        name = merge.from_id
        passed[name] = _present_contacts(by_deal.get(name, ()), came.get(name, ()), passed)
    return passed


def _present_contacts(stated: Iterable[Statement], came: Iterable[Merge], passed: Mapping[str, set[str]]) -> set[str]:
    """The latest statement per contact holds; a merge states the merged deal's present contacts present."""
    said: list[Statement | Merge] = [*stated, *came]
    present: set[str] = set()
    for statement in sorted(said, key=lambda each: each.place):
        if isinstance(statement, Merge):
            present |= passed[statement.from_id]
        else:
            present = contacts_after(present, statement)
    return present


def contacts_after(present: set[str], statement: Statement) -> set[str]:
    """The contacts present after one statement of the deal's own."""
    body = statement.body
    full = present if body.get("contacts") is None else set(body["contacts"])
    return (full | set(body.get("contacts_added", ()))) - set(body.get("contacts_removed", ()))


def _latest_adjustments(
    stated: list[Statement], merges: Mapping[str, Merge], zone: str
) -> dict[str, tuple[Adjustment, ...]]:
    latest: dict[str, dict[str, Adjustment]] = defaultdict(dict)
    for statement in stated:
        body = statement.body
        adjustment = Adjustment(
            body["adjustment_id"], moment_of(body["at"], zone), body["amount"], body.get("currency")
        )
        latest[final_target(body["deal_id"], merges)][adjustment.id] = adjustment
    return {deal_id: tuple(by_id[key] for key in sorted(by_id)) for deal_id, by_id in latest.items()}
