"""From changed namings and pairs to the identifiers whose person may be another one now.

A new pair that came after all pairs of the components it touches is joined into them as they stand: that costs what they
are large, not what lies quarantined around them. Any other change decides the whole potential component anew.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from wanamaker_shared.contracts.identifiers import profile_id
from wanamaker_shared.contracts.record import Order

from ..causes import Cause, blame
from ..components import Bond, Status, appendable, join
from ..profiles import Named, eldest
from ..repository import people, statements
from ..sayings import Pair
from .changes import Change
from .pairs import dirt_of, renew_pairs

_AFTER_ALL = Order(2**63, "", "", "")


@dataclass(frozen=True, slots=True)
class Resolved:
    """An identifier whose person, or first naming, is another one now; None: no record names it any more."""

    identifier: str
    named: Named | None
    cause: Cause


def rejoin(
    connection: Connection,
    workspace: str,
    changes: Iterable[Change],
    decided: Mapping[Pair, Cause],
    *,
    hmac_key: bytes,
    limit: int,
    revised: Cause | None = None,
) -> list[Resolved]:
    """Save what follows, and return what changed. `limit`: identifiers of a person; `revised`: it may be another one now."""
    dirt = dirt_of(changes, decided)
    if not dirt.identifiers and not dirt.pairs and revised is None:
        return []
    work = _Work(connection, workspace, hmac_key, limit)
    work.rename(dirt.identifiers)

    pairs = renew_pairs(connection, workspace, dirt)
    work.blame(pairs.causes)
    seeds = pairs.seeds
    if revised is not None:
        everybody = people.all_paired(connection, workspace)
        work.blame(dict.fromkeys(everybody, revised))
        seeds |= everybody
    statuses = work.append(pairs.bonds, seeds)
    people.delete_pairs(connection, workspace, pairs.gone)
    people.save_pairs(
        connection,
        workspace,
        [replace(each, status=statuses.get(pair, each.status)) for pair, each in pairs.fresh.items()],
    )
    work.decide_anew(seeds)
    return work.settle()


@dataclass(slots=True)
class _Work:
    """The identifiers at hand, always whole components: as they were, and as they are now."""

    connection: Connection
    workspace: str
    hmac_key: bytes
    limit: int
    was: dict[str, Named] = field(default_factory=dict)
    now: dict[str, Named] = field(default_factory=dict)
    members: dict[str, frozenset[str]] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    causes: dict[str, Cause] = field(default_factory=dict)

    def blame(self, causes: Mapping[str, Cause]) -> None:
        for each, cause in causes.items():
            blame(self.causes, [each], cause)

    def rename(self, dirty: Mapping[str, Cause]) -> None:
        """By whom the identifiers are named first; new ones stand alone."""
        self.blame(dirty)
        self._load(dirty)
        namings = statements.first_namings(self.connection, self.workspace, list(dirty))
        for each in dirty:
            known = self.now.get(each)
            if each in namings and known is not None:
                self.now[each] = replace(known, naming=namings[each])
            elif each in namings:
                own = profile_id(self.hmac_key, each)
                self.now[each] = Named(each, namings[each], own, own)
                self.members[each] = frozenset([each])
            elif known is not None:
                # its pairs went with its namings: whoever was joined to it is among the seeds
                self.lost.add(each)
                del self.now[each], self.members[each]

    def append(self, bonds: Collection[Bond], seeds: set[str]) -> Mapping[Pair, Status]:
        """Join new bonds, not yet on record, into the components as they stand, and say which joined.

        Where that would not be exact `seeds` grows by their ends.
        """
        if not bonds:
            return {}
        ends = {each for bond in bonds for each in bond.pair}
        self._load(ends)
        components = {self.members[each] for each in ends}
        around = {each for component in components for each in component}
        latest = people.load_latest_bonds(self.connection, self.workspace, around)
        latest |= dict.fromkeys(around & seeds, _AFTER_ALL)
        good, rest = appendable(components, latest, bonds)
        seeds.update(each for bond in rest for each in bond.pair)
        touched = {self.members[each] for bond in good for each in bond.pair}
        joined = join(touched, good, self.limit)
        self.members |= joined.members
        return joined.statuses

    def decide_anew(self, seeds: Collection[str]) -> None:
        """Decide everything that chains of pairs lead to from the seeds, from the first pair on."""
        if not seeds:
            return
        reached, pairs = people.load_reachable(self.connection, self.workspace, seeds)
        reached -= self.lost
        self._load(reached)
        joined = join([[each] for each in reached], [each.bond for each in pairs.values()], self.limit)
        self.members |= joined.members
        changed = [
            replace(each, status=joined.statuses[pair])
            for pair, each in pairs.items()
            if each.status != joined.statuses[pair]
        ]
        people.save_pairs(self.connection, self.workspace, changed)

    def settle(self) -> list[Resolved]:
        """Give each component its profile, save what changed, and say so."""
        for component in set(self.members.values()):
            profile = eldest(component, self.now).own_profile
            for each in component:
                if self.now[each].profile != profile:
                    self.now[each] = replace(self.now[each], profile=profile)
        changed = {name: each for name, each in self.now.items() if self.was.get(name) != each}
        people.delete_named(self.connection, self.workspace, self.lost)
        people.save_named(self.connection, self.workspace, changed.values())
        altered: dict[str, Named | None] = {**changed, **dict.fromkeys(sorted(self.lost))}
        causes = self._all_causes()
        return [Resolved(name, named, causes[name]) for name, named in altered.items()]

    def _load(self, identifiers: Iterable[str]) -> None:
        wanted = [each for each in identifiers if each not in self.members and each not in self.lost]
        named = people.load_named(self.connection, self.workspace, wanted)
        profiles = {each.profile for each in named.values()}
        components: dict[str, set[str]] = {}
        for name, each in people.load_members(self.connection, self.workspace, profiles).items():
            components.setdefault(each.profile, set()).add(name)
            self.was[name] = self.now[name] = each
        for component in components.values():
            self.members |= dict.fromkeys(component, frozenset(component))

    def _all_causes(self) -> dict[str, Cause]:
        """Also of those whom no record touched: a cause passes on from one person, as it was or is, to the next. Who joins
        another leaves room where he was, and who takes it leaves some too."""
        by_profile: dict[str, set[str]] = {}
        for name, named in self.was.items():
            by_profile.setdefault(named.profile, set()).add(name)
        former = {name: person for person in map(frozenset, by_profile.values()) for name in person}
        causes = dict(self.causes)
        told: set[frozenset[str]] = set()
        reached = list(causes)
        for name in reached:  # grows as it is gone through: the nearest first
            for person in (former.get(name, frozenset()), self.members.get(name, frozenset())):
                if person not in told:
                    told.add(person)
                    others = sorted(person - causes.keys())
                    causes |= dict.fromkeys(others, causes[name])
                    reached += others
        return causes
