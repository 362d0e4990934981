"""Which link each slug has, from the records of `tracking-links`, those of a slug in the order of the log.

So of several processes that give one slug away at a moment the first in the log has done it, whatever their clocks say (ADR
0008). What is kept of a link is the reader's choice (`keep`), since the collector needs its URL only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from .contracts.record import Order
from .contracts.tracking_links import LinkCreated, LinkRestored, LinkRetired

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Held(Generic[T]):
    """The link of a slug."""

    slug: str
    workspace: str
    link: T
    created_at: int
    changed: Order
    """The record that made, retired or restored it last."""
    retired: bool = False

    @property
    def changed_at(self) -> int:
        return self.changed.occurred_at


class LinkBook(Generic[T]):
    def __init__(self, keep: Callable[[LinkCreated], T]) -> None:
        self._keep = keep
        self._held: dict[str, Held[T]] = {}

    def __len__(self) -> int:
        return len(self._held)

    def take(self, record: LinkCreated | LinkRetired | LinkRestored) -> None:
        """A record that comes again changes nothing, nor one that is late: an append may be written after it was given up."""
        held = self._held.get(record.slug)
        if isinstance(record, LinkCreated):
            if held is None:
                self._held[record.slug] = Held(
                    record.slug, record.workspace, self._keep(record), record.occurred_at, record.order
                )
        elif held is not None and held.workspace == record.workspace and held.changed < record.order:
            self._held[record.slug] = replace(held, changed=record.order, retired=isinstance(record, LinkRetired))

    def held(self, slug: str) -> Held[T] | None:
        return self._held.get(slug)

    def of(self, workspace: str) -> Iterator[Held[T]]:
        """The workspace's links, in no order."""
        return (held for held in self._held.values() if held.workspace == workspace)
