"""Starts reconciliations: on demand, and as often as a connection says.

A reconciliation is a chain of questions like any other: each page's answer goes through the inbox, is mapped by its dialect, and
asks for the next page. So it survives restarts, waits as long as the vendor wants, and says what webhooks said with the same ids.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from functools import partial

import structlog
from sqlalchemy import Connection

from wanamaker_shared.service.database import Database
from wanamaker_shared.service.keys import Keyring

from .connections import Connections
from .fetching import Micros, now_micros
from .mapping import page
from .repository.fetches import queue_fetch
from .repository.runs import last_start, read_until, start_run

LISTS: Mapping[str, tuple[str, ...]] = {
    "hubspot": ("deals", "contacts", "companies", "archived"),
    "salesforce": ("opportunities", "contacts", "leads", "accounts", "roles"),
    "pipedrive": ("deals", "archived", "persons", "organizations", "deleted"),
    "zoho": ("Deals", "Contacts", "Leads", "Accounts", "deleted"),
}
"""By CRM what there is to go through; the reader of `<crm>-api` knows how."""

_OVERLAP = timedelta(hours=1) // timedelta(microseconds=1)
"""How far a run reaches behind what is read: what changed while that one read, and clocks that differ."""
_LOOK_SECONDS = 60.0
_HOUR = timedelta(hours=1) // timedelta(microseconds=1)
_log = structlog.get_logger(__name__)


async def start(database: Database, workspace: str, connection: str, crm: str, *, since: int | None, at: int) -> str:
    """Queue the first page of each list; return the run's name. Without `since` it goes on where the runs before left off."""
    await database.write(lambda tx: _start(tx, workspace, connection, crm, since=since, at=at))
    return str(at)


def _start(tx: Connection, workspace: str, connection: str, crm: str, *, since: int | None, at: int) -> None:
    name = str(at)
    begin = since if since is not None else max(0, read_until(tx, workspace, connection) - _OVERLAP)
    start_run(tx, workspace, connection, name, since=begin, at=at, lists=len(LISTS[crm]))
    for of in LISTS[crm]:
        queue_fetch(tx, workspace, connection, page(f"{crm}-api", run=name, of=of, since=str(begin)), due_at=at)


def readable(keyring: Keyring, connections: Connections, workspace: str, connection: str) -> bool:
    """Whether the connection's CRM has an API that we read, and we have access to it."""
    return connections.crm_of(connection) in LISTS and connection in keyring.workspaces[workspace].crm_access


async def run_schedule(
    database: Database, keyring: Keyring, connections: Connections, stop: asyncio.Event, *, clock: Micros = now_micros
) -> None:
    """Start what is due, until `stop`."""
    while not stop.is_set():
        try:
            await start_due(database, keyring, connections, at=clock())
        except Exception as error:  # noqa: BLE001  the loop outlives every outage; each is said
            _log.warning("reconciling was not started", exc_info=error)
        try:
            await asyncio.wait_for(stop.wait(), _LOOK_SECONDS)
        except TimeoutError:
            continue


async def start_due(database: Database, keyring: Keyring, connections: Connections, *, at: int) -> int:
    """Start a run for each connection whose last one began long enough ago; return how many."""
    started = 0
    for workspace, keys in keyring.workspaces.items():
        for connection in keys.crm_access:
            hours = connections.of(connection).reconcile_hours
            if hours is None or not readable(keyring, connections, workspace, connection):
                continue
            crm, pause = connections.crm_of(connection), int(hours * _HOUR)
            started += await database.write(partial(_start_if_due, workspace, connection, crm, pause, at))
    return started


def _start_if_due(workspace: str, connection: str, crm: str, pause: int, at: int, tx: Connection) -> bool:
    last = last_start(tx, workspace, connection)
    due = last is None or last + pause <= at
    if due:
        _start(tx, workspace, connection, crm, since=None, at=at)
    return due
