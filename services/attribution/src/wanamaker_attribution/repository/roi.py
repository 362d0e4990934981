"""What the ROI report reads: its facts, from sums where they suffice, and the money that has no rate."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, func, select

from ..reports.facts import Fact
from ..reports.question import Question
from ..tables import TRAFFIC_MEASURES, foreign_money
from .fine import read_fine_facts
from .sums import read_credits, read_traffic, within


def read_facts(connection: Connection, workspace: str, question: Question) -> Iterator[Fact]:
    """All facts that the question asks for, as coarse as its groups allow."""
    if question.fine:
        yield from read_fine_facts(connection, workspace, question)
    else:
        yield from read_credits(connection, workspace, question)
        yield from read_traffic(connection, workspace, question, TRAFFIC_MEASURES)


def read_unconverted(connection: Connection, workspace: str, question: Question) -> list[dict[str, Any]]:
    """Money without a known rate, by currency, in its own minor units."""
    table = foreign_money
    statement = (
        select(table.c.currency, table.c.kind, func.count(), func.sum(table.c.native_minor))
        .where(table.c.workspace == workspace, table.c.minor.is_(None), *within(table, question))
        .group_by(table.c.currency, table.c.kind)
    )
    found: dict[str, dict[str, Any]] = {}
    for currency, kind, number, native in connection.execute(statement):
        its = found.setdefault(currency, {"currency": currency, "deals": 0, "revenue_minor": 0, "spend_minor": 0})
        if kind == "deal":
            its["deals"] += number
        its["spend_minor" if kind == "spend" else "revenue_minor"] += int(native)
    return [found[currency] for currency in sorted(found)]
