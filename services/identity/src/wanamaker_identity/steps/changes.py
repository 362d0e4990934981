"""What a batch changed in a workspace, and by which record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..causes import Cause
from ..links import Link
from ..repository.records import StoredLink
from ..sayings import Pair, Statement


@dataclass(frozen=True, slots=True)
class Change:
    """A record counts now: what it says, and what the one had said in whose place it comes. Links are web events'."""

    cause: Cause
    before: Statement | None
    after: Statement | None
    old_link: StoredLink | None = None
    new_link: Link | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """`new`: identities not known before; all other records of the batch are counted duplicates.

    `decided`: pairs whose decision may be another one. `revised`: the record by which limits may be others.
    """

    new: int
    changes: Sequence[Change] = ()
    decided: Mapping[Pair, Cause] = field(default_factory=dict)
    revised: Cause | None = None

    def __bool__(self) -> bool:
        return bool(self.changes or self.decided or self.revised)
