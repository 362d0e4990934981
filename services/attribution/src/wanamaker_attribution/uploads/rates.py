"""From the rows of a rate upload to the records it appends. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from wanamaker_shared.contracts.rates import RateRecorded
from wanamaker_shared.contracts.record import canonical

from ..schemas.rows import BadRow, BadRows
from ..schemas.uploads import RateRow

SOURCE = "rates"


def rate_records(
    workspace: str, rows: Sequence[RateRow], *, received_at: int, lines: Sequence[int | None]
) -> list[RateRecorded]:
    """One record a row. Raises BadRows naming each that repeats the day and pair of another."""
    first: dict[tuple[str, str, str], int] = {}
    bad: list[BadRow] = []
    for index, row in enumerate(rows):
        its = first.setdefault((row.day, row.base, row.currency), index)
        if its != index:
            place = f"row {its}" if lines[its] is None else f"line {lines[its]}"
            bad.append(BadRow(index, f"has the day, base and currency of {place}", lines[index]))
    if bad:
        raise BadRows(bad)
    return [
        RateRecorded(
            workspace=workspace,
            source=SOURCE,
            event_id=hashlib.sha256(canonical([*key, received_at])).hexdigest(),
            occurred_at=received_at,
            received_at=received_at,
            day=rows[index].day,
            base=rows[index].base,
            currency=rows[index].currency,
            rate=rows[index].rate,
        )
        for key, index in first.items()
    ]
