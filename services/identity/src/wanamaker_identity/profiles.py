"""Profiles: the id by which a person is known, that of the earliest identifier of the component.

Pure. Earliest by the order of the records that first named them; of several named by one record, by their text.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from wanamaker_shared.contracts.record import Order


@dataclass(frozen=True, slots=True)
class Naming:
    """The first record that named an identifier, and its type."""

    order: Order
    via: str


@dataclass(frozen=True, slots=True)
class Named:
    """An identifier that was named. `own_profile` is its own id, `profile` that of the person it belongs to."""

    identifier: str
    naming: Naming
    own_profile: str
    profile: str


def eldest(component: Collection[str], named: Mapping[str, Named]) -> Named:
    """The one that gives the component its profile id."""
    return min((named[each] for each in component), key=lambda each: (each.naming.order, each.identifier))
