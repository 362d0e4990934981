"""Amounts in other currencies, noted so that a rate that comes late finds them and `unconverted` can list them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy import delete as delete_from

from wanamaker_shared.service.sql import upsert

from ..tables import foreign_money
from .run import Run

_forget = delete_from(foreign_money).where(
    foreign_money.c.workspace == bindparam("w"), foreign_money.c.owner == bindparam("o")
)


def replace_foreign(run: Run, owners: Iterable[str], rows: Sequence[dict[str, Any]]) -> None:
    """Let these be the foreign amounts of the deals (`<connection>/<id>`) or costs (`spend:<provider>/<key>`) named."""
    gone = [{"w": run.workspace, "o": owner} for owner in owners]
    if gone:
        run.connection.execute(_forget, gone)
    upsert(run.connection, foreign_money, rows)
