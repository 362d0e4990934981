"""What the runner drives: a projection turns batches of records into rows, inside the transaction it is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection, MetaData

from .port import Batch


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of a batch's records: facts + duplicates + skipped (unknown types) = records."""

    facts: int = 0
    duplicates: int = 0
    skipped: int = 0


class Projection(Protocol):
    """Load → pure core → save (and outbox). Deterministic in the set of records applied so far, whatever their order."""

    @property
    def topics(self) -> tuple[str, ...]: ...

    @property
    def metadata(self) -> MetaData:
        """All tables; verify compares those with `info={"derived": True}`, without columns of `info={"derived": False}`."""
        ...

    @property
    def rules_version(self) -> int:
        """Raised when the same records come to mean other rows; tables made by other rules have to be rebuilt."""
        ...

    def apply(self, connection: Connection, batch: Batch) -> Counts:
        """Take in the batch. Never commits. Raises on a record it cannot read; the runner bisects and sets it aside.

        Keeps nothing of a batch in memory: the transaction may be rolled back, and another process may go on.
        """
        ...
