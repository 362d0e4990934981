"""Deals as rows: those that exist (neither deleted nor merged away)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from wanamaker_shared.contracts.settings import WorkspaceSettings

from ..days import day_of
from ..money import Rate
from ..steps.rates import read_rates
from ..tables import deal


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


def read_rates_of_deal(
    connection: Connection, workspace: str, row: Row[Any], settings: WorkspaceSettings
) -> tuple[Rate, ...]:
    """The rates by which a deal's amount is converted; none where it is not won, needs none or has none."""
    if row.won_at is None or row.currency == settings.currency:
        return ()
    day = day_of(row.won_at, settings.zone)
    return read_rates(connection, workspace, [day]).used(row.currency, settings.currency, day)
