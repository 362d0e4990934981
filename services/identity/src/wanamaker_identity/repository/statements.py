"""What the records that count say of people: added with a record, taken away with it, and looked up by subject."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import orjson
from sqlalchemy import Connection, ScalarSelect, Select, select

from wanamaker_shared.contracts.record import Order, canonical
from wanamaker_shared.service.edges import edge_row
from wanamaker_shared.service.given import given, rows_of
from wanamaker_shared.service.sql import insert_ignore

from ..contacts import Value
from ..profiles import Naming
from ..sayings import Pair, Statement
from ..tables import contact_value, decision, naming, statement
from .rows import ORDER, delete_rows

PROPERTIES = ("email_keys", "user_ids")


def add_statements(connection: Connection, workspace: str, statements: Collection[Statement]) -> None:
    """Nothing changes where they are there already."""
    namings, pairs, values = _rows(workspace, statements)
    insert_ignore(connection, naming, namings)
    insert_ignore(connection, statement, pairs)
    insert_ignore(connection, contact_value, values)


def remove_statements(connection: Connection, workspace: str, statements: Collection[Statement]) -> None:
    for table, rows in zip((naming, statement, contact_value), _rows(workspace, statements), strict=True):
        key = [column.name for column in table.primary_key.columns]
        delete_rows(connection, table, [{name: row[name] for name in key} for row in rows])


def first_namings(connection: Connection, workspace: str, identifiers: Collection[str]) -> dict[str, Naming]:
    """By which record each was named first; those that no record names are not in the answer."""
    found = {}
    for identifier, row in _look_up(connection, _FIRST_NAMING, workspace, [(each,) for each in identifiers]):
        if row is not None:
            *order, via = orjson.loads(row)
            found[identifier] = Naming(Order(*order), via)
    return found


def first_statements(connection: Connection, workspace: str, pairs: Collection[Pair]) -> dict[Pair, Order]:
    """When each pair was stated first; those never stated are not in the answer."""
    rows = _look_up(connection, _FIRST_STATEMENT, workspace, pairs)
    return {(a, b): Order(*orjson.loads(row)) for a, b, row in rows if row is not None}


def present_values(connection: Connection, workspace: str, contacts: Iterable[str]) -> dict[str, list[Value]]:
    """Of each contact the latest statement of each property."""
    wanted = [(contact, name) for contact in contacts for name in PROPERTIES]
    found: dict[str, list[Value]] = {}
    for contact, name, row in _look_up(connection, _LATEST_VALUE, workspace, wanted):
        if row is not None:
            *order, identifiers = orjson.loads(row)
            found.setdefault(contact, []).append(Value(name, Order(*order), tuple(orjson.loads(identifiers))))
    return found


def latest_verdicts(connection: Connection, workspace: str, pairs: Collection[Pair]) -> Mapping[Pair, str]:
    """The decision that holds for each pair (`a` < `b`), of those that were decided upon."""
    rows = _look_up(connection, _LATEST_VERDICT, workspace, pairs)
    return {(a, b): orjson.loads(row)[0] for a, b, row in rows if row is not None}


def _look_up(
    connection: Connection, query: Select[Any], workspace: str, keys: Collection[tuple[str, ...]]
) -> list[Any]:
    return list(connection.execute(query, {"workspace": workspace, "given": rows_of(keys)})) if keys else []


def _rows(workspace: str, statements: Iterable[Statement]) -> tuple[list[dict[str, Any]], ...]:
    namings: list[dict[str, Any]] = []
    pairs: list[dict[str, Any]] = []
    values: list[dict[str, Any]] = []
    for each in statements:
        at = {"workspace": workspace, **dict(zip(ORDER, each.order, strict=True))}
        namings += [{**at, "identifier": name, "via": each.via} for name in each.said.names]
        pairs += [{**at, "a": a, "b": b} for a, b in each.said.pairs]
        values += [
            {**at, "contact": each.said.contact, "property": name, "identifiers": canonical(identifiers).decode()}
            for name, identifiers in each.said.values
        ]
    return namings, pairs, values


_wanted = given()


def _query(keys: int, edge: ScalarSelect[str]) -> Select[Any]:
    columns: list[Any] = [*(_wanted.text(place) for place in range(keys)), edge]
    return select(*columns).select_from(_wanted.source)


_FIRST_NAMING = _query(1, edge_row(_wanted, naming, ("identifier",), (*ORDER, "via")))
_FIRST_STATEMENT = _query(2, edge_row(_wanted, statement, ("a", "b"), ORDER))
_LATEST_VALUE = _query(2, edge_row(_wanted, contact_value, ("contact", "property"), (*ORDER, "identifiers"), last=True))
_LATEST_VERDICT = _query(2, edge_row(_wanted, decision, ("a", "b"), ("verdict",), last=True))
