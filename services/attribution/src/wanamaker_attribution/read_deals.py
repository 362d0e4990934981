"""Deals as rows: those that exist (neither deleted nor merged away)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from .tables import deal


def read_deal(connection: Connection, workspace: str, name: str, deal_id: str) -> Row[Any] | None:
    """The deal of connection `name`."""
    return connection.execute(
        select(deal).where(deal.c.workspace == workspace, deal.c.connection == name, deal.c.deal_id == deal_id)
    ).first()


def read_deals_named(connection: Connection, workspace: str, deal_id: str) -> Sequence[Row[Any]]:
    """The deals with this id, at most one per connection."""
    return connection.execute(
        select(deal).where(deal.c.workspace == workspace, deal.c.deal_id == deal_id).order_by(deal.c.connection)
    ).all()
