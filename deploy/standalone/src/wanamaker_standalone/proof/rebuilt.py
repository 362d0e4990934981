"""What verify and rebuild must know of a service whose tables come from the log alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import Table

from wanamaker_shared.eventlog.projection import Projection
from wanamaker_shared.service.keys import Keyring


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """`projection` makes a generation's projection for a replay; `history` are tables written once, which are not derived:
    the next generation takes them over from the live one."""

    projection: Callable[[Keyring, int], Projection]
    history: tuple[Table, ...] = ()


Services = Mapping[str, Rebuilt]
"""By name, in the order the data flows."""
