"""Components: which identifiers are one person.

Pure. Pairs are joined one by one: the released ones first and without a limit, then the others in order of their first
statement; one that would make a component larger than the limit is quarantined and the next is tried.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from wanamaker_shared.contracts.record import Order

from .sayings import Pair

Status = Literal["joined", "quarantined", "revoked"]


@dataclass(frozen=True, slots=True)
class Bond:
    """A pair that holds and is not revoked, with the order of its first statement."""

    order: Order
    pair: Pair
    released: bool = False


@dataclass(frozen=True, slots=True)
class Joined:
    """`members` gives each identifier its component (the same object for all of one)."""

    members: Mapping[str, frozenset[str]]
    statuses: Mapping[Pair, Status]


def join(components: Iterable[Collection[str]], bonds: Iterable[Bond], limit: int) -> Joined:
    """Join the bonds into components that stand already; start from single identifiers to decide everything anew.

    Each identifier of a bond is in one of the components. Takes O(n log n) for n identifiers and bonds.
    """
    component: dict[str, set[str]] = {}
    for given in components:
        members = set(given)
        component |= dict.fromkeys(members, members)
    statuses: dict[Pair, Status] = {}
    for bond in sorted(bonds, key=lambda bond: (not bond.released, bond.order, bond.pair)):
        one, other = (component[each] for each in bond.pair)
        if one is not other:
            if not bond.released and len(one) + len(other) > limit:
                statuses[bond.pair] = "quarantined"
                continue
            small, large = sorted((one, other), key=len)
            large |= small
            component |= dict.fromkeys(small, large)
        elif not bond.released and len(one) > limit:
            statuses[bond.pair] = "quarantined"
            continue
        statuses[bond.pair] = "joined"
    frozen = {id(each): frozenset(each) for each in component.values()}
    return Joined({each: frozen[id(members)] for each, members in component.items()}, statuses)


def appendable(
    components: Iterable[Collection[str]], latest: Mapping[str, Order], bonds: Collection[Bond]
) -> tuple[list[Bond], list[Bond]]:
    """Split new bonds into those that may simply be joined into the components as they stand, and the rest.

    `latest` is, of each identifier in the components, the order of the last bond it has. Bonds that meet (through the
    components) go together; they may be appended if all bonds of the components they touch came before them: then joining
    everything in order would bring these components to where they stand, and the new bonds next.
    """
    groups = join(components, [Bond(bond.order, bond.pair, released=True) for bond in bonds], 0).members
    first: dict[frozenset[str], Order] = {}
    released: set[frozenset[str]] = set()
    for bond in bonds:
        group = groups[bond.pair[0]]
        first[group] = min(bond.order, first.get(group, bond.order))
        if bond.released:
            released.add(group)
    clean = {
        group
        for group, order in first.items()
        if group not in released and all(latest[each] < order for each in group if each in latest)
    }
    good = [bond for bond in bonds if groups[bond.pair[0]] in clean]
    return good, [bond for bond in bonds if groups[bond.pair[0]] not in clean]
