"""What made a database's derived tables: their columns and the projection's rules, as one short hash kept beside them.

Tables made by other columns or rules would be mixed with new rows that mean something else. The consumer refuses to go on
in them; `wanamaker rebuild` makes the next generation from the log while the old one serves.
"""

from __future__ import annotations

import hashlib

from sqlalchemy import Column, Connection, Integer, MetaData, Table, Text, select

from ..service.errors import SafeError
from ..service.sql import insert_ignore
from .compare import derived_tables
from .projection import Projection

_META = MetaData()
_made_by = Table(
    "made_by", _META, Column("one", Integer, primary_key=True), Column("fingerprint", Text, nullable=False)
)


class MadeByAnotherVersion(SafeError):
    """The tables are another version's: they have to be rebuilt, which loses nothing."""


def fingerprint(projection: Projection) -> str:
    """Changes with any column of a derived table and with the projection's `rules_version`."""
    columns = [
        f"{table.name}.{column.name} {type(column.type).__name__} {column.nullable} {column.primary_key}"
        for table in derived_tables(projection.metadata)
        for column in table.columns
    ]
    return hashlib.sha256("\n".join([str(projection.rules_version), *columns]).encode()).hexdigest()[:16]


def sign(connection: Connection, projection: Projection) -> None:
    """Note who makes these tables, the first time. Raises MadeByAnotherVersion where somebody else did."""
    wanted = fingerprint(projection)
    _META.create_all(connection)
    insert_ignore(connection, _made_by, [{"one": 1, "fingerprint": wanted}])
    found = connection.scalar(select(_made_by.c.fingerprint))
    if found != wanted:
        raise MadeByAnotherVersion(
            "these tables were made by another version's rules or columns; run `wanamaker rebuild`: it makes the new ones "
            "from the log while the old ones serve, and this process goes on by itself"
        )
