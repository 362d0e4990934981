"""Short ways to read the oracle's tables in a history of one workspace."""

from __future__ import annotations

from typing import Any

from tests.oracle import Tables

Credit = dict[str, Any]


def revenue(tables: Tables, model: str, deal: str = "generic/D1") -> list[int]:
    """What each touchpoint of a deal's journey earned, in order."""
    parts: list[int] = tables["credits"]["w1", "deal", deal, model]["revenue"]
    return parts


def conversion(tables: Tables, kind: str, key: str) -> dict[str, Any]:
    return tables["conversions"]["w1", kind, key]


def channels(tables: Tables, kind: str, key: str) -> list[str]:
    """The channels of a conversion's journey, in order."""
    return [tables["touchpoints"]["w1", id]["channel"] for id in conversion(tables, kind, key)["journey"]]


def kinds(tables: Tables, kind: str) -> list[str]:
    """The keys of all conversions of a kind."""
    return sorted(key for _, each, key in tables["conversions"] if each == kind)


def roi(tables: Tables, model: str, basis: str, column: str) -> dict[tuple[str, str], int]:
    """(day, channel) -> a column of the credit rows, where it is not zero."""
    sums: dict[tuple[str, str], int] = {}
    for (_, each, dated, day, channel, *_), row in tables["roi_credit"].items():
        if (each, dated) == (model, basis) and row[column]:
            sums[day, channel] = sums.get((day, channel), 0) + row[column]
    return sums


def owners(tables: Tables) -> list[str | None]:
    """The owners of all touchpoints in order of their beginning."""
    rows = sorted(tables["touchpoints"].values(), key=lambda row: row["start_at"])
    return [row["owner"] for row in rows]
