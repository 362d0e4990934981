"""Contacts: whom a CRM contact holds at present.

Pure. Of each property (`email_keys`, `user_ids`) the latest statement by order holds; what it replaced falls away.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from wanamaker_shared.contracts.record import Order


@dataclass(frozen=True, slots=True)
class Value:
    """One record's statement of one property; no identifiers: it was cleared."""

    property: str
    order: Order
    identifiers: tuple[str, ...]


def held(values: Iterable[Value]) -> frozenset[str]:
    """The identifiers in the contact's present record. Later values may be left out only if a still later one is there."""
    latest: dict[str, Value] = {}
    for value in values:
        known = latest.get(value.property)
        if known is None or known.order < value.order:
            latest[value.property] = value
    return frozenset(each for value in latest.values() for each in value.identifiers)
