"""Identifiers, the pairs between them, and the components these make."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, select

from wanamaker_shared.contracts.record import Order
from wanamaker_shared.service.edges import edge_row
from wanamaker_shared.service.given import given, rows_of
from wanamaker_shared.service.sql import in_bound, upsert

from ..components import Bond, Status
from ..limits import RELEASED
from ..profiles import Named, Naming
from ..sayings import Pair
from ..tables import identifier, pair
from .rows import ORDER, delete_rows, rows_by_key, workspace_is


@dataclass(frozen=True, slots=True)
class StoredPair:
    """A pair that holds. `status` as components.py decided it."""

    pair: Pair
    order: Order
    verdict: str | None
    status: Status

    @property
    def bond(self) -> Bond:
        return Bond(self.order, self.pair, released=self.verdict == RELEASED)


def load_named(connection: Connection, workspace: str, identifiers: Collection[str]) -> dict[str, Named]:
    if not identifiers:
        return {}
    return _named(connection.execute(_BY_IDENTIFIER, {"workspace": workspace, "wanted": identifiers}))


def load_members(connection: Connection, workspace: str, profiles: Collection[str]) -> dict[str, Named]:
    """All identifiers of the people with these profile ids."""
    if not profiles:
        return {}
    return _named(connection.execute(_BY_PROFILE, {"workspace": workspace, "wanted": profiles}))


def save_named(connection: Connection, workspace: str, named: Iterable[Named]) -> None:
    rows = [
        {
            "workspace": workspace,
            "identifier": each.identifier,
            **dict(zip(ORDER, each.naming.order, strict=True)),
            "via": each.naming.via,
            "own_profile": each.own_profile,
            "profile": each.profile,
        }
        for each in named
    ]
    upsert(connection, identifier, rows)


def delete_named(connection: Connection, workspace: str, identifiers: Iterable[str]) -> None:
    delete_rows(connection, identifier, [{"workspace": workspace, "identifier": each} for each in identifiers])


def load_pairs(connection: Connection, workspace: str, pairs: Collection[Pair]) -> dict[Pair, StoredPair]:
    return _pairs(connection, _BY_PAIR, workspace, pairs)


def load_pairs_of_contacts(connection: Connection, workspace: str, contacts: Collection[str]) -> dict[Pair, StoredPair]:
    """The pairs that the contacts' records hold; those of merged contacts are not among them."""
    return _pairs(connection, _OF_CONTACT, workspace, [(each,) for each in contacts])


def load_reachable(
    connection: Connection, workspace: str, seeds: Collection[str]
) -> tuple[set[str], dict[Pair, StoredPair]]:
    """The identifiers that chains of pairs (joined or quarantined, not revoked) lead to from the seeds, and these pairs.

    One pair of statements for each step of the longest chain. Reads the whole potential component.
    """
    reached, frontier = set(seeds), set(seeds)
    found: dict[Pair, StoredPair] = {}
    while frontier:
        wanted = [(each,) for each in frontier]
        found |= _pairs(connection, _LIVE_BY_A, workspace, wanted) | _pairs(connection, _LIVE_BY_B, workspace, wanted)
        frontier = {each for two in found for each in two} - reached
        reached |= frontier
    return reached, found


def load_latest_bonds(connection: Connection, workspace: str, identifiers: Collection[str]) -> dict[str, Order]:
    """Of each identifier the order of the last pair, not revoked, that it stands in."""
    if not identifiers:
        return {}
    wanted = {"workspace": workspace, "given": rows_of((each,) for each in identifiers)}
    latest: dict[str, Order] = {}
    for each, *rows in connection.execute(_LATEST, wanted):
        orders = [Order(*orjson.loads(row)) for row in rows if row is not None]
        if orders:
            latest[each] = max(orders)
    return latest


def save_pairs(connection: Connection, workspace: str, pairs: Iterable[StoredPair]) -> None:
    rows = [
        {
            "workspace": workspace,
            "a": each.pair[0],
            "b": each.pair[1],
            **dict(zip(ORDER, each.order, strict=True)),
            "verdict": each.verdict,
            "status": each.status,
        }
        for each in pairs
    ]
    upsert(connection, pair, rows)


def delete_pairs(connection: Connection, workspace: str, pairs: Iterable[Pair]) -> None:
    delete_rows(connection, pair, [{"workspace": workspace, "a": a, "b": b} for a, b in pairs])


def all_paired(connection: Connection, workspace: str) -> set[str]:
    """Every identifier that stands in a pair that may join."""
    rows = connection.execute(select(pair.c.a, pair.c.b).where(pair.c.workspace == workspace, _LIVE))
    return {each for row in rows for each in row}


_NAMED = [identifier.c[name] for name in ("identifier", *ORDER, "via", "own_profile", "profile")]
_BY_IDENTIFIER = select(*_NAMED).where(workspace_is(identifier), in_bound(identifier.c.identifier, "wanted"))
_BY_PROFILE = select(*_NAMED).where(workspace_is(identifier), in_bound(identifier.c.profile, "wanted"))
_LIVE = pair.c.status != "revoked"
_PAIR = [pair.c[name] for name in ("a", "b", *ORDER, "verdict", "status")]
_BY_PAIR = rows_by_key(pair, ("a", "b"), *_PAIR)
_LIVE_BY_A = rows_by_key(pair, ("a",), *_PAIR).where(_LIVE)
_LIVE_BY_B = rows_by_key(pair, ("b",), *_PAIR).where(_LIVE)
_OF_CONTACT = rows_by_key(pair, ("a",), *_PAIR).where(pair.c.b >= "email:")  # `contact:` < `email:` < `user:`
_wanted = given()
_LATEST = select(
    _wanted.text(0),
    edge_row(_wanted, pair, ("a",), ORDER, last=True, where=[_LIVE]),
    edge_row(_wanted, pair, ("b",), ORDER, last=True, where=[_LIVE]),
).select_from(_wanted.source)


def _named(rows: Iterable[Any]) -> dict[str, Named]:
    return {
        name: Named(name, Naming(Order(at, source, sender, event_id), via), own, profile)
        for name, at, source, sender, event_id, via, own, profile in rows
    }


def _pairs(
    connection: Connection, query: Any, workspace: str, keys: Collection[tuple[str, ...]]
) -> dict[Pair, StoredPair]:
    if not keys:
        return {}
    rows = connection.execute(query, {"workspace": workspace, "given": rows_of(keys)})
    return {(row[0], row[1]): StoredPair((row[0], row[1]), Order(*row[2:6]), row[6], row[7]) for row in rows}
