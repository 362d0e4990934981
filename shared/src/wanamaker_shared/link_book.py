"""Which link each slug has, from the records of `tracking-links`: a pure function of their set, in whatever order they come.

What is kept of a link is the reader's choice (`keep`), since the collector needs its URL only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from .contracts.record import Order
from .contracts.tracking_links import LinkCreated, LinkRestored, LinkRetired

T = TypeVar("T")


class _Claim(NamedTuple):
    """Who asked for a slug and when; the smallest has it."""

    at: int
    workspace: str
    source: str
    event_id: str


@dataclass(frozen=True, slots=True)
class Held(Generic[T]):
    """The link of a slug."""

    slug: str
    workspace: str
    link: T
    created_at: int
    changed_at: int
    """When it was made, retired or restored last."""
    retired: bool


class LinkBook(Generic[T]):
    def __init__(self, keep: Callable[[LinkCreated], T]) -> None:
        self._keep = keep
        self._claims: dict[str, tuple[_Claim, T]] = {}
        self._said: dict[tuple[str, str], tuple[Order, bool]] = {}
        """(workspace, slug) → its latest `link.retired` (True) or `link.restored`."""

    def __len__(self) -> int:
        return len(self._claims)

    def take(self, record: LinkCreated | LinkRetired | LinkRestored) -> None:
        if isinstance(record, LinkCreated):
            claim = _Claim(record.occurred_at, record.workspace, record.source, record.event_id)
            known = self._claims.get(record.slug)
            if known is None or claim < known[0]:
                self._claims[record.slug] = (claim, self._keep(record))
            return
        place = record.workspace, record.slug
        if place not in self._said or record.order > self._said[place][0]:
            self._said[place] = (record.order, isinstance(record, LinkRetired))

    def held(self, slug: str) -> Held[T] | None:
        found = self._claims.get(slug)
        if found is None:
            return None
        claim, link = found
        said = self._said.get((claim.workspace, slug))
        if said is None or said[0].occurred_at < claim.at:
            return Held(slug, claim.workspace, link, claim.at, claim.at, False)
        return Held(slug, claim.workspace, link, claim.at, said[0].occurred_at, said[1])

    def of(self, workspace: str) -> Iterator[Held[T]]:
        """The workspace's links, in no order."""
        for slug, (claim, _) in self._claims.items():
            if claim.workspace == workspace and (held := self.held(slug)) is not None:
                yield held
