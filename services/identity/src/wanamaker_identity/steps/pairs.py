"""From changed statements and decisions to the pairs of identifiers that hold now."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection

from wanamaker_shared.contracts.record import Order

from ..causes import Cause, blame
from ..components import Bond
from ..contacts import held
from ..limits import REVOKED
from ..repository import people, statements
from ..repository.people import StoredPair
from ..sayings import Pair
from .changes import Change


@dataclass(slots=True)
class Dirt:
    """What the records touched, each with its cause."""

    identifiers: dict[str, Cause] = field(default_factory=dict)
    pairs: dict[Pair, Cause] = field(default_factory=dict)
    contacts: dict[str, Cause] = field(default_factory=dict)


@dataclass(slots=True)
class PairChanges:
    """Nothing of it is saved yet. `causes`: of the identifiers in them."""

    fresh: dict[Pair, StoredPair] = field(default_factory=dict)
    """New or changed; the status of those not revoked is still to be decided."""
    gone: list[Pair] = field(default_factory=list)
    bonds: list[Bond] = field(default_factory=list)
    """Those of `fresh` that are new and nobody decided upon."""
    seeds: set[str] = field(default_factory=set)
    """The ends of all others that could join, or could until now."""
    causes: dict[str, Cause] = field(default_factory=dict)


def dirt_of(changes: Iterable[Change], decided: Mapping[Pair, Cause]) -> Dirt:
    dirt = Dirt()
    for change in changes:
        for statement in (change.before, change.after):
            if statement is not None:
                blame(dirt.identifiers, statement.said.names, change.cause)
                blame(dirt.pairs, statement.said.pairs, change.cause)
                if statement.said.contact is not None and statement.said.values:
                    blame(dirt.contacts, [statement.said.contact], change.cause)
    for pair, cause in decided.items():
        blame(dirt.pairs, [pair], cause)
    return dirt


def renew_pairs(connection: Connection, workspace: str, dirt: Dirt) -> PairChanges:
    """Compare the pairs that the dirt may have changed with those on record."""
    was = people.load_pairs_of_contacts(connection, workspace, list(dirt.contacts))
    for pair in was:
        blame(dirt.pairs, [pair], dirt.contacts[pair[0]])
    was |= people.load_pairs(connection, workspace, [pair for pair in dirt.pairs if pair not in was])
    contacts = dict.fromkeys([*dirt.contacts, *(a for a, b in dirt.pairs if _is_held(a, b))])
    holds = {each: held(values) for each, values in statements.present_values(connection, workspace, contacts).items()}
    for contact, cause in dirt.contacts.items():
        blame(dirt.pairs, [(contact, each) for each in sorted(holds.get(contact, ()))], cause)

    firsts = statements.first_statements(connection, workspace, list(dirt.pairs))
    verdicts = statements.latest_verdicts(connection, workspace, list(dirt.pairs))
    changes = PairChanges()
    for pair, cause in dirt.pairs.items():
        after = _present(pair, firsts.get(pair), verdicts.get(pair), holds)
        _compare(changes, pair, was.get(pair), after, cause)
    return changes


def _compare(
    changes: PairChanges, pair: Pair, before: StoredPair | None, after: StoredPair | None, cause: Cause
) -> None:
    if before is None and after is None:
        return
    if before is not None and after is not None and (before.order, before.verdict) == (after.order, after.verdict):
        return
    if after is None:
        changes.gone.append(pair)
    else:
        changes.fresh[pair] = after
    blame(changes.causes, pair, cause)
    if before is None and after is not None and after.verdict is None:
        changes.bonds.append(after.bond)
    elif _may_join(before) or _may_join(after):
        changes.seeds.update(pair)


def _present(
    pair: Pair, first: Order | None, verdict: str | None, holds: Mapping[str, Collection[str]]
) -> StoredPair | None:
    a, b = pair
    if first is None or (_is_held(a, b) and b not in holds.get(a, ())):
        return None
    return StoredPair(pair, first, verdict, "revoked" if verdict == REVOKED else "quarantined")


def _is_held(a: str, b: str) -> bool:
    """Whether the pair is a contact's with an identifier, so that it holds while the contact's present record says so."""
    return a.startswith("contact:") and b.startswith(("email:", "user:"))


def _may_join(pair: StoredPair | None) -> bool:
    return pair is not None and pair.verdict != REVOKED
