"""Keeps open what CRMs tell us by: channels that end by themselves, opened at first and renewed well before their end.

Runs in `serve`. Each channel has a row in the database, so that neither a restart nor a second process opens it again without
need; whose renewal fails is tried again soon, while the old one still runs.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import partial
from typing import Protocol

import structlog

from wanamaker_shared.service.database import Database
from wanamaker_shared.service.errors import describe
from wanamaker_shared.service.keys import Keyring
from wanamaker_shared.service.metrics import CRM_WATCH_END, CRM_WATCHES

from .connections import Connections
from .fetching import Micros, now_micros
from .readers.answers import ApiRefused
from .readers.api import Apis
from .readers.zoho_channel import open_channel
from .repository.watches import Lease, end_of, lease_watch, postpone_watch, renewed

RUNS = timedelta(days=6, hours=23)
"""How long a channel is asked for. Zoho gives a week at most, and our clock may be ahead a little."""
RENEW_AFTER = timedelta(days=1)
"""How long after it was opened it is renewed: most of the week is left to repair what keeps it from being renewed. What the CRM
gave for a shorter time is renewed in the middle of it."""

_LEASE = timedelta(minutes=10)
_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=1)
_LOOK_SECONDS = 60.0
_log = structlog.get_logger(__name__)


class Opens(Protocol):
    """Opens a CRM's channel or prolongs it, until `ends_at` (microseconds), and says until when the CRM will keep it.

    Raises whatever went wrong.
    """

    async def __call__(
        self, apis: Apis, workspace: str, connection: str, *, url: str, token: str, ends_at: int
    ) -> int: ...


OPENS: Mapping[str, Opens] = {"zoho": open_channel}
"""By CRM; others tell us until they are told to stop."""


async def run_watching(
    database: Database,
    apis: Apis,
    keyring: Keyring,
    connections: Connections,
    stop: asyncio.Event,
    *,
    clock: Micros = now_micros,
) -> None:
    """Renew what is due, until `stop`."""
    while not stop.is_set():
        try:
            await renew_due(database, apis, keyring, connections, at=clock())
        except Exception as error:  # noqa: BLE001  the loop outlives every outage; each is said
            _log.warning("channels were not looked at", exc_info=error)
        try:
            await asyncio.wait_for(stop.wait(), _LOOK_SECONDS)
        except TimeoutError:
            continue


async def renew_due(database: Database, apis: Apis, keyring: Keyring, connections: Connections, *, at: int) -> int:
    """Open or renew each channel that is due and not in somebody else's hands; return how many are open now."""
    opened = 0
    watched = list(_watched(keyring, connections))
    for workspace, connection in watched:
        wanted = _wanted(keyring, connections, workspace, connection)
        lease = partial(
            lease_watch,
            workspace=workspace,
            source=connection,
            wanted=wanted,
            now=at,
            until=at + _of(_LEASE),
            latest=at + _of(RENEW_AFTER + _LONGEST_WAIT),
        )
        attempts = await database.write(lease)
        if attempts is not None:
            opened += await _renew(database, apis, keyring, connections, (workspace, connection), attempts, at)
    ends = [await database.read(partial(end_of, workspace=each, source=source)) for each, source in watched]
    if watched:
        CRM_WATCH_END.set(min(end or 0 for end in ends) / 1_000_000)
    return opened


async def _renew(
    database: Database,
    apis: Apis,
    keyring: Keyring,
    connections: Connections,
    whose: tuple[str, str],
    attempts: int,
    at: int,
) -> bool:
    workspace, connection = whose
    lease = Lease(workspace, connection, at + _of(_LEASE))
    try:
        url, token = connections.of(connection).url, keyring.workspaces[workspace].webhooks.get(connection, ())
        if url is None:
            raise ApiRefused(f"connections.toml has no url for {connection}: the address that the CRM is to call")
        if not token:
            raise ApiRefused(f"keys.json has no webhook secret for {connection}: what the CRM is to say")
        ends_at = await OPENS[connections.crm_of(connection)](
            apis, workspace, connection, url=url, token=token[0], ends_at=at + _of(RUNS)
        )
    except Exception as error:  # noqa: BLE001  a CRM's API may fail in any way; it is tried again
        wait = min(_FIRST_WAIT * 2 ** min(attempts - 1, 10), _LONGEST_WAIT)
        ends = await database.read(partial(end_of, workspace=workspace, source=connection))
        state = (
            "none" if ends is None else "running" if ends > at else "ended; wanamaker reconcile tells what it missed"
        )
        _log.warning("channel not renewed", connection=connection, channel=state, attempt=attempts, why=describe(error))
        CRM_WATCHES.labels("failed").inc()
        await database.write(partial(postpone_watch, lease=lease, due_at=at + _of(wait)))
        return False
    CRM_WATCHES.labels("renewed").inc()
    due_in = min(max((ends_at - at) // 2, _of(_LEASE)), _of(RENEW_AFTER))
    await database.write(partial(renewed, lease=lease, ends_at=ends_at, due_at=at + due_in))
    return True


def _watched(keyring: Keyring, connections: Connections) -> Iterator[tuple[str, str]]:
    """The connections whose CRM has channels, and to whose API we have access."""
    for workspace, keys in keyring.workspaces.items():
        for connection in keys.crm_access:
            if connections.crm_of(connection) in OPENS:
                yield workspace, connection


def _wanted(keyring: Keyring, connections: Connections, workspace: str, connection: str) -> str:
    """Names what is asked of the CRM, without telling it."""
    keys = keyring.workspaces[workspace]
    said = "\n".join([connections.of(connection).url or "", *keys.webhooks.get(connection, ())[:1]])
    return hashlib.sha256(f"{keys.workspace_key}\n{said}".encode()).hexdigest()


def _of(duration: timedelta) -> int:
    return duration // timedelta(microseconds=1)
