"""What one batch changes in one workspace: where the steps read from, and what they leave for each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select

from wanamaker_shared.contracts.settings import WorkspaceSettings
from wanamaker_shared.service.given import rows_of

from ..conversions import Measures, Place, no_measures
from ..touchpoints import Touchpoint


class Cause(NamedTuple):
    """The record that made a key dirty; of several in a batch the one received last."""

    received_at: int
    identity: str
    """JSON list"""


ConversionKey = tuple[str, str]
"""(kind, key)"""

DealKey = tuple[str, str]
"""(connection, deal id)"""


@dataclass(frozen=True, slots=True)
class TouchChange:
    """A touchpoint before and after; None where there was or is none."""

    before: Touchpoint | None
    after: Touchpoint | None
    cause: Cause


@dataclass(slots=True)
class Run:
    connection: Connection
    workspace: str
    settings: WorkspaceSettings
    hmac_key: bytes
    now: int
    """Microseconds: when a restatement is written down."""
    keeps_history: bool
    """Whether changes are written down as restatements: not in a replay."""
    revised: bool = False
    """Whether the settings changed, so that what follows from them is written anew even where its source did not change."""
    touches: list[TouchChange] = field(default_factory=list)
    resolved: dict[str, Cause] = field(default_factory=dict)
    """Identifiers whose leads or lifecycle steps changed."""
    profiles: dict[str, Cause] = field(default_factory=dict)
    """Profiles whose members changed."""
    deals: dict[DealKey, Cause] = field(default_factory=dict)
    spends: dict[str, Cause] = field(default_factory=dict)
    """Subjects, `spend:<provider>/<spend key>`."""
    conversions: dict[ConversionKey, Cause] = field(default_factory=dict)
    stated: set[tuple[str, str]] = field(default_factory=set)
    """(subject, property) of which something else was stated about accounts (`accounts.Statement`)."""
    members: set[str] = field(default_factory=set)
    """Profiles whose identifiers are others now, or were first named at another time."""
    free_mail_revised: bool = False
    """Whether other domains count as free mail now."""
    traffic: defaultdict[Place, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0] * 4))
    credits: Measures = field(default_factory=no_measures)
    """Differences of the measures."""

    def row(self, **columns: Any) -> dict[str, Any]:
        return {"workspace": self.workspace, **columns}

    def look_up(
        self, statement: Select[Any], wanted: Iterable[Sequence[str | int]], **parameters: Any
    ) -> Sequence[Any]:
        """What a statement over a `given` list finds of this workspace; of an empty list nothing, at no cost."""
        rows = list(wanted)
        if not rows:
            return ()
        bound = {"workspace": self.workspace, "given": rows_of(rows), **parameters}
        return self.connection.execute(statement, bound).all()


def mark(dirty: dict[Any, Cause], keys: Iterable[Any], cause: Cause) -> None:
    """Make keys dirty, or dirty by this cause too."""
    for key in keys:
        dirty[key] = max(dirty.get(key, cause), cause)
