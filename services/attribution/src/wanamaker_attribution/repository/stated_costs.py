"""What earlier exports said of some days, as far as it was consumed: of each cost the latest record."""

from __future__ import annotations

from typing import Any

import orjson
from sqlalchemy import Connection, select

from ..days import days_before
from ..steps.spend import subject_of
from ..tables import fact

_AT_ONCE = 1_000


def read_stated_costs(
    connection: Connection, workspace: str, provider: str, first: str, last: str
) -> list[dict[str, Any]]:
    """Records of `spend.revised` whose keys begin with one of these days, as those of exports do."""
    statement = (
        select(fact.c.subject, fact.c.body)
        .where(
            fact.c.workspace == workspace,
            fact.c.subject >= subject_of(provider, first),
            fact.c.subject < subject_of(provider, days_before(last, -1)),
            fact.c.topic == "ad-spend",
        )
        .order_by(fact.c.subject, fact.c.at, fact.c.record_source, fact.c.event_id)
    )
    latest: dict[str, str] = {}
    for subject, body in connection.execute(statement, execution_options={"yield_per": _AT_ONCE}):
        latest[subject] = body  # the same days are exported again and again: only the last of each is kept in memory
    return [orjson.loads(body) for body in latest.values()]
