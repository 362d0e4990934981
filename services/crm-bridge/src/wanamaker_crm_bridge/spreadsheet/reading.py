"""How the cells of a file are read: decided once from all of them, kept with every row, so that a row is read alone later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from .options import Options


@dataclass(frozen=True, slots=True)
class Reading:
    """What a row's cells mean beside their fields."""

    decimal: str | None = None
    date_order: str | None = None
    zone: str | None = None
    currency: str | None = None
    """Of amounts whose row names none."""
    status: str | None = None
    """Of rows that name none."""
    makes_ids: bool = True
    headings: tuple[tuple[str, str], ...] = ()
    """field → heading, for reasons."""

    def heading_of(self, field: str) -> str:
        return dict(self.headings).get(field, "")

    def written(self) -> dict[str, Any]:
        return {**{k: v for k, v in asdict(self).items() if v is not None}, "headings": dict(self.headings)}


def read_reading(value: Mapping[str, Any]) -> Reading:
    """What `written` wrote. Raises KeyError, TypeError, ValueError."""
    headings = tuple((str(field), str(heading)) for field, heading in dict(value["headings"]).items())
    texts = {name: value.get(name) for name in ("decimal", "date_order", "zone", "currency", "status")}
    if not all(text is None or isinstance(text, str) for text in texts.values()):
        raise TypeError("a reading's choices are texts")
    return Reading(**texts, makes_ids=bool(value["makes_ids"]), headings=headings)


def reading_of(options: Options, **found: Any) -> Reading:
    return Reading(zone=options.zone, status=options.status, makes_ids=options.makes_ids, **found)
