"""Step 8, ROI: add the batch's differences to the tables. A row whose measures are all zero does not exist."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, bindparam, text
from sqlalchemy import delete as delete_from

from wanamaker_shared.service.sql import add_up

from ..conversions import Place
from ..tables import CREDIT_MEASURES, DIMENSIONS, TRAFFIC_MEASURES, roi_credit, roi_traffic
from .run import Run

# The condition is the text of the partial index `…_empty`, so that finding the rows costs nothing.
_forget_empty = {
    table: delete_from(table).where(
        table.c.workspace == bindparam("w"), text(" AND ".join(f"{name} = 0" for name in measures))
    )
    for table, measures in ((roi_credit, CREDIT_MEASURES), (roi_traffic, TRAFFIC_MEASURES))
}


def count_sessions(run: Run) -> None:
    """Note what changed touchpoints add to the sessions of their day and channel."""
    for change in run.touches:
        before, after = _place(change.before), _place(change.after)
        if before != after:
            if before is not None:
                run.traffic[before][0] -= 1
            if after is not None:
                run.traffic[after][0] += 1


def settle_roi(run: Run) -> None:
    """Write the differences."""
    _add(run, roi_traffic, (), TRAFFIC_MEASURES, {(): run.traffic})
    _add(run, roi_credit, ("model", "basis"), CREDIT_MEASURES, run.credits)


def _place(row: Any) -> Place | None:
    return None if row is None else (row.day, row.channel, row.source, row.medium, row.campaign)


def _add(run: Run, table: Table, names: tuple[str, ...], measures: tuple[str, ...], differences: Any) -> None:
    rows = [
        (run.workspace, *key, *place, *values)
        for key, by_place in differences.items()
        for place, values in by_place.items()
        if any(values)
    ]
    if rows:
        add_up(run.connection, table, ("workspace", *names, "day", *DIMENSIONS, *measures), rows, measures)
        run.connection.execute(_forget_empty[table], {"w": run.workspace})
